package io.toolgate;

/** Codec made of an id and two functions, which may break the contract of a codec. */
record TestCodec<R>(String id, Encoder<R> encoder, Decoder<R> decoder) implements ResultCodec<R> {
    interface Encoder<R> {
        byte[] encode(R result) throws Exception;
    }

    interface Decoder<R> {
        R decode(byte[] bytes) throws Exception;
    }

    @Override
    public byte[] encode(R result) throws Exception {
        return encoder.encode(result);
    }

    @Override
    public R decode(byte[] bytes) throws Exception {
        return decoder.decode(bytes);
    }
}
