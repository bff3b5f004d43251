package io.toolgate.race.checker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Violation of a rule, found in the evidence of a run.
 *
 * @param kind the kind of violation
 * @param rule the rule of {@code core/SPEC.md} that is violated; 0 if it is about the run itself
 * @param key the key, or null if it is not about one key
 * @param seen the observation, with numbers
 * @param lines the lines of the histories and the ledger that show it, each with the process that wrote it
 */
public record Violation(Kind kind, int rule, @Nullable String key, String seen, List<String> lines) {
    static Violation of(Kind kind, @Nullable String key, String seen, List<String> lines) {
        return new Violation(kind, kind.rule, key, seen, lines);
    }

    /** One line for people. */
    public String describe() {
        return (key == null ? "" : key + ": ") + kind.words + (rule == 0 ? "" : " (rule " + rule + ")") + ": " + seen;
    }

    /** Kind of a violation; the worst come first. */
    public enum Kind {
        /** A key has more charges than its recovery allows. */
        CHARGED_TWICE(5, "charged more often than the recovery allows"),
        /** A key was charged for two inputs. */
        CHARGED_FOR_TWO_INPUTS(9, "charged two different amounts"),
        /** An attempt of unknown effect was followed by a run that the declared recovery does not allow. */
        BLIND_RERUN(5, "run again against its declared recovery"),
        /** An attempt that had its effect was released as not executed. */
        RELEASED_AFTER_EFFECT(5, "released as not executed after its charge"),
        /** Two claims of a key were valid at the same time. */
        TWO_OWNERS(1, "owned by two attempts at a time"),
        /** Callers of one key got different results. */
        DIFFERENT_RESULTS(2, "different results for its callers"),
        /** Some callers of one key got a result and others a rejection. */
        COMPLETED_AND_REJECTED(2, "completed for some callers and rejected for others"),
        /** A record changed after it was finished. */
        FINISHED_CHANGED(2, "changed after it was finished"),
        /** A caller got a result before it was stored. */
        ACKNOWLEDGED_EARLY(3, "acknowledged before it was stored"),
        /** The database does not hold an acknowledged result. */
        NOT_RECORDED(3, "not in the database as it was acknowledged"),
        /** Callers got a receipt of a charge that the ledger does not have. */
        FALSE_RECEIPT(3, "a receipt that is not in the ledger"),
        /** A late result was refused although its record was still in doubt and not claimed since. */
        LATE_RESULT_REFUSED(6, "a late result refused although its owner had not been replaced"),

        /** A stale owner completed a run. */
        STALE_END(4, "completed by an owner that had been replaced"),
        /** A stale owner's lease was renewed. */
        STALE_RENEWAL(4, "a lease was renewed after it was lost"),
        /** Two transitions of one record have the same version. */
        VERSION_TWICE(4, "one version for two transitions"),
        /** A later claim got a lower fence. */
        FENCE_FELL(4, "a fence that did not grow"),
        /** The row is older than processes saw it. */
        ROW_WENT_BACK(4, "a row older than processes saw it"),
        /** The row is in a state that no observed transition explains. */
        ROW_UNEXPLAINED(4, "a row in a state that no transition explains"),
        /** A key has no charge. */
        NEVER_CHARGED(5, "never charged"),
        /** The ledger has a charge that belongs to no key. */
        STRAY_CHARGE(5, "a charge that no call requested"),
        /** A key was charged, and its callers got a rejection. */
        FALSE_REJECTION(3, "rejected although it was charged"),

        /** The provider got another key than the record's. */
        WRONG_PROVIDER_KEY(5, "sent to the provider with a wrong key"),
        /** A record is still in progress although no process runs it. */
        LEFT_IN_PROGRESS(5, "left in progress"),
        /** A record is not finished although its recovery could have finished it. */
        UNRESOLVED(5, "left unresolved by a recovery that can resolve it"),
        /** A call was answered too late. */
        LATE_ANSWER(8, "answered long after the wait was over"),
        /** A call was never answered. */
        NO_ANSWER(8, "calls that were never answered"),
        /** A caller got the result of another input. */
        OTHER_INPUT_ANSWERED(9, "answered with the result of another input"),
        /** A caller with the right input got a conflict. */
        FALSE_CONFLICT(9, "a conflict for the input that the key belongs to"),
        /** A waiting call timed out although the key had no owner. */
        NOT_TAKEN_OVER(10, "waited for a key without an owner and did not take over"),
        /** A storable result was reported as unavailable. */
        RESULT_UNAVAILABLE(11, "results unavailable"),
        /** A call threw an exception that does not say whether it failed before or after the effect. */
        UNTYPED_ERROR(12, "errors that do not say whether the action took effect"),
        /** A call that had its effect answered that nothing was executed. */
        DENIED_AFTER_EFFECT(12, "reported as not executed, after the charge"),

        /** A call got no result in an undisturbed run. */
        NOT_ANSWERED(2, "callers without the result"),
        /** Not exactly one call of a key ran the action in an undisturbed run. */
        NOT_EXECUTED_ONCE(1, "not run by exactly one call"),
        /** Calls were not made, or not recorded. */
        CALLS_MISSING(0, "calls are missing"),
        /** A process failed that was not disturbed. */
        PROCESS_FAILED(0, "a process failed");

        private final int rule;
        private final String words;

        Kind(int rule, String words) {
            this.rule = rule;
            this.words = words;
        }

        /** The rule of {@code core/SPEC.md} that is violated; 0 if it is about the run itself. */
        public int rule() {
            return rule;
        }

        /** The description for people. */
        public String words() {
            return words;
        }
    }
}
