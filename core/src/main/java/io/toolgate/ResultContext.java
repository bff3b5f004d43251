package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.RecordId;

/**
 * The place of an encoded value: the record in which it is stored, and the part of it. Different places have different
 * contexts, so that a codec can bind its bytes to their place. Immutable.
 *
 * @param tenant the record's tenant
 * @param action the record's action
 * @param key the record's key, as the caller gave it
 * @param part {@link #RESULT}, {@link #INPUT}, or {@code step/NAME}
 */
public record ResultContext(String tenant, String action, String key, String part) {
    /** The part that holds the run's result. */
    public static final String RESULT = "result";

    /** The part that holds the input that the action remembers. */
    public static final String INPUT = "input";

    private static final String STEP = "step/";

    /**
     * Validates the texts.
     *
     * @throws IllegalArgumentException if a text is null, not well-formed, contains NUL, or is not 1 to 255 bytes of
     *     UTF-8
     */
    public ResultContext {
        Preconditions.identifier(tenant, "tenant");
        Preconditions.name(action, "action name");
        Preconditions.identifier(key, "idempotency key");
        Preconditions.identifier(part, "part");
    }

    /** Returns the place of the result of the record {@code id}. */
    public static ResultContext ofResult(RecordId id) {
        return new ResultContext(id.tenant(), id.action(), id.key(), RESULT);
    }

    /** Returns the place of the input of the record {@code id}. */
    public static ResultContext ofInput(RecordId id) {
        return new ResultContext(id.tenant(), id.action(), id.key(), INPUT);
    }

    /**
     * Returns the place of the result of the step {@code name}, at most 250 bytes of UTF-8, in the record {@code id}.
     */
    public static ResultContext ofStep(RecordId id, String name) {
        return new ResultContext(
                id.tenant(), id.action(), id.key(), STEP + Preconditions.identifier(name, "step name"));
    }

    /** Shows tenant, action and part, and the key as its hash only. */
    @Override
    public String toString() {
        return part + " of " + RecordId.of(tenant, action, key);
    }
}
