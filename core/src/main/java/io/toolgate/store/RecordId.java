package io.toolgate.store;

import io.toolgate.internal.base.Preconditions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a record: tenant, action name and key, compared character by character.
 *
 * <p>Its {@linkplain #toUuid() 16-byte form}, the primary key in SQL stores, is the first half of the SHA-256 over the
 * three texts in UTF-8, each preceded by its length in bytes as four big-endian bytes. Stores keep the texts too and
 * compare them on every read. Immutable and thread-safe.
 */
public final class RecordId {
    private final String tenant;
    private final String action;
    private final String key;

    // Computed on first use. Race: two threads may compute it twice; the values are equal, and final fields publish
    // them safely.
    private @Nullable Hash hash;

    private record Hash(UUID first, UUID second) {}

    private RecordId(String tenant, String action, String key) {
        this.tenant = tenant;
        this.action = action;
        this.key = key;
    }

    /**
     * Returns the identity that these three texts make.
     *
     * @throws IllegalArgumentException if one is null, not well-formed, contains NUL, or is not 1 to 255 bytes of
     *     UTF-8, or if the action name is blank
     */
    public static RecordId of(String tenant, String action, String key) {
        return new RecordId(
                Preconditions.identifier(tenant, "tenant"),
                Preconditions.name(action, "action name"),
                Preconditions.identifier(key, "idempotency key"));
    }

    /** The tenant. */
    public String tenant() {
        return tenant;
    }

    /** The name of the action. */
    public String action() {
        return action;
    }

    /** The key as the caller gave it. Do not log it; log {@link #toUuid()} instead. */
    public String key() {
        return key;
    }

    /** Returns the 16-byte form of this identity, for SQL stores, logs and metrics. */
    public UUID toUuid() {
        return hash().first;
    }

    /**
     * Returns the key to send to a provider for its own deduplication: stable over attempts, processes and restarts,
     * different for other identities. A UUID of version 8 (RFC 9562), made from the second half of the hash.
     */
    public UUID providerKey() {
        return version8(hash().second);
    }

    /**
     * Returns a provider key like {@link #providerKey()}, different for each number and for each part of a run.
     *
     * @param number the record's {@link RecordNumbers#providerKey()}
     * @param part the part of the run, or the empty text for the whole
     */
    public UUID providerKey(int number, String part) {
        if (number == 0 && part.isEmpty()) {
            return providerKey();
        }
        UUID whole = hash().second;
        byte[] utf8 = part.getBytes(StandardCharsets.UTF_8);
        ByteBuffer digest = ByteBuffer.wrap(sha256().digest(ByteBuffer.allocate(3 * Long.BYTES + utf8.length)
                .putLong(whole.getMostSignificantBits())
                .putLong(whole.getLeastSignificantBits())
                .putLong(number)
                .put(utf8)
                .array()));
        return version8(new UUID(digest.getLong(), digest.getLong()));
    }

    private static UUID version8(UUID half) {
        long versioned = (half.getMostSignificantBits() & ~0xF000L) | 0x8000L;
        long variant = (half.getLeastSignificantBits() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(versioned, variant);
    }

    private Hash hash() {
        Hash known = hash;
        if (known == null) {
            known = computeHash();
            hash = known;
        }
        return known;
    }

    private Hash computeHash() {
        MessageDigest sha256 = sha256();
        for (String text : new String[] {tenant, action, key}) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, utf8.length));
            sha256.update(utf8);
        }
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
        return new Hash(new UUID(digest.getLong(), digest.getLong()), new UUID(digest.getLong(), digest.getLong()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecordId that
                && key.equals(that.key)
                && tenant.equals(that.tenant)
                && action.equals(that.action);
    }

    @Override
    public int hashCode() {
        return (tenant.hashCode() * 31 + action.hashCode()) * 31 + key.hashCode();
    }

    /** Shows tenant and action, and the key as its hash only. */
    @Override
    public String toString() {
        return "RecordId[tenant=" + tenant + ", action=" + action + ", keyHash=" + toUuid() + "]";
    }
}
