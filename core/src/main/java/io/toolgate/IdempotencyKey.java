package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.RecordId;

/**
 * What makes two calls the same: the caller's own key, within a tenant. With an action's name it identifies a record.
 *
 * <p>Both texts are compared byte for byte and never normalised: {@code "é"} typed as one character or as two are two
 * keys. Another tenant's key looks exactly like an unknown one.
 *
 * @param tenant whose key it is; 1 to 255 bytes of UTF-8
 * @param value the key; 1 to 255 bytes of UTF-8
 */
public record IdempotencyKey(String tenant, String value) {
    /** The tenant of keys that name none. */
    public static final String DEFAULT_TENANT = "default";

    /**
     * Refuses texts that are not identifiers.
     *
     * @throws IllegalArgumentException that says what is wrong and where
     */
    public IdempotencyKey {
        Preconditions.identifier(tenant, "tenant");
        Preconditions.identifier(value, "idempotency key");
    }

    /**
     * The key {@code value} of {@code tenant}.
     *
     * @throws IllegalArgumentException if either is null, not well-formed UTF-16, holds NUL, or is not 1 to 255 bytes long
     *     in UTF-8
     */
    public static IdempotencyKey of(String tenant, String value) {
        return new IdempotencyKey(tenant, value);
    }

    /** The key {@code value} of the {@linkplain #DEFAULT_TENANT default tenant}; refuses what {@link #of(String, String)} does. */
    public static IdempotencyKey of(String value) {
        return new IdempotencyKey(DEFAULT_TENANT, value);
    }

    /** The identity of this key's record under the action named {@code action}. */
    public RecordId in(String action) {
        return RecordId.of(tenant, action, value);
    }

    /** Names the tenant and the key's length only: keys do not belong into logs. */
    @Override
    public String toString() {
        return "IdempotencyKey[tenant=" + tenant + ", " + value.length() + " characters]";
    }
}
