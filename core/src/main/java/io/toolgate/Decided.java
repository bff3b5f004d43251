package io.toolgate;

import io.toolgate.store.ResolveOutcome.Why;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What came of a decision about a record, {@link ToolGate#resolve} or {@link ToolGate#retire}. */
public sealed interface Decided<R extends @Nullable Object> {
    /**
     * The record moved as decided, durably.
     *
     * @param version its new version
     * @param at when, by the store's clock
     */
    record Applied<R extends @Nullable Object>(long version, Instant at) implements Decided<R> {}

    /**
     * The decision does not fit the record as it is; nothing was changed.
     *
     * @param why what does not fit
     * @param current what the record says, if there is one
     */
    record Refused<R extends @Nullable Object>(Why why, Optional<Outcome<R>> current) implements Decided<R> {}

    /** Whether it was applied. */
    default boolean isApplied() {
        return this instanceof Applied<R>;
    }

    /** Calls the one function that fits. */
    default <T> T fold(Function<Applied<R>, T> applied, BiFunction<Why, Optional<Outcome<R>>, T> refused) {
        if (this instanceof Refused<R> o) {
            return refused.apply(o.why(), o.current());
        }
        return applied.apply((Applied<R>) this);
    }
}
