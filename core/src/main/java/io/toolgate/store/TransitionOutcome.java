package io.toolgate.store;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A store's answer to {@code complete}, {@code fail} and {@code checkpoint}. Immutable. */
public sealed interface TransitionOutcome {

    /**
     * The transition was applied, in a commit that has succeeded.
     *
     * @param previous the state before
     * @param current the state after
     * @param version the record's new version
     * @param at when it was applied, by the store's clock
     */
    record Applied(RecordState previous, RecordState current, long version, Instant at) implements TransitionOutcome {}

    /**
     * The same transition was applied before by the same lease: its acknowledgement was lost, or the call was repeated.
     * Nothing was written.
     *
     * @param current the record's state
     * @param version the record's version
     * @param at when the transition was applied, by the store's clock
     */
    record AlreadyApplied(RecordState current, long version, Instant at) implements TransitionOutcome {}

    /** The lease no longer owns the record; nothing was changed. */
    final class LeaseLost implements TransitionOutcome {
        private final @Nullable IdempotencyRecord current;

        /** A refused transition of {@code current}, null if there is no record any more. */
        public LeaseLost(@Nullable IdempotencyRecord current) {
            this.current = current;
        }

        /** The present record, if there still is one. */
        public Optional<IdempotencyRecord> current() {
            return Optional.ofNullable(current);
        }

        @Override
        public String toString() {
            return "LeaseLost[current=" + (current == null ? "none" : current) + "]";
        }
    }

    /** Applies the function of this case and returns its value. */
    default <T> T fold(
            Function<Applied, T> applied,
            Function<AlreadyApplied, T> alreadyApplied,
            Function<LeaseLost, T> leaseLost) {
        if (this instanceof Applied o) {
            return applied.apply(o);
        } else if (this instanceof AlreadyApplied o) {
            return alreadyApplied.apply(o);
        }
        return leaseLost.apply((LeaseLost) this);
    }
}
