package io.toolgate.store;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * The random 128-bit secret of one claim, by which a store recognises its owner. No two claims have the same.
 * Immutable.
 *
 * @param high the first eight bytes
 * @param low the last eight bytes
 */
public record ClaimToken(long high, long low) {

    /**
     * Draws a fresh token. Pass a source that is fed by the operating system, which does not repeat its values after a
     * virtual machine was cloned or restored.
     */
    public static ClaimToken random(SecureRandom source) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES);
        source.nextBytes(bytes.array());
        return new ClaimToken(bytes.getLong(), bytes.getLong());
    }

    /** Returns the token as a UUID, for columns of that type. All 128 bits are random. */
    public UUID toUuid() {
        return new UUID(high, low);
    }

    /** Returns the token whose {@link #toUuid()} is {@code uuid}. */
    public static ClaimToken of(UUID uuid) {
        return new ClaimToken(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }

    /** Shows the first four bytes only: with a whole token, a reader of logs could complete another process's run. */
    @Override
    public String toString() {
        return String.format("ClaimToken[%08x…]", high >>> 32);
    }
}
