package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.Swept;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.provider.LedgerLine;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Check of rules 9, 11 and 12, which concern single answers, and of the answers that every caller of an undisturbed run
 * must get.
 */
final class AnswerCheck implements Check {
    private static final String EXCEPTION = "io.toolgate.ToolGateException$";

    /** The exceptions that say whether the call failed before or after the effect. */
    private static final Set<String> TYPED = Set.of(
            EXCEPTION + "NotExecuted",
            EXCEPTION + "ResultNotStored",
            EXCEPTION + "WaitInterrupted",
            EXCEPTION + "TooManyWaiters",
            EXCEPTION + "Closed");

    /** The tolerance for timers that fire early. */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** The longest time from the completion of a run until every waiter has its result. */
    private static final long PROPAGATION_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Terms terms;
    private final Limits limits;
    private final Findings findings;

    AnswerCheck(Terms terms, Limits limits, Findings findings) {
        this.terms = terms;
        this.limits = limits;
        this.findings = findings;
    }

    @Override
    public void check(Dossier dossier) {
        // A machine that is too slow for the leases disturbs a race like a freeze.
        boolean calm = terms.calm() && !dossier.history().starved();
        Set<Long> charged = dossier.amounts();
        dossier.history().answers().forEach((kind, count) -> {
            boolean isInput = charged.contains(kind.amount());
            if (kind.answer() == Answer.COMPLETED && !charged.isEmpty() && !isInput) {
                found(Kind.OTHER_INPUT_ANSWERED, dossier, count, "for " + kind.amount() + ", charged " + charged);
            } else if (kind.answer() == Answer.CONFLICT && isInput) {
                found(Kind.FALSE_CONFLICT, dossier, count, "for " + kind.amount() + ", which was charged");
            } else if (kind.answer() == Answer.CONFLICT
                    && dossier.history().amounts().size() == 1) {
                found(Kind.FALSE_CONFLICT, dossier, count, "for " + kind.amount() + ", the only input of this key");
            } else if (kind.answer() == Answer.UNAVAILABLE) {
                found(Kind.RESULT_UNAVAILABLE, dossier, count, "");
            } else if (kind.answer() == Answer.ERROR && !TYPED.contains(String.valueOf(kind.error()))) {
                found(Kind.UNTYPED_ERROR, dossier, count, "");
            } else if (calm && !isAllowed(dossier, kind)) {
                found(Kind.NOT_ANSWERED, dossier, count, kind.answer().name());
            }
        });
        if (calm) {
            checkExecutedOnce(dossier);
        }
        for (Swept swept : dossier.history().swept()) {
            if (!isAllowed(swept)) {
                findings.add(
                        Kind.NOT_ANSWERED,
                        dossier.key(),
                        swept.answer() + " in the final sweep, without any competing process (" + swept.place() + ")");
            }
        }
    }

    /** Whether the process that sweeps last, undisturbed, may get this answer; other checks judge its content. */
    private boolean isAllowed(Swept swept) {
        return switch (swept.answer()) {
            case COMPLETED, REJECTED, CONFLICT, IN_DOUBT, UNAVAILABLE -> true;
            // On a machine where a call takes longer than a lease, no owner can keep its lease.
            case RETRYABLE, IN_PROGRESS, LEASE_LOST, ERROR -> swept.answered() - swept.sent() >= limits.leaseNanos();
        };
    }

    private void found(Kind kind, Dossier dossier, AnswerCount count, String what) {
        String calls = count.count() == 1 ? "1 call" : count.count() + " calls";
        findings.add(kind, dossier.key(), calls + (what.isEmpty() ? "" : " " + what) + count.examples());
    }

    /** Whether a call of an undisturbed run may get this answer. */
    private boolean isAllowed(Dossier dossier, AnswerKind kind) {
        return switch (kind.answer()) {
            case COMPLETED -> true;
            case REJECTED -> dossier.declined();
            // Of two inputs that race for a key, the one that never reached the provider has lost.
            case CONFLICT -> {
                Set<Long> seen =
                        dossier.ledger().stream().map(LedgerLine::amount).collect(Collectors.toSet());
                yield !seen.isEmpty() && !seen.contains(kind.amount());
            }
            // A call whose wait is shorter than the run; none any more once the result had time to reach the waiters.
            case IN_PROGRESS ->
                dossier.history().shortestWait() >= limits.waitNanos() - SLACK_NANOS
                        && dossier.finish()
                                .map(completion ->
                                        dossier.history().lastInProgress() - completion.answered() <= PROPAGATION_NANOS)
                                .orElse(false);
            case RETRYABLE, IN_DOUBT, UNAVAILABLE, LEASE_LOST, ERROR -> false;
        };
    }

    private void checkExecutedOnce(Dossier dossier) {
        long executed = dossier.history().answers().entrySet().stream()
                .filter(entry -> entry.getKey().isExecuted())
                .mapToLong(entry -> entry.getValue().count())
                .sum();
        if (executed != 1 && dossier.answered(Answer.COMPLETED)) {
            findings.add(Kind.NOT_EXECUTED_ONCE, dossier.key(), executed + " calls ran the action");
        }
    }
}
