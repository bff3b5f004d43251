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
 * How far a key has come, as a {@link Watch} tells it: its record at one version, and nothing that came after that.
 *
 * @param state where the record stands
 * @param fence the number of its latest attempt; never goes back within a watch
 * @param version of the record; grows from one telling to the next
 * @param checkpoints what attempts left with {@link Attempt#checkpoint(String, byte[])} in the present life of the key, by
 *     name, in the order in which they were left. While marks are left quickly, one that took the place of another may be
 *     shown a telling later
 * @param at when the record came to this state or, while it is in progress, was given its latest mark; by the store's clock
 */
public record Progress(RecordState state, long fence, long version, Map<String, Payload> checkpoints, Instant at) {

    /** Takes a copy. */
    public Progress {
        Preconditions.notNull(state, "state");
        checkpoints = Collections.unmodifiableMap(new LinkedHashMap<>(checkpoints));
        Preconditions.notNull(at, "at");
    }

    /** The bytes of the checkpoint of this name, if there is one. */
    public Optional<byte[]> checkpoint(String name) {
        Payload value = checkpoints.get(Preconditions.notNull(name, "name"));
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value.bytes());
    }
}
