package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.Swept;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.provider.LedgerLine;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Rules 9, 11 and 12, which are about what a single caller is told, and what a run that nothing disturbed owes to every
 * caller.
 */
final class AnswerCheck implements Check {
    private static final String EXCEPTION = "io.toolgate.ToolGateException$";

    /** The exceptions of a call that say on which side of the effect it failed. */
    private static final Set<String> TYPED = Set.of(
            EXCEPTION + "NotExecuted",
            EXCEPTION + "ResultNotStored",
            EXCEPTION + "WaitInterrupted",
            EXCEPTION + "TooManyWaiters",
            EXCEPTION + "Closed");

    /** By how much timers may be early. */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** After how long everybody who waits must know that a run has ended. */
    private static final long NEWS_NANOS = TimeUnit.SECONDS.toNanos(1);

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
        // A machine that is too slow for the leases disturbs a race as a freeze does.
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
                found(Kind.FALSE_CONFLICT, dossier, count, "for " + kind.amount() + ", and nobody asked for another");
            } else if (kind.answer() == Answer.UNAVAILABLE) {
                found(Kind.RESULT_UNAVAILABLE, dossier, count, "");
            } else if (kind.answer() == Answer.ERROR && !TYPED.contains(String.valueOf(kind.error()))) {
                found(Kind.UNTYPED_ERROR, dossier, count, "");
            } else if (calm && !isDue(dossier, kind)) {
                found(Kind.NOT_ANSWERED, dossier, count, kind.answer().name());
            }
        });
        if (calm) {
            checkExecutedOnce(dossier);
        }
        for (Swept swept : dossier.history().swept()) {
            if (!isDue(swept)) {
                findings.add(
                        Kind.NOT_ANSWERED,
                        dossier.key(),
                        swept.answer() + " after the race, when nobody was in the way (" + swept.place() + ")");
            }
        }
    }

    /** Whether the process that comes last, and that nobody disturbs, may be told this. Other checks see to the rest. */
    private boolean isDue(Swept swept) {
        return switch (swept.answer()) {
            case COMPLETED, REJECTED, CONFLICT, IN_DOUBT, UNAVAILABLE -> true;
            // A machine on which a call lasts longer than a lease lets nobody own anything.
            case RETRYABLE, IN_PROGRESS, LEASE_LOST, ERROR -> swept.answered() - swept.sent() >= limits.leaseNanos();
        };
    }

    private void found(Kind kind, Dossier dossier, AnswerCount count, String what) {
        String calls = count.count() == 1 ? "1 call" : count.count() + " calls";
        findings.add(kind, dossier.key(), calls + (what.isEmpty() ? "" : " " + what) + count.examples());
    }

    /** Whether a call of a run that nothing disturbed may be told this. */
    private boolean isDue(Dossier dossier, AnswerKind kind) {
        return switch (kind.answer()) {
            case COMPLETED -> true;
            case REJECTED -> dossier.declined();
            // Of two inputs that race for a key, the one that the provider never saw lost.
            case CONFLICT -> {
                Set<Long> seen =
                        dossier.ledger().stream().map(LedgerLine::amount).collect(Collectors.toSet());
                yield !seen.isEmpty() && !seen.contains(kind.amount());
            }
            // Whoever waits for less time than the run takes; nobody any more once its end had time to get about.
            case IN_PROGRESS ->
                dossier.history().shortestWait() >= limits.waitNanos() - SLACK_NANOS
                        && dossier.finish()
                                .map(end -> dossier.history().lastInProgress() - end.answered() <= NEWS_NANOS)
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
            findings.add(Kind.NOT_EXECUTED_ONCE, dossier.key(), executed + " calls ran it");
        }
    }
}
