package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.Completion;
import io.toolgate.race.checker.KeyHistory.LongCall;
import io.toolgate.race.checker.KeyHistory.SlowClaim;
import io.toolgate.race.checker.Spans.Span;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Check of rules 8 and 10: every call is answered soon after its wait, and no call waits for a key without an owner.
 */
final class WaitCheck implements Check {
    private final Terms terms;
    private final Limits limits;
    private final Stalls stalls;
    private final Findings findings;

    WaitCheck(Terms terms, Limits limits, Stalls stalls, Findings findings) {
        this.terms = terms;
        this.limits = limits;
        this.stalls = stalls;
        this.findings = findings;
    }

    @Override
    public void check(Dossier dossier) {
        for (Place place : dossier.history().unanswered()) {
            findings.add(Kind.NO_ANSWER, dossier.key(), "the call of " + place);
        }
        List<LongCall> calls = dossier.history().longCalls();
        if (calls.isEmpty()) {
            return;
        }
        Spans owned = Spans.of(owned(dossier.history()));
        for (LongCall call : calls) {
            checkInTime(dossier, call);
            checkTakenOver(dossier.key(), call, owned);
        }
    }

    private void checkInTime(Dossier dossier, LongCall call) {
        long awake = call.answered() - call.sent() - excused(dossier.history(), call);
        if (!call.worked() && awake > limits.answerNanos()) {
            findings.add(
                    Kind.LATE_ANSWER,
                    dossier.key(),
                    call.answer() + " after " + TimeUnit.NANOSECONDS.toMillis(awake) + " ms, with a wait of "
                            + terms.waitMillis() + " ms (" + call.place() + ")");
        }
    }

    /**
     * The time for which the call could not be answered: its process did not run, or its claim waited while a frozen
     * process may have held the database's lock.
     */
    private long excused(KeyHistory history, LongCall call) {
        List<Span> excuses = new ArrayList<>(stalls.of(call.place().process()).within(call.sent(), call.answered()));
        for (SlowClaim claim : history.slowClaims()) {
            if (claim.place().sameLife(call.place())) {
                excuses.addAll(stalls.freezes()
                        .within(Math.max(call.sent(), claim.sent()), Math.min(call.answered(), claim.answered())));
            }
        }
        return Spans.of(excuses).nanosWithin(call.sent(), call.answered());
    }

    private void checkTakenOver(String key, LongCall call, Spans owned) {
        if (call.answer() != Answer.IN_PROGRESS || terms.recovery() == Recovery.HOLD) {
            return;
        }
        long from = call.answered() - limits.takeoverNanos();
        if (call.sent() <= from
                && owned.nanosWithin(from, call.answered()) == 0
                && stalls.of(call.place().process()).nanosWithin(from, call.answered()) == 0) {
            findings.add(
                    Kind.NOT_TAKEN_OVER,
                    key,
                    call.place() + " waited although the key had had no owner for "
                            + TimeUnit.NANOSECONDS.toMillis(limits.takeoverNanos()) + " ms");
        }
    }

    /** The times at which an attempt owned the key, may have owned it, or was about to acquire or release it. */
    private List<Span> owned(KeyHistory history) {
        List<Span> spans = new ArrayList<>();
        for (Tenure tenure : history.tenures()) {
            long until = tenure.endApplied() == Long.MAX_VALUE ? tenure.leaseUntil() : tenure.endApplied();
            spans.add(new Span(tenure.sent(), until));
        }
        history.openClaims().forEach(claim -> spans.add(new Span(claim.sent(), claim.until() + limits.leaseNanos())));
        for (Completion completion : history.openCompletions()) {
            spans.add(new Span(
                    completion.sent(), Math.min(completion.answered(), completion.sent() + limits.leaseNanos())));
        }
        history.slowClaims().forEach(claim -> spans.add(new Span(claim.sent(), claim.answered())));
        return spans;
    }
}
