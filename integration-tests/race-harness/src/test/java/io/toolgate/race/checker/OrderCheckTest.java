package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.ClaimSent;
import io.toolgate.race.history.Event.Claimed;
import io.toolgate.race.history.Event.CompletionAnswered;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.store.RecordState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Violations in the order of a record's transitions, next to correct orders that resemble them. */
class OrderCheckTest {
    @TempDir
    Path directory;

    /** The first owner is frozen, replaced by a rerun, and comes back before that one's end. */
    private static Run replaced(CompletionResult lateResult, CompletionResult ownResult) {
        Run run = new Run(Run.terms(Recovery.RERUN, true, false), 1);
        run.ticks(1, 1, 0, 3000);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.effect(1, 1, 0, 1, 15);
        run.freeze(1, 20, 1620);
        run.charge(0, 1, 25);
        run.acquire(2, 1, 0, 1100, 1105, 2, 2, "IN_PROGRESS");
        run.effect(2, 1, 0, 2, 1111);
        run.ledger(LedgerLine.Kind.REPEATED, 0, 2, 1120, "receipt-0", 100);
        boolean late = lateResult == CompletionResult.APPLIED;
        run.end(1, 1, 0, 1, 1630, 1633, CompletionKind.COMPLETE, lateResult, late ? "IN_PROGRESS" : null, late ? 3 : 0);
        run.call(1, 1, 0, 100, 10, 1640, late ? Answer.COMPLETED : Answer.LEASE_LOST, late ? "EXECUTED" : null);
        run.end(2, 1, 0, 2, 1700, 1703, CompletionKind.COMPLETE, ownResult, late ? null : "IN_PROGRESS", late ? 0 : 3);
        run.call(2, 1, 0, 100, 50, 1710, late ? Answer.LEASE_LOST : Answer.COMPLETED, late ? null : "EXECUTED");
        run.row(0, RecordState.COMPLETED, 2, 3);
        return run;
    }

    @Test
    void anEndOfAnOwnerThatWasReplaced() throws IOException {
        assertThat(replaced(CompletionResult.LEASE_LOST, CompletionResult.APPLIED)
                        .kinds(directory))
                .isEmpty();
        assertThat(replaced(CompletionResult.APPLIED, CompletionResult.LEASE_LOST)
                        .kinds(directory))
                .containsExactly(Kind.STALE_END);
    }

