package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.RecordId;

/**
 * The caller's idempotency key within a tenant: two calls of an action with the same key are the same request. Together
 * with the action's name it identifies a record. Immutable.
 *
 * <p>Both texts are compared byte for byte and never normalised: {@code "é"} as one character or as two are different
 * keys. A key of another tenant is indistinguishable from an unknown one.
 *
 * @param tenant the tenant, 1 to 255 bytes of UTF-8
 * @param value the key, 1 to 255 bytes of UTF-8
 */
public record IdempotencyKey(String tenant, String value) {
    /** The tenant of {@link #of(String)}. */
    public static final String DEFAULT_TENANT = "default";

    /**
     * Validates both texts.
     *
     * @throws IllegalArgumentException if either is invalid, see {@link #of(String, String)}
     */
    public IdempotencyKey {
        Preconditions.identifier(tenant, "tenant");
        Preconditions.identifier(value, "idempotency key");
    }

    /**
     * Returns the key {@code value} of {@code tenant}.
     *
     * @throws IllegalArgumentException if either is null, not well-formed UTF-16, contains NUL, or is not 1 to 255
     *     bytes long in UTF-8; the message says what is wrong and where
     */
    public static IdempotencyKey of(String tenant, String value) {
        return new IdempotencyKey(tenant, value);
    }

    /**
     * Returns the key {@code value} of the {@linkplain #DEFAULT_TENANT default tenant}, see
     * {@link #of(String, String)}.
     */
    public static IdempotencyKey of(String value) {
        return new IdempotencyKey(DEFAULT_TENANT, value);
    }

    /** Returns the identity of this key's record for the action named {@code action}. */
    public RecordId in(String action) {
        return RecordId.of(tenant, action, value);
    }

    /** Shows the tenant and only the length of the key, because keys do not belong in logs. */
    @Override
    public String toString() {
        return "IdempotencyKey[tenant=" + tenant + ", " + value.length() + " characters]";
    }
}
