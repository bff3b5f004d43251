package io.toolgate.store;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.internal.base.CheckpointNames;
import io.toolgate.internal.base.Preconditions;
import java.time.Instant;

/**
 * Named value that an attempt stored as durable progress, for later attempts, probes and watchers. A record keeps the
 * latest of each name. Immutable.
 *
 * @param name the name, unique in the record
 * @param value the value
 * @param fence the fence of the attempt that wrote it
 * @param version the version of the record that the write created
 * @param at when it was written, by the store's clock
 */
public record Checkpoint(String name, Payload value, long fence, long version, Instant at) {
    /**
     * The name of the checkpoint that a claim itself writes: the encoded input that it {@linkplain ClaimRequest#input
     * carries}. It creates no version, and has that of the claim.
     */
    public static final String INPUT = CheckpointNames.RUNTIME + "input";

    /**
     * Returns {@code name} if it is a valid name of a checkpoint.
     *
     * @throws IllegalArgumentException if it is not 1 to 255 bytes of well-formed UTF-8 without NUL
     */
    @CanIgnoreReturnValue
    public static String checkName(String name) {
        return Preconditions.identifier(name, "checkpoint name");
    }
}
