package io.toolgate.internal.codec;

import io.toolgate.ResultCodec;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The built-in codecs, which need no library. */
public final class Codecs {
    private Codecs() {}

    /**
     * The fingerprint of a text: its UTF-16, since a charset would map different unpaired surrogates to the same
     * replacement.
     */
    public static byte[] textFingerprint(@Nullable String text) {
        if (text == null) {
            return new byte[] {0};
        }
        ByteBuffer bytes =
                ByteBuffer.allocate(1 + text.length() * Character.BYTES).put((byte) 1);
        bytes.asCharBuffer().put(text);
        return bytes.array();
    }

    /** Strings as UTF-8. */
    public static final ResultCodec<String> TEXT = new ResultCodec<>() {
        @Override
        public String id() {
            return "text/1";
        }

        // An encoder fails on unpaired surrogates; String.getBytes would replace them and store another text.
        @Override
        public byte[] encode(String result) throws CharacterCodingException {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(result));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        }

        @Override
        public String decode(byte[] bytes) throws CharacterCodingException {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        }
    };

    /** Bytes as they are; the payload copies them. */
    public static final ResultCodec<byte[]> BYTES = new ResultCodec<>() {
        @Override
        public String id() {
            return "bytes/1";
        }

        @Override
        public byte[] encode(byte[] result) {
            return result;
        }

        @Override
        public byte[] decode(byte[] bytes) {
            return bytes;
        }
    };

    /** No result: the only value is null, which is stored without a codec. */
    public static final ResultCodec<@Nullable Void> NOTHING = new ResultCodec<>() {
        @Override
        public String id() {
            return "void/1";
        }

        @Override
        public byte[] encode(@Nullable Void result) {
            return new byte[0];
        }

        @SuppressWarnings("NullAway") // Null is the only value of the type.
        @Override
        public @Nullable Void decode(byte[] bytes) {
            return null;
        }
    };
}
