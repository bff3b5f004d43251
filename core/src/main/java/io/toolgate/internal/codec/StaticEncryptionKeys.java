package io.toolgate.internal.codec;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.EncryptionKeys;
import io.toolgate.internal.base.Preconditions;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/** Encryption keys held in memory. Immutable. */
public final class StaticEncryptionKeys implements EncryptionKeys {
    private static final int MAX_ID_BYTES = 64;

    private final String currentId;
    private final Map<String, SecretKey> keys;

    private StaticEncryptionKeys(String currentId, Map<String, SecretKey> keys) {
        this.currentId = currentId;
        this.keys = keys;
    }

    /** The validated keys. */
    public static StaticEncryptionKeys of(String currentId, Map<String, SecretKey> keys) {
        checkId(currentId);
        Map<String, SecretKey> checked = new TreeMap<>();
        Preconditions.notNull(keys, "keys").forEach((id, key) -> checked.put(checkId(id), checkKey(id, key)));
        if (!checked.containsKey(currentId)) {
            throw new IllegalArgumentException("there is no key under the current id \"" + currentId
                    + "\"; the given keys have the ids " + checked.keySet()
                    + ": add it, or make one of these the current one");
        }
        return new StaticEncryptionKeys(currentId, checked);
    }

    /**
     * Returns {@code id} if it is 1 to 64 bytes of well-formed UTF-8 without control characters.
     *
     * @throws IllegalArgumentException that says what is wrong
     */
    @CanIgnoreReturnValue
    public static String checkId(@Nullable String id) {
        if (id == null || id.isEmpty()) {
            throw new IllegalArgumentException(
                    "key id is " + (id == null ? "null" : "empty") + "; pass 1 to " + MAX_ID_BYTES + " bytes of text");
        }
        // A char is at least one byte of UTF-8.
        if (id.length() > MAX_ID_BYTES || id.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
            throw new IllegalArgumentException(
                    "key id is longer than " + MAX_ID_BYTES + " bytes of UTF-8; use a shorter one");
        }
        Preconditions.identifier(id, "key id");
        // Ids are read back from unauthenticated bytes and logged: they must not forge a line of a log.
        if (id.codePoints().anyMatch(StaticEncryptionKeys::isControl)) {
            throw new IllegalArgumentException("key id contains a control character; use printable characters");
        }
        return id;
    }

    private static boolean isControl(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static SecretKey checkKey(String id, @Nullable SecretKey key) {
        if (key == null) {
            throw new IllegalArgumentException("the key under the id \"" + id + "\" is null; pass an AES key");
        }
        if (!"AES".equalsIgnoreCase(key.getAlgorithm())) {
            throw new IllegalArgumentException(
                    "the key under the id \"" + id + "\" is a key for " + key.getAlgorithm() + "; pass an AES key");
        }
        byte[] encoded = key.getEncoded();
        if (encoded != null) { // Null for a key in hardware, whose provider checks it.
            int bits = encoded.length * Byte.SIZE;
            Arrays.fill(encoded, (byte) 0);
            if (bits != 128 && bits != 192 && bits != 256) {
                throw new IllegalArgumentException(
                        "the key under the id \"" + id + "\" has " + bits + " bits; AES keys have 128, 192 or 256");
            }
        }
        return key;
    }

    @Override
    public String currentId() {
        return currentId;
    }

    @Override
    public @Nullable SecretKey key(String id) {
        return keys.get(id);
    }

    /** Shows the ids, never a key. */
    @Override
    public String toString() {
        return "EncryptionKeys[current " + currentId + " of " + keys.keySet() + "]";
    }
}
