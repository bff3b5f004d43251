package io.toolgate;

import io.toolgate.internal.codec.StaticEncryptionKeys;
import java.util.Map;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The AES keys of an {@link EncryptedCodec}, each under an id that is stored with what it encrypted. Ids are 1 to 64 bytes of
 * UTF-8 without control characters, and are not secret; one id stands for one key for ever. To rotate, make a new id the
 * current one and keep the older ones readable for as long as results under them are retained.
 *
 * <p>An implementation that asks a key service is called for every result that is encoded or decoded, on the thread of the
 * call: answer from memory, because a call that waits here may miss its deadline. What it throws makes that one result
 * unavailable: for good when it was to be stored, for this call when it was to be replayed. Safe for use by many threads.
 */
public interface EncryptionKeys {
    /** The id of the key that encrypts now. */
    String currentId() throws Exception;

    /**
     * The AES key, of 128, 192 or 256 bits, that {@code id} stands for; null if there is none.
     *
     * @param id the current one, or one as it is stored: the bytes that carry it are verified only with the key itself, so it
     *     may be anything that is an id
     * @throws Exception if that cannot be told; only its type is logged and stored, never its message
     */
    @Nullable
    SecretKey key(String id) throws Exception;

    /**
     * Keys that are all here. To rotate them, make a new codec.
     *
     * @throws IllegalArgumentException if {@code currentId} is not among them, an id is none, or a key is none of AES
     */
    static EncryptionKeys of(String currentId, Map<String, SecretKey> keys) {
        return StaticEncryptionKeys.of(currentId, keys);
    }
}
