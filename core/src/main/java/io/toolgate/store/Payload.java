package io.toolgate.store;

import io.toolgate.Failure;
import io.toolgate.internal.base.Preconditions;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Stored result of a completed run, in one of three forms: the encoded bytes; null, which is a result like any other;
 * or "done, result unavailable" with the reason. In the first two forms also the value of a checkpoint, or a remembered
 * input. Immutable; equal if the contents are.
 */
public final class Payload {
    private final @Nullable String codec;
    private final byte @Nullable [] bytes;
    private final @Nullable Failure unavailable;

    private Payload(@Nullable String codec, byte @Nullable [] bytes, @Nullable Failure unavailable) {
        this.codec = codec;
        this.bytes = bytes;
        this.unavailable = unavailable;
    }

    /** Returns a result as {@code codec} encoded it. The bytes are copied. */
    public static Payload of(String codec, byte[] bytes) {
        return new Payload(
                Preconditions.identifier(codec, "codec id"),
                Preconditions.notNull(bytes, "bytes").clone(),
                null);
    }

    /** Returns the null result of an action whose results {@code codec} encodes. */
    public static Payload ofNull(String codec) {
        return new Payload(Preconditions.identifier(codec, "codec id"), null, null);
    }

    /**
     * Returns "done, result unavailable": the effect happened, and {@code reason} says why its result cannot be given.
     */
    public static Payload unavailable(Failure reason) {
        return new Payload(null, null, Preconditions.notNull(reason, "reason"));
    }

    /** Whether there is a result, null included. */
    public boolean isAvailable() {
        return unavailable == null;
    }

    /** Whether the result is null. */
    public boolean isNull() {
        return isAvailable() && bytes == null;
    }

    /**
     * The id of the codec that encoded the result.
     *
     * @throws IllegalStateException if the result is unavailable
     */
    public String codec() {
        if (codec == null) {
            throw new IllegalStateException("an unavailable result has no codec; check isAvailable() first");
        }
        return codec;
    }

    /**
     * Returns a copy of the result's bytes.
     *
     * @throws IllegalStateException if the result is null or unavailable
     */
    public byte[] bytes() {
        if (bytes == null) {
            throw new IllegalStateException("this payload has no bytes; check isAvailable() and isNull() first");
        }
        return bytes.clone();
    }

    /** The size of the result in bytes; 0 if it is null or unavailable. */
    public int size() {
        return bytes == null ? 0 : bytes.length;
    }

    /**
     * The reason why the result is unavailable.
     *
     * @throws IllegalStateException if it is available
     */
    public Failure reason() {
        if (unavailable == null) {
            throw new IllegalStateException("this result is available; check isAvailable() first");
        }
        return unavailable;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Payload that
                && Objects.equals(codec, that.codec)
                && Arrays.equals(bytes, that.bytes)
                && Objects.equals(unavailable, that.unavailable);
    }

    @Override
    public int hashCode() {
        return Objects.hash(codec, Arrays.hashCode(bytes), unavailable);
    }

    /** Shows the form, the codec and the size, never the content. */
    @Override
    public String toString() {
        if (unavailable != null) {
            return "Payload[unavailable: " + unavailable.code() + "]";
        }
        return "Payload[" + codec + ", " + (bytes == null ? "null" : bytes.length + " bytes") + "]";
    }
}
