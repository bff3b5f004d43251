package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.RecordId;
import org.jspecify.annotations.Nullable;

/**
 * The completion of a record, as the {@linkplain PaidAction.Builder#storing rows} that belong to its result see it.
 * Immutable.
 *
 * @param id the record: tenant, action and key
 * @param number the number of the attempt that is completed, see {@link Attempt#number()}
 * @param input the input as it was stored, if the action {@linkplain PaidAction.Builder#remembering remembers} it; null
 *     otherwise, and for a record that was claimed when the action did not remember it yet
 * @param result the result
 * @param by who knows the result
 */
public record Completion<I extends @Nullable Object, R extends @Nullable Object>(
        RecordId id, long number, @Nullable I input, R result, By by) {

    /** Who knows the result of a record that is being completed. */
    public enum By {
        /** A run, perhaps late. */
        RUN,
        /** A probe, in a call or in a reconciler. */
        PROBE,
        /** An operator, by {@link ToolGate#resolve}. */
        OPERATOR
    }

    /** Refuses null, but for input and result. */
    public Completion {
        Preconditions.notNull(id, "id");
        Preconditions.notNull(by, "by");
    }
}
