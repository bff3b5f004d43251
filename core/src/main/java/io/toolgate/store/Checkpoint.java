package io.toolgate.store;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.internal.base.Preconditions;
import java.time.Instant;

/**
 * How far a run came: a named value that one attempt left durably for those after it. Of each name a record keeps the latest.
 *
 * @param name what it is called; unique in its record
 * @param value what was left
 * @param fence of the attempt that left it
 * @param version of the record that leaving it made
 * @param at when, by the store's clock
 */
public record Checkpoint(String name, Payload value, long fence, long version, Instant at) {
    /**
     * Returns {@code name} if it can be that of a checkpoint.
     *
     * @throws IllegalArgumentException if it is not 1 to 255 bytes of well-formed text without NUL
     */
    @CanIgnoreReturnValue
    public static String checkName(String name) {
        return Preconditions.identifier(name, "checkpoint name");
    }
}
