package io.toolgate.store;

import io.toolgate.Failure;
import io.toolgate.internal.base.Preconditions;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a completed run leaves in the store, in one of three forms: the bytes of its result; the null result, which is a
 * result like any other; or the statement that it is done but its result is unavailable. Immutable, compared by content.
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

    /** A result as {@code codec} encoded it. The bytes are copied. */
    public static Payload of(String codec, byte[] bytes) {
        return new Payload(
                Preconditions.identifier(codec, "codec id"),
                Preconditions.notNull(bytes, "bytes").clone(),
                null);
    }

    /** The null result of an action whose results {@code codec} encodes. */
    public static Payload ofNull(String codec) {
        return new Payload(Preconditions.identifier(codec, "codec id"), null, null);
    }

    /** "Done, result unavailable": the effect happened, and {@code reason} says why nobody can be given its result. */
    public static Payload unavailable(Failure reason) {
        return new Payload(null, null, Preconditions.notNull(reason, "reason"));
    }

    /** Whether there is a result, be it null. */
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
            throw new IllegalStateException("an unavailable result has no codec; ask isAvailable() first");
        }
        return codec;
    }

    /**
     * A copy of the result's bytes.
     *
     * @throws IllegalStateException if the result is null or unavailable
     */
    public byte[] bytes() {
        if (bytes == null) {
            throw new IllegalStateException("this payload has no bytes; ask isAvailable() and isNull() first");
        }
        return bytes.clone();
    }

    /** The number of bytes of the result; 0 for a null or unavailable one. */
    public int size() {
        return bytes == null ? 0 : bytes.length;
    }

    /**
     * Why the result is unavailable.
     *
     * @throws IllegalStateException if it is available
     */
    public Failure reason() {
        if (unavailable == null) {
            throw new IllegalStateException("this result is available; ask isAvailable() first");
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

    /** Names the form, the codec and the size; never the content. */
    @Override
    public String toString() {
        if (unavailable != null) {
            return "Payload[unavailable: " + unavailable.code() + "]";
        }
        return "Payload[" + codec + ", " + (bytes == null ? "null" : bytes.length + " bytes") + "]";
    }
}
