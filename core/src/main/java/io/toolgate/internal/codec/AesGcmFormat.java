package io.toolgate.internal.codec;

import io.toolgate.EncryptionKeys;
import io.toolgate.ResultContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * The format of encrypted results, version 1: the version (1 byte), the length of the key's id (1 byte), the key's id
 * in UTF-8, the nonce (12 bytes), and the AES-GCM ciphertext with its tag (16 bytes).
 *
 * <p>The additional authenticated data, which is not stored: the version, then tenant, action, key, part, codec id and
 * key id in UTF-8, each after its length in bytes as four big-endian bytes.
 */
public final class AesGcmFormat {
    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final String CIPHER = "AES/GCM/NoPadding";

    private AesGcmFormat() {}

    /** Encrypts {@code plain} under the current key, for {@code context}. */
    public static byte[] encrypt(
            byte[] plain, EncryptionKeys keys, SecureRandom random, String codecId, ResultContext context)
            throws GeneralSecurityException {
        String keyId = currentId(keys);
        byte[] keyIdBytes = utf8(keyId);
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] additional = additionalData(context, codecId, keyId);
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, keys, keyId, nonce, additional);
        ByteBuffer encrypted = ByteBuffer.allocate(Math.addExact(plain.length, overhead(keyIdBytes.length)));
        encrypted.put(VERSION).put((byte) keyIdBytes.length).put(keyIdBytes).put(nonce);
        cipher.doFinal(ByteBuffer.wrap(plain), encrypted);
        return encrypted.array();
    }

    /**
     * Decrypts bytes that were encrypted for {@code context} under any of the keys.
     *
     * @throws GeneralSecurityException if that fails; its message says why
     */
    public static byte[] decrypt(byte[] bytes, EncryptionKeys keys, String codecId, ResultContext context)
            throws GeneralSecurityException {
        ByteBuffer encrypted = ByteBuffer.wrap(bytes);
        String keyId = readHead(encrypted);
        byte[] nonce = new byte[NONCE_BYTES];
        encrypted.get(nonce);
        byte[] additional = additionalData(context, codecId, keyId);
        Cipher cipher = cipher(Cipher.DECRYPT_MODE, keys, keyId, nonce, additional);
        try {
            return cipher.doFinal(bytes, encrypted.position(), encrypted.remaining());
        } catch (AEADBadTagException e) {
            throw failure(
                    "authentication failed: the bytes were not encrypted with the key \"" + keyId
                            + "\" for this record and part. They were altered or moved from another record, or the id"
                            + " used to name another key",
                    e);
        }
    }

    private static String readHead(ByteBuffer encrypted) throws GeneralSecurityException {
        int size = encrypted.remaining();
        if (size < overhead(1)) {
            throw truncated(size, overhead(1));
        }
        byte version = encrypted.get();
        if (version != VERSION) {
            throw new GeneralSecurityException("the encrypted bytes have format version " + (version & 0xFF)
                    + "; this library reads version " + VERSION);
        }
        byte[] keyId = new byte[encrypted.get() & 0xFF];
        if (size < overhead(keyId.length)) {
            throw truncated(size, overhead(keyId.length));
        }
        encrypted.get(keyId);
        try {
            return StaticEncryptionKeys.checkId(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(keyId))
                    .toString());
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw failure("the encrypted bytes contain an invalid key id", e);
        }
    }

    private static GeneralSecurityException truncated(int size, int least) {
        return new GeneralSecurityException(
                "the encrypted bytes are truncated: " + size + " bytes, expected at least " + least);
    }

    private static int overhead(int keyIdBytes) {
        return 2 + keyIdBytes + NONCE_BYTES + TAG_BYTES;
    }

    private static String currentId(EncryptionKeys keys) throws GeneralSecurityException {
        String id;
        try {
            id = keys.currentId();
        } catch (Throwable e) {
            throw failure("the key service failed to return the current key id", e);
        }
        try {
            return StaticEncryptionKeys.checkId(id);
        } catch (IllegalArgumentException e) {
            throw failure("the key service returned an invalid current key id", e);
        }
    }

    private static Cipher cipher(int mode, EncryptionKeys keys, String keyId, byte[] nonce, byte[] additional)
            throws GeneralSecurityException {
        SecretKey key;
        try {
            key = keys.key(keyId);
        } catch (Throwable e) {
            throw failure("the key service failed to return the key \"" + keyId + "\"", e);
        }
        if (key == null) {
            throw new GeneralSecurityException("the key service has no key under the id \"" + keyId
                    + "\"; keep a key readable for as long as results encrypted with it are retained");
        }
        // One for each use: a cipher is not thread-safe.
        Cipher cipher = Cipher.getInstance(CIPHER);
        try {
            cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
            cipher.updateAAD(additional);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw failure("the key under the id \"" + keyId + "\" cannot be used with AES-GCM", e);
        }
        return cipher;
    }

    private static byte[] additionalData(ResultContext context, String codecId, String keyId) {
        byte[][] texts = {
            utf8(context.tenant()),
            utf8(context.action()),
            utf8(context.key()),
            utf8(context.part()),
            utf8(codecId),
            utf8(keyId)
        };
        int size = 1;
        for (byte[] text : texts) {
            size += Integer.BYTES + text.length;
        }
        ByteBuffer data = ByteBuffer.allocate(size).put(VERSION);
        for (byte[] text : texts) {
            data.putInt(text.length).put(text);
        }
        return data.array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * An exception with the stack trace of {@code cause}, and of its text only the type: messages of key services and
     * codecs may quote a secret, and a cause would be logged with its message. An interrupt is kept in the thread's
     * flag.
     */
    public static GeneralSecurityException failure(String what, Throwable cause) {
        if (cause instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        GeneralSecurityException failure =
                new GeneralSecurityException(what + " (" + cause.getClass().getName() + ")");
        failure.setStackTrace(cause.getStackTrace());
        return failure;
    }
}
