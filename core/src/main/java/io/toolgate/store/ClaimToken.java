package io.toolgate.store;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * The random 128-bit secret of one claim, by which a store tells its owner from every other. Two claims never share one.
 *
 * @param high the first eight bytes
 * @param low the last eight bytes
 */
public record ClaimToken(long high, long low) {

    /**
     * Draws a fresh token. The source must not repeat itself after a virtual machine is cloned or restored, so pass one
     * that the operating system feeds.
     */
    public static ClaimToken random(SecureRandom source) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES);
        source.nextBytes(bytes.array());
        return new ClaimToken(bytes.getLong(), bytes.getLong());
    }

    /** The token as the 16 bytes of a UUID, for columns of that type. All 128 bits are random. */
    public UUID toUuid() {
        return new UUID(high, low);
    }

    /** The token that {@link #toUuid()} gave. */
    public static ClaimToken of(UUID uuid) {
        return new ClaimToken(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }

    /** Shows the first four bytes only: a whole token would let a reader of logs end somebody's run. */
    @Override
    public String toString() {
        return String.format("ClaimToken[%08x…]", high >>> 32);
    }
}
