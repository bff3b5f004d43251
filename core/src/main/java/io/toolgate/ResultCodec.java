package io.toolgate;

import io.toolgate.internal.codec.Codecs;
import org.jspecify.annotations.Nullable;

/**
 * Encoder and decoder of an action's results. It is never called with null, which is stored as such. If it throws after
 * the effect, the record is completed as "done, result unavailable", and the action does not run again. The exception's
 * message is logged and stored: keep results out of it, or {@linkplain PaidAction.Builder#redact redact} it. The caller
 * that ran is given what {@code decode} makes of the stored bytes, as all later ones; a null from it means that they
 * cannot be decoded. Inputs that are {@linkplain PaidAction.Builder#remembering remembered} are encoded likewise.
 * Implementations must be thread-safe.
 *
 * <p>The runtime calls the methods with a {@link ResultContext}. Most codecs do not need it and inherit these methods;
 * a codec that wraps another must override them and pass the context on.
 */
public interface ResultCodec<R extends @Nullable Object> {
    /**
     * The name and version of the encoding, such as {@code json/1}; stored with every result and compared before
     * decoding.
     */
    String id();

    /** Returns the bytes of {@code result}. */
    byte[] encode(R result) throws Exception;

    /** Returns the result that {@code bytes} encode. */
    R decode(byte[] bytes) throws Exception;

    /** Whether this codec decodes results stored under {@code codecId}. Default: those stored under its own id. */
    default boolean reads(String codecId) {
        return id().equals(codecId);
    }

    /** Returns the bytes of {@code result}, to be stored at {@code context}. */
    default byte[] encode(R result, ResultContext context) throws Exception {
        return encode(result);
    }

    /**
     * Returns the result that {@code bytes} encode.
     *
     * @param codecId the id under which the bytes are stored, one that this codec {@link #reads}
     * @param context the place where the bytes are stored
     */
    default R decode(byte[] bytes, String codecId, ResultContext context) throws Exception {
        return decode(bytes);
    }

    /**
     * A codec of strings as UTF-8. Refuses unpaired surrogates, which UTF-8 cannot encode, instead of replacing them.
     */
    static ResultCodec<String> text() {
        return Codecs.TEXT;
    }

    /** A codec of byte arrays, stored unchanged. */
    static ResultCodec<byte[]> bytes() {
        return Codecs.BYTES;
    }

    /** A codec for actions without a result: stores only that they completed. */
    static ResultCodec<@Nullable Void> nothing() {
        return Codecs.NOTHING;
    }
}
