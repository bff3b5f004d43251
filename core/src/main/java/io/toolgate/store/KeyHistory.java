package io.toolgate.store;

import java.time.Instant;
import java.util.List;

/**
 * What is remembered about a key beside its record.
 *
 * @param retiredFence the fence of the record that was retired last, which the attempts of the present one count from; 0 if
 *     none was, or if that might be forgotten already when the present one began ({@link ClaimMachine#retiredFence})
 * @param checkpoints of the present record, in the order of their versions
 * @param entries what people and programs decided about the key, oldest first
 */
public record KeyHistory(long retiredFence, List<Checkpoint> checkpoints, List<Entry> entries) {

    /** That of a key without one. */
    public static final KeyHistory EMPTY = new KeyHistory(0, List.of(), List.of());

    /** Takes copies. */
    public KeyHistory {
        checkpoints = List.copyOf(checkpoints);
        entries = List.copyOf(entries);
    }

    /**
     * A decision, and the record as it was before.
     *
     * @param before the record as it stood
     * @param decision what was decided
     * @param operator who decided
     * @param reason why
     * @param at when, by the store's clock
     */
    public record Entry(IdempotencyRecord before, Decision decision, String operator, String reason, Instant at) {}

    /** What was decided. The names are stored: renaming one breaks every installed database. */
    public enum Decision {
        /** A finished record was ended, so that the next call begins a new one. */
        RETIRED,
        /** A doubt was resolved: it happened. */
        COMPLETED,
        /** A doubt was resolved: it did not happen, and never shall. */
        REJECTED,
        /** A doubt was resolved: it did not happen, and may be run again. */
        RETRY;

        /** The decision that a verdict is. */
        public static Decision of(ResolveRequest.Verdict verdict) {
            if (verdict instanceof ResolveRequest.Verdict.Completed) {
                return COMPLETED;
            } else if (verdict instanceof ResolveRequest.Verdict.Rejected) {
                return REJECTED;
            }
            return verdict instanceof ResolveRequest.Verdict.Retry ? RETRY : RETIRED;
        }
    }
}
