package io.toolgate.internal.codec;

import io.toolgate.ResultCodec;
import io.toolgate.ResultContext;
import io.toolgate.internal.base.Redaction;
import org.jspecify.annotations.Nullable;

/** A codec whose exceptions are redacted: their messages are stored and logged. */
public final class RedactedCodec<R extends @Nullable Object> implements ResultCodec<R> {
    private final ResultCodec<R> inner;
    private final Redaction redaction;

    private RedactedCodec(ResultCodec<R> inner, Redaction redaction) {
        this.inner = inner;
        this.redaction = redaction;
    }

    /** {@code inner}, with exceptions as {@code redaction} lets them be written. */
    public static <R extends @Nullable Object> ResultCodec<R> of(ResultCodec<R> inner, Redaction redaction) {
        return redaction.isNone() ? inner : new RedactedCodec<>(inner, redaction);
    }

    @Override
    public String id() {
        return inner.id();
    }

    @Override
    public boolean reads(String codecId) {
        return inner.reads(codecId);
    }

    @Override
    public byte[] encode(R result) throws Exception {
        try {
            return inner.encode(result);
        } catch (Throwable e) {
            throw redaction.redacted(e);
        }
    }

    @Override
    public byte[] encode(R result, ResultContext context) throws Exception {
        try {
            return inner.encode(result, context);
        } catch (Throwable e) {
            throw redaction.redacted(e);
        }
    }

    @Override
    public R decode(byte[] bytes) throws Exception {
        try {
            return inner.decode(bytes);
        } catch (Throwable e) {
            throw redaction.redacted(e);
        }
    }

    @Override
    public R decode(byte[] bytes, String codecId, ResultContext context) throws Exception {
        try {
            return inner.decode(bytes, codecId, context);
        } catch (Throwable e) {
            throw redaction.redacted(e);
        }
    }
}
