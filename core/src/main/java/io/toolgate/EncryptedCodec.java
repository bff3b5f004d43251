package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.codec.AesGcmFormat;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Codec that encrypts the results of another codec with AES-GCM, bound to their record and their part of it. Bytes that
 * were changed, or moved to another record or part, are not decoded. Immutable and thread-safe.
 *
 * <p>A failure here comes after the effect: it makes the result unavailable, and the action does not run again. Its
 * reason says whether the key service failed, no key has the id, the key is unsuitable, the bytes are truncated or of
 * another format, or the bytes fail authentication, which covers changed bytes, moved bytes and a wrong key alike. It
 * quotes neither key nor result, and only the type of an exception of the key service or the inner codec.
 *
 * <p>Encrypted: results of runs and steps that are not null. Not hidden: their size, that a result is null, codec and
 * key ids, codes and messages of failures, and checkpoints written as bytes by the run itself. Not detected: a record
 * that is deleted, set to null, or restored to an earlier content. Each encryption draws a random 96-bit nonce: use a
 * new key before one has encrypted 2^32 results (NIST SP 800-38D, 8.3).
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
     * Returns a codec that encrypts the results of {@code inner} with the current key of {@code keys}. Size limits
     * apply to the encrypted bytes, which are longer by 30 and the length of the key's id.
     *
     * @throws IllegalArgumentException if the id of {@code inner} is malformed, or longer than 245 bytes of UTF-8
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
     * Returns a codec that also reads results which the inner codec stored without encryption, for a service that turns
     * encryption on while it has records. While it is used, anyone who can write to the table can forge a result:
     * remove it once those records are past their retention.
     */
    public EncryptedCodec<R> readingPlain() {
        return new EncryptedCodec<>(inner, innerId, keys, random, true);
    }

    /** Returns {@code aes-gcm/1+} followed by the inner codec's id. */
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
                + (readsPlain ? " and " + innerId : "; if encryption was turned on since, use readingPlain()"));
    }

    private R decodePlain(byte[] plain, String codecId, ResultContext context) throws GeneralSecurityException {
        try {
            return inner.decode(plain, codecId, context);
        } catch (Throwable e) {
            throw AesGcmFormat.failure("the inner codec " + codecId + " did not decode the result", e);
        }
    }

    /**
     * Always throws: encryption needs the place of the result. A codec that wraps this one must pass the context on.
     */
    @Override
    public byte[] encode(R result) {
        throw withoutContext();
    }

    /**
     * Always throws: decryption needs the place of the result. A codec that wraps this one must pass the context on.
     */
    @Override
    public R decode(byte[] bytes) {
        throw withoutContext();
    }

    private UnsupportedOperationException withoutContext() {
        return new UnsupportedOperationException("codec " + id
                + " was called without a ResultContext; call the methods that take one, also from a codec that wraps"
                + " this one");
    }

    /** Shows the codec's id, never a key. */
    @Override
    public String toString() {
        return "EncryptedCodec[" + id + (readsPlain ? ", reading plain" : "") + "]";
    }
}