    @Test
    void aClaimThatWasNeverAnsweredIsGivenBackUnderAFenceThatIsNotItsOwn() throws IOException {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.applied(1, 1, 0, 1, 20, CompletionKind.RELEASE, 2);
        run.call(1, 1, 0, 100, 10, 26, Answer.RETRYABLE, null);
        run.acquire(2, 1, 0, 30, 33, 2, 3, "RETRYABLE");
        run.applied(2, 1, 0, 2, 40, CompletionKind.RELEASE, 4);
        run.call(2, 1, 0, 100, 29, 46, Answer.RETRYABLE, null);
        run.claim(3, 1, 0, 50, 60, ClaimResult.ERROR, 0, 0);
        run.add(
                3,
                1,
                new CompletionAnswered(
                        Run.at(75),
                        0,
                        run.key(0),
                        "token-3-50",
                        1,
                        CompletionKind.RELEASE,
                        null,
                        Run.at(70),
                        CompletionResult.APPLIED,
                        "IN_PROGRESS",
                        6,
                        null));
        run.row(0, RecordState.RETRYABLE, 3, 6);
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aLeaseThatWasRenewedAfterATakeover() throws IOException {
        Run run = replaced(CompletionResult.LEASE_LOST, CompletionResult.APPLIED);
        run.renew(1, 1, 0, 1, 1625, false);
        assertThat(run.kinds(directory)).isEmpty();
        run.renew(1, 1, 0, 1, 1625, true);
        assertThat(run.kinds(directory)).contains(Kind.STALE_RENEWAL);
    }

    @Test
    void aLeaseThatWasRenewedAfterADoubt() throws IOException {
        Run run = HealthyRun.held();
        run.renew(1, 1, 0, 1, 1622, true);
        assertThat(run.kinds(directory)).contains(Kind.STALE_RENEWAL);
    }

    @Test
    void aLeaseThatWasRenewedAfterItsEnd() throws IOException {
        Run run = HealthyRun.calm();
        run.renew(1, 1, 0, 1, 43, true);
        assertThat(run.kinds(directory)).isEmpty();
        run.renew(1, 1, 0, 1, 46, true);
        assertThat(run.kinds(directory)).containsExactly(Kind.STALE_RENEWAL);
    }

    @Test
    void oneVersionTwice() throws IOException {
        Run run = HealthyRun.withKill();
        run.change(CompletionAnswered.class, e -> e.nanos() == Run.at(1184), Map.of("version", 2));
        run.row(HealthyRun.TAKEN, RecordState.COMPLETED, 2, 2);
        assertThat(run.kinds(directory)).containsExactly(Kind.VERSION_TWICE);
    }

    @Test
    void oneDoubtThatManyFindIsOneTransition() throws IOException {
        Run run = HealthyRun.held();
        run.claim(2, 1, 0, 1300, 1305, ClaimResult.IN_DOUBT, 1, 2);
        run.call(2, 1, 0, 100, 1299, 1306, Answer.IN_DOUBT, null);
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aFenceThatFell() throws IOException {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.acquire(1, 1, 0, 11, 14, 2, 1, null);
        run.applied(1, 1, 0, 2, 20, CompletionKind.RELEASE, 2);
        run.call(1, 1, 0, 100, 10, 26, Answer.RETRYABLE, null);
        run.acquire(2, 1, 0, 30, 33, 1, 3, "RETRYABLE");
        run.kill(2, 1, 35);
        run.claim(3, 1, 0, 1100, 1105, ClaimResult.IN_DOUBT, 2, 4);
        run.row(0, RecordState.IN_DOUBT, 2, 4);
        assertThat(run.kinds(directory)).containsExactly(Kind.FENCE_FELL);
    }

    @Test
    void aClaimOfWhatIsFinished() throws IOException {
        Run run = HealthyRun.withKill();
        run.acquire(3, 1, HealthyRun.PLAIN, 2000, 2003, 2, 3, "COMPLETED");
        run.applied(3, 1, HealthyRun.PLAIN, 2, 2010, CompletionKind.RELEASE, 4);
        assertThat(run.kinds(directory)).contains(Kind.FINISHED_CHANGED);
    }

    @Test
    void anEndOfWhatIsFinished() throws IOException {
        Run run = HealthyRun.calm();
        run.applied(1, 1, 0, 1, 100, CompletionKind.COMPLETE, 2);
        assertThat(run.kinds(directory)).contains(Kind.FINISHED_CHANGED);
    }

    @Test
    void anEndThatIsRepeatedChangesNothing() throws IOException {
        Run run = HealthyRun.calm();
        run.end(1, 1, 0, 1, 100, 103, CompletionKind.COMPLETE, CompletionResult.ALREADY_APPLIED, null, 2);
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aClaimWithoutAnAnswerExplainsALeapOfTheFence() throws IOException {
        Run run = new Run(Run.terms(Recovery.RERUN, true, false), 1);
        run.kill(1, 1, 12);
        run.add(1, 1, new ClaimSent(Run.at(11), 0, run.key(0), "cut"));
        run.executes(2, 1, 0, 2, 1100, 2);
        run.change(Claimed.class, e -> true, Map.of("previous_state", "IN_PROGRESS"));
        run.call(2, 1, 0, 100, 1099, 1140, Answer.COMPLETED, "EXECUTED");
        run.row(0, RecordState.COMPLETED, 2, 3);
        assertThat(run.kinds(directory)).isEmpty();
    }
}
