package io.toolgate.store;

import java.time.Instant;
import java.util.List;

/**
 * The checkpoints of a key's present record and the decisions about the key. Immutable.
 *
 * @param checkpoints the checkpoints of the present record, in the order of their versions
 * @param entries the decisions about the key, oldest first
 */
public record KeyHistory(List<Checkpoint> checkpoints, List<Entry> entries) {

    /** The history of a key without checkpoints and decisions. */
    public static final KeyHistory EMPTY = new KeyHistory(List.of(), List.of());

    /** Copies the lists. */
    public KeyHistory {
        checkpoints = List.copyOf(checkpoints);
        entries = List.copyOf(entries);
    }

    /**
     * A decision, with the record as it was before.
     *
     * @param before the record before the decision
     * @param decision the decision
     * @param operator the person or program that decided
     * @param reason the operator's reason
     * @param at when the decision was applied, by the store's clock
     */
    public record Entry(IdempotencyRecord before, Decision decision, String operator, String reason, Instant at) {}

    /** Kind of a decision. The names are stored: renaming one breaks every installed database. */
    public enum Decision {
        /** A finished record was retired: the next claim replaces it. */
        RETIRED,
        /** A doubt was resolved: the effect happened. Or the unavailable result of a completed record was supplied. */
        COMPLETED,
        /** A doubt was resolved: the effect did not happen and must not. */
        REJECTED,
        /** A doubt was resolved: the effect did not happen, and the action may run again. */
        RETRY;

        /** Returns the kind of decision that {@code verdict} is. */
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
