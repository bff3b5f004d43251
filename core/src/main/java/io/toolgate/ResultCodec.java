package io.toolgate;

import io.toolgate.internal.codec.Codecs;
import org.jspecify.annotations.Nullable;

/**
 * Turns an action's results into bytes and back. It never sees null, which is stored as such. Implementations are safe
 * for use by many threads. If one throws after the effect, the record is finished as "done, result unavailable"; nothing
 * is run again on that account. What the message of such an exception says is logged and stored: keep results out of it.
 *
 * <p>The runtime calls the methods that are given a {@link ResultContext}. Most codecs have no use for it and leave them as
 * they are; one that wraps another must pass it on.
 */
public interface ResultCodec<R extends @Nullable Object> {
    /** Names the encoding and its version, such as {@code json/1}; stored with every result, and compared before decoding. */
    String id();

    /** The bytes of {@code result}. */
    byte[] encode(R result) throws Exception;

    /** The result that {@code bytes} stand for. */
    R decode(byte[] bytes) throws Exception;

    /** Whether this codec decodes what was stored under {@code codecId}; without this, what was stored under its own. */
    default boolean reads(String codecId) {
        return id().equals(codecId);
    }

    /** The bytes of {@code result}, which are to be stored at {@code context}. */
    default byte[] encode(R result, ResultContext context) throws Exception {
        return encode(result);
    }

    /**
     * The result that {@code bytes} stand for.
     *
     * @param codecId the id under which they are stored, one that this codec {@link #reads}
     * @param context where they are stored
     */
    default R decode(byte[] bytes, String codecId, ResultContext context) throws Exception {
        return decode(bytes);
    }

    /** Strings as UTF-8. Refuses unpaired surrogates, which UTF-8 cannot hold, rather than replacing them. */
    static ResultCodec<String> text() {
        return Codecs.TEXT;
    }

    /** Byte arrays as they are. */
    static ResultCodec<byte[]> bytes() {
        return Codecs.BYTES;
    }

    /** For actions that return nothing: stores that they are done. */
    static ResultCodec<@Nullable Void> nothing() {
        return Codecs.NOTHING;
    }
}
