package io.toolgate.race.checker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that must not have been seen.
 *
 * @param kind of what it is
 * @param rule of {@code core/SPEC.md} that it breaks; 0 if it is about the run itself
 * @param key that it was seen at, or null if it is not about one key
 * @param seen what was, with numbers
 * @param lines of the histories and the ledger that show it, each with the process that wrote it
 */
public record Violation(Kind kind, int rule, @Nullable String key, String seen, List<String> lines) {
    static Violation of(Kind kind, @Nullable String key, String seen, List<String> lines) {
        return new Violation(kind, kind.rule, key, seen, lines);
    }

    /** One line for people. */
    public String describe() {
        return (key == null ? "" : key + ": ") + kind.words + (rule == 0 ? "" : " (rule " + rule + ")") + ": " + seen;
    }

    /** What must not be seen, the worst first. */
    public enum Kind {
        /** A key has more charges than its recovery allows. */
        CHARGED_TWICE(5, "charged more often than the recovery allows"),
        /** A key was charged for two inputs. */
        CHARGED_FOR_TWO_INPUTS(9, "charged two different amounts"),
        /** An attempt whose predecessor may have had its effect ran without the leave of the declared recovery. */
        BLIND_RERUN(5, "run again without asking"),
        /** An attempt that had its effect said that it had none. */
        RELEASED_AFTER_EFFECT(5, "released as not executed after its charge"),
        /** Two claims of a key were valid at the same time. */
        TWO_OWNERS(1, "owned twice at a time"),
        /** Callers of one key were given different results. */
        DIFFERENT_RESULTS(2, "different results for its callers"),
        /** Some callers of one key were given a result and others a rejection. */
        COMPLETED_AND_REJECTED(2, "completed for some callers and rejected for others"),
        /** A record moved after it was finished. */
        FINISHED_CHANGED(2, "changed after it was finished"),
        /** A caller was given a result before it was stored. */
        ACKNOWLEDGED_EARLY(3, "acknowledged before it was stored"),
        /** The database does not hold what was acknowledged. */
        NOT_RECORDED(3, "not in the database as it was acknowledged"),
        /** Callers were given a receipt of a charge that the ledger does not have. */
        FALSE_RECEIPT(3, "a receipt that is not in the ledger"),
        /** A stale owner ended a run. */
        STALE_END(4, "ended by an owner that had been replaced"),
        /** A stale owner was told that it still owns the key. */
        STALE_RENEWAL(4, "a lease was renewed after it was lost"),
        /** Two transitions of one record have the same version. */
        VERSION_TWICE(4, "one version for two transitions"),
        /** A later claim was given a lower fence. */
        FENCE_FELL(4, "a fence that did not grow"),
        /** The row is older than what was seen of it. */
        ROW_WENT_BACK(4, "a row that is older than what was seen of it"),
        /** The row stands where nobody moved it. */
        ROW_UNEXPLAINED(4, "a row that nobody moved to where it stands"),
        /** A key has no charge. */
        NEVER_CHARGED(5, "never charged"),
        /** The ledger has somebody whom no key charges. */
        STRAY_CHARGE(5, "charged without being asked to"),
        /** The provider was not shown the key that belongs to the record. */
        WRONG_PROVIDER_KEY(5, "shown to the provider under another key"),
        /** A record is still in progress although nobody runs it. */
        LEFT_IN_PROGRESS(5, "left in progress"),
        /** A record is not finished although its recovery could have finished it. */
        UNRESOLVED(5, "left unresolved by a recovery that can resolve it"),
        /** A call came back too late. */
        LATE_ANSWER(8, "answered long after the wait was over"),
        /** A call never came back. */
        NO_ANSWER(8, "calls that were never answered"),
        /** A caller was given the result of another input. */
        OTHER_INPUT_ANSWERED(9, "given the result of another input"),
        /** A caller with the right input was told that the key belongs to another. */
        FALSE_CONFLICT(9, "a conflict for the input that the key belongs to"),
        /** A waiter ran out of time although nobody owned the key. */
        NOT_TAKEN_OVER(10, "waited for nobody and did not take over"),
        /** A result that can be stored was called unavailable. */
        RESULT_UNAVAILABLE(11, "results unavailable"),
        /** A call threw what does not say on which side of the effect it failed. */
        UNTYPED_ERROR(12, "errors that do not say what happened"),
        /** A call got no result although nothing disturbed the run. */
        NOT_ANSWERED(2, "callers without the result"),
        /** Not exactly one call of a key ran the action although nothing disturbed the run. */
        NOT_EXECUTED_ONCE(1, "not run by exactly one call"),
        /** Calls were not made, or not written down. */
        CALLS_MISSING(0, "calls are missing"),
        /** A process that nobody disturbed did not end well. */
        PROCESS_FAILED(0, "a process failed");

        private final int rule;
        private final String words;

        Kind(int rule, String words) {
            this.rule = rule;
            this.words = words;
        }

        /** The rule of {@code core/SPEC.md} that it breaks; 0 if it is about the run itself. */
        public int rule() {
            return rule;
        }

        /** It, for people. */
        public String words() {
            return words;
        }
    }
}
