package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.Called;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.Claimed;
import io.toolgate.race.history.Event.CompletionAnswered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in which everything is as it should be, and what is counted in them. */
class CheckerTest {
    @TempDir
    Path directory;

    @Test
    void aHealthyRunWithAKillAndATakeoverHeld() throws IOException {
        Verdict verdict = HealthyRun.withKill().check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.held()).isTrue();
        Tally tally = verdict.tally();
        assertThat(tally.keys()).isEqualTo(4);
        assertThat(tally.calls()).isEqualTo(10);
        assertThat(tally.unanswered()).isEqualTo(1);
        assertThat(tally.answers()).isEqualTo(Map.of(Answer.COMPLETED, 6L, Answer.REJECTED, 2L, Answer.CONFLICT, 1L));
        assertThat(tally.executed()).isEqualTo(3);
        assertThat(tally.replayed()).isEqualTo(3);
        assertThat(tally.charges()).isEqualTo(3);
        assertThat(tally.chargedTwice()).isZero();
        assertThat(tally.takeovers()).isEqualTo(1);
        assertThat(tally.kills()).isEqualTo(1);
        assertThat(tally.distinctResultsMax()).isEqualTo(1);
        assertThat(tally.recorded()).isEqualTo(3);
        assertThat(tally.executedByProcess()).isEqualTo(Map.of(1, 2L, 2, 1L));
    }

    @Test
    void itsLatenciesAreThoseOfItsCalls() throws IOException {
        Figures figures = HealthyRun.withKill().check(directory).figures();
        assertThat(figures.executing().count()).isEqualTo(3);
        assertThat(figures.executing().millis(1)).isEqualTo(1080);
        assertThat(figures.replaying().count()).isEqualTo(3);
        assertThat(figures.replaying().millis(0)).isEqualTo(5);
        // Called at 12, stored at 45, answered at 60; called after it was stored; stored at 1184, answered at 1200.
        assertThat(figures.replayLag().millis(0)).isEqualTo(5);
        assertThat(figures.replayLag().millis(0.5)).isEqualTo(15);
        assertThat(figures.replayLag().millis(1)).isEqualTo(16);
    }

    @Test
    void theSweepersAnswersAreCheckedAndNotCounted() throws IOException {
        Run run = HealthyRun.withKill();
        run.call(0, 1, HealthyRun.PLAIN, 100, 7000, 7005, Answer.COMPLETED, "REPLAYED");
        Verdict verdict = run.check(directory);
        assertThat(verdict.held()).isTrue();
        assertThat(verdict.tally().calls()).isEqualTo(10);
        assertThat(verdict.tally().replayed()).isEqualTo(3);
        assertThat(verdict.figures().replaying().count()).isEqualTo(3);
    }

    @Test
    void aCalmRunHeld() throws IOException {
        Verdict verdict = HealthyRun.calm().check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.tally().calls()).isEqualTo(3);
    }

    @Test
    void aDoubtThatIsHeldAndItsLateResultHeld() throws IOException {
        Verdict verdict = HealthyRun.held().check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.tally().lateResults()).isEqualTo(1);
        assertThat(verdict.tally().freezes()).isEqualTo(1);
        assertThat(verdict.tally().answered(Answer.IN_DOUBT)).isEqualTo(1);
    }

    @Test
    void theWindowIsCountedApartAndHeld() throws IOException {
        for (Recovery recovery : new Recovery[] {Recovery.PROBE, Recovery.RERUN}) {
            Verdict verdict = HealthyRun.window(recovery).check(directory);
            assertThat(verdict.violations()).isEmpty();
            assertThat(verdict.tally().charges()).isEqualTo(2);
            assertThat(verdict.tally().chargedTwice()).isEqualTo(1);
            assertThat(verdict.tally().chargedInWindow()).isEqualTo(1);
            assertThat(verdict.tally().chargedByRerun()).isZero();
            assertThat(verdict.tally().staleRefused()).isEqualTo(1);
        }
    }

    @Test
    void reclockingsAreCounted() throws IOException {
        Run run = HealthyRun.calm();
        run.deeds.add(new Deed.Reclocked(Run.at(50), 1, 1, 3_600_000));
        assertThat(run.check(directory).tally().reclockings()).isEqualTo(1);
    }

    @Test
    void aCallThatAProbeAnsweredIsRecovered() throws IOException {
        Run run = HealthyRun.withKill();
        run.change(Answered.class, e -> e.nanos() == Run.at(1190), Map.of("origin", "RECOVERED"));
        Verdict verdict = run.check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.tally().recovered()).isEqualTo(1);
        assertThat(verdict.tally().executed()).isEqualTo(2);
    }

    @Test
    void replaysOfAnUnreportedCompletionHaveNoLag() throws IOException {
        Run run = HealthyRun.withKill();
        run.remove(CompletionAnswered.class, e -> e.nanos() == Run.at(1532 + 3));
        run.remove(Answered.class, e -> e.nanos() == Run.at(1540));
        run.kill(2, 2, 1534);
        run.claim(3, 1, HealthyRun.CONTESTED, 1601, 1603, ClaimResult.FINISHED, 1, 2);
        run.change(Claimed.class, e -> e.nanos() == Run.at(1603), Map.of("sha256", Run.result(HealthyRun.CONTESTED)));
        run.call(3, 1, HealthyRun.CONTESTED, 100, 1600, 1605, Answer.COMPLETED, "REPLAYED");
        Verdict verdict = run.check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.figures().replaying().count()).isEqualTo(4);
        assertThat(verdict.figures().replayLag().count()).isEqualTo(3);
    }

    @Test
    void whatIsNotAboutAKeyOfTheRaceIsLeftOut() throws IOException {
        Run run = HealthyRun.calm();
        run.add(1, 1, new Called(Run.at(5), 0, "process-1-1", 99, 1, 100));
        Verdict verdict = run.check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.tally().calls()).isEqualTo(3);
        assertThat(verdict.tally().keys()).isEqualTo(1);
    }

    @Test
    void aHistoryThatCannotBeReadIsNoVerdict() throws IOException {
        Evidence evidence = HealthyRun.calm().evidence(directory);
        Files.writeString(evidence.histories().get(0).path(), "{\"event\":\"begun\"}\n");
        assertThatIOException().isThrownBy(() -> Checker.check(evidence)).withMessageContaining("line 1");
        Files.delete(evidence.histories().get(0).path());
        assertThatIOException().isThrownBy(() -> Checker.check(evidence));
    }
}
