package io.toolgate;

import io.toolgate.internal.Codecs;
import org.jspecify.annotations.Nullable;

/**
 * Turns an action's results into bytes and back. It never sees null, which is stored as such. Implementations are safe
 * for use by many threads. If one throws after the effect, the record is finished as "done, result unavailable"; nothing
 * is run again on that account.
 */
public interface ResultCodec<R extends @Nullable Object> {
    /** Names the encoding and its version, such as {@code json/1}; stored with every result, and compared before decoding. */
    String id();

    /** The bytes of {@code result}. */
    byte[] encode(R result) throws Exception;

    /** The result that {@code bytes} stand for. */
    R decode(byte[] bytes) throws Exception;

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
