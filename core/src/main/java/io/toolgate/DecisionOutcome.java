package io.toolgate;

import io.toolgate.store.ResolveOutcome.RefusalReason;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Result of a decision about a record, by {@link ToolGate#resolve} or {@link ToolGate#retire}. Immutable. */
public sealed interface DecisionOutcome<R extends @Nullable Object> {
    /**
     * The decision was applied, durably.
     *
     * @param version the record's new version
     * @param at when it was applied, by the store's clock
     */
    record Applied<R extends @Nullable Object>(long version, Instant at) implements DecisionOutcome<R> {}

    /**
     * The decision does not fit the record as it is; nothing was changed.
     *
     * @param reason why it does not fit
     * @param current the record's present outcome; empty if there is no record
     */
    record Refused<R extends @Nullable Object>(RefusalReason reason, Optional<Outcome<R>> current)
            implements DecisionOutcome<R> {}

    /** Whether the decision was applied. */
    default boolean isApplied() {
        return this instanceof Applied<R>;
    }

    /** Applies the function of this case and returns its value. */
    default <T> T fold(Function<Applied<R>, T> applied, BiFunction<RefusalReason, Optional<Outcome<R>>, T> refused) {
        if (this instanceof Refused<R> o) {
            return refused.apply(o.reason(), o.current());
        }
        return applied.apply((Applied<R>) this);
    }
}
