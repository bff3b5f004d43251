package io.toolgate.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 of the canonical bytes of an input. Calls with the same key must have equal fingerprints. Immutable.
 */
public final class InputFingerprint {
    /** The length in bytes. */
    public static final int BYTES = 32;

    private final byte[] bytes;

    private InputFingerprint(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns the fingerprint of an input whose canonical form is {@code canonical}. */
    public static InputFingerprint ofCanonical(byte[] canonical) {
        try {
            return new InputFingerprint(MessageDigest.getInstance("SHA-256").digest(canonical));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Returns the fingerprint with these stored bytes.
     *
     * @throws IllegalArgumentException if there are not exactly 32
     */
    public static InputFingerprint ofStored(byte[] stored) {
        if (stored.length != BYTES) {
            throw new IllegalArgumentException("a fingerprint has " + BYTES + " bytes, not " + stored.length);
        }
        return new InputFingerprint(stored.clone());
    }

    /** Returns a copy of the 32 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof InputFingerprint that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "InputFingerprint[" + HexFormat.of().formatHex(bytes, 0, 8) + "…]";
    }
}
