package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.Claimed;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.Ensured;
import io.toolgate.race.history.Event.Probed;
import io.toolgate.race.history.Event.Ticked;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.store.RecordState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Violations in charges, each by one change to a correct run. */
class ChargeCheckTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Recovery.class)
    void aSecondChargeOfAProviderThatDedupes(Recovery recovery) throws IOException {
        Run run = HealthyRun.window(recovery);
        run.terms(Run.terms(recovery, true, false));
        assertThat(run.kinds(directory)).startsWith(Kind.CHARGED_TWICE);
        assertThat(run.check(directory).tally().chargedTwice()).isEqualTo(1);
        assertThat(run.check(directory).tally().chargedInWindow()).isZero();
    }

    @Test
    void aChargeBeforeAProbeThatMissedItIsNotInFlight() throws IOException {
        Run run = HealthyRun.withKill();
        run.terms(Run.terms(Recovery.PROBE, false, false));
        run.ledger(LedgerLine.Kind.CHARGED, HealthyRun.TAKEN, 1, 1145, "receipt-early", 100);
        assertThat(run.kinds(directory)).containsExactly(Kind.CHARGED_TWICE);
    }

    @Test
    void aRequestThatOutlivedItsOwnerAndItsLeaseIsCountedApartFromTheWindow() throws IOException {
        Run run = HealthyRun.withKill();
        run.terms(Run.terms(Recovery.PROBE, false, false));
        run.ledger(LedgerLine.Kind.CHARGED, HealthyRun.TAKEN, 1, 1175, "receipt-late", 100);
        Verdict verdict = run.check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.tally().chargedTwice()).isEqualTo(1);
        assertThat(verdict.tally().chargedInFlight()).isEqualTo(1);
        assertThat(verdict.tally().chargedInWindow()).isZero();
    }

    @Test
    void aRequestInFlightIsNoExcuseWhereTheRecoveryHolds() throws IOException {
        Run run = HealthyRun.withKill();
        run.terms(Run.terms(Recovery.HOLD, false, false));
        run.ledger(LedgerLine.Kind.CHARGED, HealthyRun.TAKEN, 1, 1175, "receipt-late", 100);
        assertThat(run.kinds(directory)).contains(Kind.CHARGED_TWICE);
    }

    @Test
    void anOwnerWithoutAnOwnershipCheckIsNotInTheWindow() throws IOException {
        Run run = HealthyRun.window(Recovery.PROBE);
        run.remove(Ensured.class, e -> e.fence() == 1);
        assertThat(run.kinds(directory)).containsExactly(Kind.CHARGED_TWICE);
    }

    @Test
    void anOwnerThatCheckedAfterTheTakeoverIsNotInTheWindow() throws IOException {
        Run run = HealthyRun.window(Recovery.PROBE);
        run.change(Claimed.class, e -> e.fence() == 2, Map.of("nanos", Run.at(14), "sent_nanos", Run.at(12)));
        assertThat(run.kinds(directory)).startsWith(Kind.CHARGED_TWICE);
    }

    @Test
    void aChargeBeforeTheTakeoverIsNotInTheWindow() throws IOException {
        Run run = HealthyRun.window(Recovery.PROBE);
        LedgerLine late = run.ledger.remove(1);
        assertThat(late.receipt()).isEqualTo("receipt-late");
        run.ledger(LedgerLine.Kind.CHARGED, 0, 1, 1050, "receipt-late", 100);
        assertThat(run.kinds(directory)).containsExactly(Kind.CHARGED_TWICE);
    }

    @Test
    void anOwnerThatWasAwakeIsNotInTheWindow() throws IOException {
        Run run = HealthyRun.window(Recovery.PROBE);
        thawed(run);
        assertThat(run.kinds(directory)).containsExactly(Kind.CHARGED_TWICE);
    }

    @Test
    void anOwnerWithoutAProcessorIsInTheWindowLikeAFrozenOne() throws IOException {
        Run run = HealthyRun.window(Recovery.PROBE);
        run.deeds.clear();
        Verdict verdict = run.check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.tally().chargedInWindow()).isEqualTo(1);
    }

    @Test
    void theLateChargeMayComeFirstInTheWindow() throws IOException {
        Run run = HealthyRun.window(Recovery.PROBE);
        run.ledger.clear();
        run.ledger(LedgerLine.Kind.CHARGED, 0, 1, 1115, "receipt-late", 100);
        run.charge(0, 2, 1120);
        Verdict verdict = run.check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.tally().chargedInWindow()).isEqualTo(1);
    }

    @Test
    void oneAttemptThatChargesTwiceIsNotInTheWindow() throws IOException {
        Run run = HealthyRun.window(Recovery.PROBE);
        run.ledger(LedgerLine.Kind.CHARGED, 0, 1, 1627, "receipt-later", 100);
        assertThat(run.kinds(directory)).containsExactly(Kind.CHARGED_TWICE);
    }

    @Test
    void aDeclaredRerunWithoutAFreezeIsCountedApart() throws IOException {
        Run run = HealthyRun.window(Recovery.RERUN);
        thawed(run);
        Verdict verdict = run.check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.tally().chargedTwice()).isEqualTo(1);
        assertThat(verdict.tally().chargedByRerun()).isEqualTo(1);
        assertThat(verdict.tally().chargedInWindow()).isZero();
    }

    @Test
    void aSecondRunOfWhatWasReleasedIsNoDeclaredRerun() throws IOException {
        Run run = HealthyRun.window(Recovery.RERUN);
        thawed(run);
        run.change(Claimed.class, e -> e.fence() == 2, Map.of("previous_state", "RETRYABLE"));
        assertThat(run.kinds(directory)).containsExactly(Kind.CHARGED_TWICE);
    }

    private static void thawed(Run run) {
        run.deeds.clear();
        for (int i = 100; i <= 1600; i += 100) {
            run.add(1, 1, new Ticked(Run.at(i), 0));
        }
    }

    @Test
    void underHoldNothingIsEverChargedTwice() throws IOException {
        Run run = HealthyRun.held();
        run.terms(Run.terms(Recovery.HOLD, false, false));
        assertThat(run.kinds(directory)).isEmpty();
        run.ledger(LedgerLine.Kind.CHARGED, 0, 1, 1500, "receipt-late", 100);
        assertThat(run.kinds(directory)).containsExactly(Kind.CHARGED_TWICE);
    }

    @Test
    void aTakeoverUnderHold() throws IOException {
        Run run = HealthyRun.withKill();
        run.terms(Run.terms(Recovery.HOLD, true, false));
        assertThat(run.kinds(directory)).containsExactly(Kind.BLIND_RERUN);
    }

    @Test
    void aTakeoverThatDidNotProbe() throws IOException {
        Run run = HealthyRun.withKill();
        run.remove(Probed.class, e -> true);
        assertThat(run.kinds(directory)).containsExactly(Kind.BLIND_RERUN);
        run.terms(Run.terms(Recovery.RERUN, true, false));
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aProbeThatFoundTheChargeOrCameLateIsNoLeaveToRun() throws IOException {
        Run found = HealthyRun.withKill();
        found.change(Probed.class, e -> true, Map.of("found", "HAPPENED"));
        assertThat(found.kinds(directory)).containsExactly(Kind.BLIND_RERUN);
        Run late = HealthyRun.withKill();
        late.change(Probed.class, e -> true, Map.of("nanos", Run.at(1165)));
        assertThat(late.kinds(directory)).containsExactly(Kind.BLIND_RERUN);
        Run another = HealthyRun.withKill();
        another.change(Probed.class, e -> true, Map.of("fence", 1));
        assertThat(another.kinds(directory)).containsExactly(Kind.BLIND_RERUN);
    }

    @Test
    void aReleaseIsHonestOnlyIfNothingWasCharged() throws IOException {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.effect(1, 1, 0, 1, 15);
        run.applied(1, 1, 0, 1, 41, CompletionKind.RELEASE, 2);
        run.call(1, 1, 0, 100, 10, 46, Answer.RETRYABLE, null);
        run.row(0, RecordState.RETRYABLE, 1, 2);
        assertThat(run.kinds(directory)).isEmpty();
        run.charge(0, 1, 30);
        assertThat(run.kinds(directory)).containsExactly(Kind.RELEASED_AFTER_EFFECT, Kind.DENIED_AFTER_EFFECT);
    }

    @Test
    void aResultWithoutACharge() throws IOException {
        Run run = HealthyRun.withKill();
        run.ledger.removeIf(line -> line.request().equals(Run.request(HealthyRun.PLAIN, 1)));
        assertThat(run.kinds(directory)).containsExactly(Kind.NEVER_CHARGED);
    }

    @Test
    void aDoubtWithoutAChargeIsNoResultWithoutOne() throws IOException {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.kill(1, 1, 20);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.claim(2, 1, 0, 1100, 1105, ClaimResult.IN_DOUBT, 1, 2);
        run.call(2, 1, 0, 100, 50, 1106, Answer.IN_DOUBT, null);
        run.row(0, RecordState.IN_DOUBT, 1, 2);
        assertThat(run.kinds(directory)).isEmpty();
        run.terms(Run.terms(Recovery.PROBE, true, false));
        assertThat(run.kinds(directory)).containsExactly(Kind.NEVER_CHARGED, Kind.UNRESOLVED);
    }

    @Test
    void aChargeWithoutARequest() throws IOException {
        Run run = HealthyRun.withKill();
        run.ledger.add(new LedgerLine(
                Run.at(50), LedgerLine.Kind.CHARGED, "request-x", "account-of-nobody", 100, null, "receipt-x"));
        assertThat(run.check(directory).violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.STRAY_CHARGE);
            assertThat(violation.rule()).isEqualTo(5);
            assertThat(violation.key()).isNull();
            assertThat(violation.seen()).isEqualTo("account-of-nobody");
        });
    }

    @Test
    void anotherKeyShownToTheProvider() throws IOException {
        for (String wrong : new String[] {"another", null}) {
            Run run = HealthyRun.withKill();
            LedgerLine line = run.ledger.get(0);
            run.ledger.set(
                    0,
                    new LedgerLine(
                            line.nanos(),
                            line.kind(),
                            line.request(),
                            line.account(),
                            line.amount(),
                            wrong,
                            line.receipt()));
            assertThat(run.kinds(directory)).isEqualTo(List.of(Kind.WRONG_PROVIDER_KEY));
        }
    }

    @Test
    void twoAmountsForOneKey() throws IOException {
        Run run = HealthyRun.window(Recovery.PROBE);
        run.ledger.remove(1);
        run.ledger(LedgerLine.Kind.CHARGED, 0, 1, 1625, "receipt-late", 200);
        assertThat(run.kinds(directory)).containsExactly(Kind.CHARGED_FOR_TWO_INPUTS);
    }

    /** A key with one attempt, which asked for the charge, and ended so. */
    private static Run ended(CompletionKind ending, Answer answer, RecordState state) {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.effect(1, 1, 0, 1, 15);
        run.applied(1, 1, 0, 1, 41, ending, 2);
        run.call(1, 1, 0, 100, 10, 46, answer, "EXECUTED");
        run.row(0, state, 1, 2);
        return run;
    }

    @Test
    void aRejectionIsHonestOnlyIfTheProviderDeclined() throws IOException {
        Run charged = ended(CompletionKind.REJECT, Answer.REJECTED, RecordState.REJECTED);
        charged.charge(0, 1, 30);
        assertThat(charged.kinds(directory)).containsExactly(Kind.FALSE_REJECTION);
        Run invented = ended(CompletionKind.REJECT, Answer.REJECTED, RecordState.REJECTED);
        assertThat(invented.kinds(directory)).containsExactly(Kind.NEVER_CHARGED);
        Run declined = ended(CompletionKind.REJECT, Answer.REJECTED, RecordState.REJECTED);
        declined.ledger(LedgerLine.Kind.DECLINED, 0, 1, 30, null, 100);
        assertThat(declined.kinds(directory)).isEmpty();
    }

    @Test
    void aResultOfADeclinedCharge() throws IOException {
        Run run = ended(CompletionKind.COMPLETE, Answer.COMPLETED, RecordState.COMPLETED);
        run.ledger(LedgerLine.Kind.DECLINED, 0, 1, 30, null, 100);
        assertThat(run.kinds(directory)).containsExactly(Kind.NEVER_CHARGED);
    }

    @Test
    void aCallThatChargedIsNotAnsweredNotExecuted() throws IOException {
        Run run = ended(CompletionKind.COMPLETE, Answer.ERROR, RecordState.COMPLETED);
        run.change(
                Answered.class,
                e -> true,
                Map.of("detail", "io.toolgate.ToolGateException$NotExecuted: the claim failed: down"));
        assertThat(run.kinds(directory)).isEmpty();
        run.charge(0, 1, 30);
        assertThat(run.kinds(directory)).containsExactly(Kind.DENIED_AFTER_EFFECT);
    }
}
