package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Snapshot of a key's record at one version, as a {@link Watch} delivers it. Immutable.
 *
 * @param state the record's state
 * @param fence the number of the latest attempt; never decreases within a watch
 * @param version the record's version; strictly increases from one snapshot to the next
 * @param checkpoints the checkpoints that attempts of the present record wrote with
 *     {@link Attempt#checkpoint(String, byte[])}, by name, in the order in which they were written. While checkpoints
 *     are written in quick succession, one that replaced another may appear one snapshot later
 * @param at when the record entered this state or, while it is in progress, when its latest checkpoint was written; by
 *     the store's clock
 */
public record Progress(RecordState state, long fence, long version, Map<String, Payload> checkpoints, Instant at) {

    /** Copies the map of checkpoints. */
    public Progress {
        Preconditions.notNull(state, "state");
        checkpoints = Collections.unmodifiableMap(new LinkedHashMap<>(checkpoints));
        Preconditions.notNull(at, "at");
    }

    /** Returns the bytes of the checkpoint of this name; empty if there is none, or if its value is null. */
    public Optional<byte[]> checkpoint(String name) {
        Payload value = checkpoints.get(Preconditions.notNull(name, "name"));
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value.bytes());
    }
}
