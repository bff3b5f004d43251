package io.toolgate.store;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a store answers to {@code complete} and {@code fail}. */
public sealed interface TransitionOutcome {

    /**
     * The record moved, in a commit that has succeeded.
     *
     * @param previous where it was
     * @param current where it is
     * @param version its new version
     * @param at when, by the store's clock
     */
    record Applied(RecordState previous, RecordState current, long version, Instant at) implements TransitionOutcome {}

    /**
     * The record already was where this transition leads, by this very lease: an acknowledgement was lost, or the call
     * was repeated. Nothing was written.
     *
     * @param current where it is
     * @param version its version
     * @param at when it moved there, by the store's clock
     */
    record AlreadyApplied(RecordState current, long version, Instant at) implements TransitionOutcome {}

    /** The lease no longer owns the record; nothing was changed. */
    final class LeaseLost implements TransitionOutcome {
        private final @Nullable IdempotencyRecord current;

        /** A refusal in view of {@code current}, null if there is no record any more. */
        public LeaseLost(@Nullable IdempotencyRecord current) {
            this.current = current;
        }

        /** The record as it stands, if there still is one. */
        public Optional<IdempotencyRecord> current() {
            return Optional.ofNullable(current);
        }

        @Override
        public String toString() {
            return "LeaseLost[current=" + (current == null ? "none" : current) + "]";
        }
    }

    /** Calls the one function that fits. */
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
