package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event.Answer;
import java.io.IOException;
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
    void aDoubtThatIsHeldAndTheLateTruthAboutItHeld() throws IOException {
        Verdict verdict = HealthyRun.held().check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.tally().lateTruths()).isEqualTo(1);
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
}
