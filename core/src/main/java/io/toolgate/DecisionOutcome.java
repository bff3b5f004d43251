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
            implements DecisionOutcome<R> {
        /** Why it was refused and what to do, for people. */
        public String message() {
            return switch (reason) {
                case ABSENT ->
                    "There is no record of this key, or its retention has ended: the next call runs the action";
                case MOVED -> "The record has changed since it was read: look at it again, and decide anew";
                case RUNNING ->
                    "An attempt holds a live lease and may still finish: wait until it has, or its lease has ended";
                case FINISHED -> finished();
                case RESULT_UNAVAILABLE ->
                    "The record is completed, so its effect happened, and its result is unavailable" + why()
                            + ": supply that result with Resolution.completed(…), or retire the record, after which"
                            + " the next call runs the action, with its effect, once more";
                case FREE -> "The record was released without an effect: the next call runs the action";
                case NOT_FINISHED ->
                    "The record is not finished, and only a finished one can be retired: resolve its doubt";
                case STORES_ROWS ->
                    "The record was claimed by an action that stores rows with its result, and this action stores none:"
                            + " resolve it with the action as it was, which writes them";
            };
        }

        private String finished() {
            return why().isEmpty()
                    ? "The record is finished, and a finished record never changes: retire it if the next call is to"
                            + " run the action once more"
                    : "The record has a stored result, which this action cannot read" + why()
                            + ". It is not replaced, because others may have been given it: let a codec read it"
                            + " (ResultCodec.reads), or raise maxResultBytes if that is the reason";
        }

        private String why() {
            return current.<String>map(outcome -> outcome instanceof Outcome.Unavailable<R> unavailable
                            ? " (" + unavailable.reason().code() + ": "
                                    + unavailable.reason().message() + ")"
                            : "")
                    .orElse("");
        }
    }

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
