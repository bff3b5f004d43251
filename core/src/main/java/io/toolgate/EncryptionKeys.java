package io.toolgate;

import io.toolgate.internal.codec.StaticEncryptionKeys;
import java.util.Map;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The AES keys of an {@link EncryptedCodec}, each under an id that is stored with every result it encrypted. Ids are 1
 * to 64 bytes of UTF-8 without control characters and are not secret; an id always stands for the same key. To rotate,
 * make a new id current and keep the older ones readable for as long as results under them are retained.
 *
 * <p>The methods are called for every result that is encoded or decoded, on the thread of that call. An implementation
 * backed by a key service should answer from memory, or calls may miss their deadlines. An exception makes the one
 * result unavailable: for good if it was being stored, for this call only if it was being replayed. Implementations
 * must be thread-safe.
 */
public interface EncryptionKeys {
    /** Returns the id of the key that encrypts new results. */
    String currentId() throws Exception;

    /**
     * Returns the AES key, of 128, 192 or 256 bits, that {@code id} stands for; null if there is none.
     *
     * @param id the current id, or one read from the store. A stored id is authenticated only with the key that it
     *     names, so it can be any well-formed id
     * @throws Exception if the key cannot be fetched; only the exception's type is logged and stored, never its message
     */
    @Nullable
    SecretKey key(String id) throws Exception;

    /**
     * Returns a fixed set of keys. To rotate them, create a new codec.
     *
     * @throws IllegalArgumentException if {@code currentId} is not among them, an id is malformed, or a key is not an
     *     AES key
     */
    static EncryptionKeys of(String currentId, Map<String, SecretKey> keys) {
        return StaticEncryptionKeys.of(currentId, keys);
    }
}
