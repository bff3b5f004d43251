package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.RecordId;

/**
 * Where an encoded value belongs: whose record it is stored in, and as what part of it. Two values of different places have
 * different contexts, so that a codec can tie its bytes to their place.
 *
 * @param tenant of the record
 * @param action of the record
 * @param key of the record, as the caller gave it
 * @param part {@link #RESULT}, or {@code step/NAME}
 */
public record ResultContext(String tenant, String action, String key, String part) {
    /** The part that is the run's result. */
    public static final String RESULT = "result";

    private static final String STEP = "step/";

    /**
     * Refuses what is no identity.
     *
     * @throws IllegalArgumentException if a text is null, not well-formed, holds NUL, or is not 1 to 255 bytes of UTF-8
     */
    public ResultContext {
        Preconditions.identifier(tenant, "tenant");
        Preconditions.name(action, "action name");
        Preconditions.identifier(key, "idempotency key");
        Preconditions.identifier(part, "part");
    }

    /** The place of the result of the record {@code id}. */
    public static ResultContext ofResult(RecordId id) {
        return new ResultContext(id.tenant(), id.action(), id.key(), RESULT);
    }

    /** The place of what the step called {@code name} left in the record {@code id}; the name has 250 bytes at most. */
    public static ResultContext ofStep(RecordId id, String name) {
        return new ResultContext(
                id.tenant(), id.action(), id.key(), STEP + Preconditions.identifier(name, "step name"));
    }

    /** Names tenant, action and part, and the key by its hash only. */
    @Override
    public String toString() {
        return part + " of " + RecordId.of(tenant, action, key);
    }
}
