package io.toolgate.store;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A store's answer to a {@link ResolveRequest}. Immutable. */
public sealed interface ResolveOutcome {

    /**
     * The decision was applied, and entered in the key's history with the former record, in one commit that has
     * succeeded.
     *
     * @param previous the state before
     * @param current the state after
     * @param version the record's new version
     * @param at when it was applied, by the store's clock
     */
    record Resolved(RecordState previous, RecordState current, long version, Instant at) implements ResolveOutcome {
        /**
         * Whether this decision completed the record, and did not only supply the result of one that was completed
         * before. The rows that belong to a result are written with its completion (rule 18).
         */
        public boolean isCompletion() {
            return current == RecordState.COMPLETED && previous != RecordState.COMPLETED;
        }
    }

    /**
     * The same decision was applied before, and its acknowledgement was lost. Nothing was written.
     *
     * @param current the record's state
     * @param version the record's version
     * @param at when it was applied, by the store's clock
     */
    record AlreadyResolved(RecordState current, long version, Instant at) implements ResolveOutcome {}

    /** The decision does not fit the record as it is; nothing was changed. */
    final class Refused implements ResolveOutcome {
        private final RefusalReason reason;
        private final @Nullable IdempotencyRecord current;

        /** A refusal of a decision about {@code current}, null if there is no record. */
        public Refused(RefusalReason reason, @Nullable IdempotencyRecord current) {
            this.reason = reason;
            this.current = current;
        }

        /** Why the decision was refused. */
        public RefusalReason reason() {
            return reason;
        }

        /** The present record, if there is one. */
        public Optional<IdempotencyRecord> current() {
            return Optional.ofNullable(current);
        }

        @Override
        public String toString() {
            return "Refused[" + reason + ", current=" + (current == null ? "none" : current) + "]";
        }
    }

    /** Why a decision is refused. */
    enum RefusalReason {
        /** There is no such record, or none any more: its retention has ended. */
        ABSENT,
        /** The record has changed since the operator read it: its fence or version is different. */
        MOVED,
        /** An attempt holds a live lease on the record. */
        RUNNING,
        /** The record is finished: a stored result or final failure never changes, also if a codec cannot read it. */
        FINISHED,
        /**
         * The record is completed, so its effect happened, and its result is unavailable: a decision can only supply
         * that result, or retire the record.
         */
        RESULT_UNAVAILABLE,
        /** The record was released before: the next call runs the action anyway. */
        FREE,
        /** The record is not finished, so there is nothing to retire. */
        NOT_FINISHED,
        /** The action stores rows of its own with its result, and the decision would leave them out. */
        STORES_ROWS
    }

    /** Applies the function of this case and returns its value. */
    default <T> T fold(
            Function<Resolved, T> resolved,
            Function<AlreadyResolved, T> alreadyResolved,
            Function<Refused, T> refused) {
        if (this instanceof Resolved o) {
            return resolved.apply(o);
        } else if (this instanceof AlreadyResolved o) {
            return alreadyResolved.apply(o);
        }
        return refused.apply((Refused) this);
    }
}
