package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.codec.AesGcmFormat;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Results encrypted at rest: the bytes of another codec under AES-GCM, tied to the record and the part of it that they belong
 * to. Bytes that were changed, or moved to another record or part, are not decoded. Immutable and safe for use by many threads.
 *
 * <p>Whatever fails here fails after the effect, and makes the result unavailable; the action is not run again. The reason says
 * which it was: the key service, an id without a key, a key that does not fit, bytes that are cut off or of another format, or
 * bytes that the key did not write at this place, be they changed, moved, or under a wrong key, which look alike. It quotes
 * neither key nor result, and only the type of what a key service or the inner codec threw.
 *
 * <p>Encrypted are results and steps that were not null. Not hidden are their size, that one is null, codec and key ids, nor the
 * codes and messages of failures, nor checkpoints that the run leaves as bytes of its own. Not noticed is a record that is
 * deleted, set to null, or put back to what it was once before. Each encryption draws a random 96-bit nonce: make a new key
 * before one has encrypted 2^32 results (NIST SP 800-38D, 8.3).
 */
public final class EncryptedCodec<R extends @Nullable Object> implements ResultCodec<R> {
    private static final String PREFIX = "aes-gcm/1+";

    private final ResultCodec<R> inner;
    private final String innerId;
    private final String id;
    private final EncryptionKeys keys;
    private final SecureRandom random;
    private final boolean readsPlain;

    private EncryptedCodec(
            ResultCodec<R> inner, String innerId, EncryptionKeys keys, SecureRandom random, boolean readsPlain) {
        this.inner = inner;
        this.innerId = innerId;
        this.id = Preconditions.name(PREFIX + innerId, "codec id");
        this.keys = keys;
        this.random = random;
        this.readsPlain = readsPlain;
    }

    /**
     * Encrypts what {@code inner} encodes, under the current one of {@code keys}. Size limits apply to the encrypted bytes,
     * which are 30 more, and those of the key's id.
     *
     * @throws IllegalArgumentException if the id of {@code inner} is none, or longer than 245 bytes of UTF-8
     */
    public static <R extends @Nullable Object> EncryptedCodec<R> of(ResultCodec<R> inner, EncryptionKeys keys) {
        return of(inner, keys, new SecureRandom());
    }

    static <R extends @Nullable Object> EncryptedCodec<R> of(
            ResultCodec<R> inner, EncryptionKeys keys, SecureRandom random) {
        String innerId =
                Preconditions.name(Preconditions.notNull(inner, "inner").id(), "inner codec id");
        return new EncryptedCodec<>(inner, innerId, Preconditions.notNull(keys, "keys"), random, false);
    }

    /**
     * This codec, reading also what the inner one stored without encryption: for a service that switches encryption on while it
     * has records. As long as it does, who can write to the table can put a result of their own there; leave it out again when
     * those records are past their retention.
     */
    public EncryptedCodec<R> readingPlain() {
        return new EncryptedCodec<>(inner, innerId, keys, random, true);
    }

    /** {@code aes-gcm/1+} and the inner codec's id. */
    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean reads(String codecId) {
        return readsSealed(codecId) || readsPlain(codecId);
    }

    private boolean readsSealed(String codecId) {
        return codecId.startsWith(PREFIX) && innerReads(codecId.substring(PREFIX.length()));
    }

    private boolean readsPlain(String codecId) {
        return readsPlain && innerReads(codecId);
    }

    private boolean innerReads(String codecId) {
        return innerId.equals(codecId) || inner.reads(codecId);
    }

    @Override
    public byte[] encode(R result, ResultContext context) throws GeneralSecurityException {
        byte[] plain;
        try {
            plain = inner.encode(result, context);
        } catch (Throwable e) {
            throw AesGcmFormat.failure("the inner codec " + innerId + " did not encode the result", e);
        }
        if (plain == null) {
            throw new GeneralSecurityException("the inner codec " + innerId + " returned null");
        }
        return AesGcmFormat.encrypt(plain, keys, random, id, context);
    }

    @Override
    public R decode(byte[] bytes, String codecId, ResultContext context) throws GeneralSecurityException {
        if (readsSealed(codecId)) {
            byte[] plain = AesGcmFormat.decrypt(bytes, keys, codecId, context);
            return decodePlain(plain, codecId.substring(PREFIX.length()), context);
        }
        if (readsPlain(codecId)) {
            return decodePlain(bytes, codecId, context);
        }
        throw new GeneralSecurityException("the bytes were stored by codec " + codecId + ", this one reads " + id
                + (readsPlain ? " and " + innerId : "; if encryption was switched on meanwhile, see readingPlain()"));
    }

    private R decodePlain(byte[] plain, String codecId, ResultContext context) throws GeneralSecurityException {
        try {
            return inner.decode(plain, codecId, context);
        } catch (Throwable e) {
            throw AesGcmFormat.failure("the inner codec " + codecId + " did not decode the result", e);
        }
    }

    /** Always refused: what is encrypted belongs to a place. A codec around this one must pass the context on. */
    @Override
    public byte[] encode(R result) {
        throw withoutContext();
    }

    /** Always refused: what is encrypted belongs to a place. A codec around this one must pass the context on. */
    @Override
    public R decode(byte[] bytes) {
        throw withoutContext();
    }

    private UnsupportedOperationException withoutContext() {
        return new UnsupportedOperationException(
                "codec " + id + " was called without the place of the result; call it with"
                        + " a ResultContext, and pass that on in codecs around it");
    }

    /** Names the codec, never a key. */
    @Override
    public String toString() {
        return "EncryptedCodec[" + id + (readsPlain ? ", reading plain" : "") + "]";
    }
}
