package io.toolgate.store;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a store answers to a decision about a record. */
public sealed interface ResolveOutcome {

    /**
     * The record moved, and its former self and the decision are history, in one commit that has succeeded.
     *
     * @param previous where it was
     * @param current where it is
     * @param version its new version
     * @param at when, by the store's clock
     */
    record Resolved(RecordState previous, RecordState current, long version, Instant at) implements ResolveOutcome {}

    /**
     * This very decision was applied before: an acknowledgement was lost. Nothing was written.
     *
     * @param current where the record is
     * @param version its version
     * @param at when it moved there, by the store's clock
     */
    record AlreadyResolved(RecordState current, long version, Instant at) implements ResolveOutcome {}

    /** The decision does not fit the record as it is; nothing was changed. */
    final class Refused implements ResolveOutcome {
        private final Why why;
        private final @Nullable IdempotencyRecord current;

        /** A refusal in view of {@code current}, null if there is no record. */
        public Refused(Why why, @Nullable IdempotencyRecord current) {
            this.why = why;
            this.current = current;
        }

        /** What does not fit. */
        public Why why() {
            return why;
        }

        /** The record as it stands, if there is one. */
        public Optional<IdempotencyRecord> current() {
            return Optional.ofNullable(current);
        }

        @Override
        public String toString() {
            return "Refused[" + why + ", current=" + (current == null ? "none" : current) + "]";
        }
    }

    /** Why a decision is refused. */
    enum Why {
        /** There is no such record. */
        ABSENT,
        /** The record moved since it was looked at: its fence or version is another. */
        MOVED,
        /** An attempt holds a live lease on it. */
        RUNNING,
        /** It is finished already, and a finished record never changes. */
        FINISHED,
        /** It is known not to have been executed and free already: the next call runs it. */
        FREE,
        /** It is not finished, so that there is nothing to retire. */
        NOT_FINISHED
    }

    /** Calls the one function that fits. */
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
