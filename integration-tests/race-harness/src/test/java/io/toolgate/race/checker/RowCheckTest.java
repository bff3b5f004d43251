package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.ClaimSent;
import io.toolgate.race.history.Event.Claimed;
import io.toolgate.race.history.Event.CompletionAnswered;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.race.history.Event.CompletionSent;
import io.toolgate.store.RecordState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Violations in the rows at the end of a run, next to rows that a kill explains. */
class RowCheckTest {
    @TempDir
    Path directory;

    private final Run run = HealthyRun.withKill();

    @Test
    void aRowThatIsMissing() throws IOException {
        run.rows.remove(run.key(HealthyRun.PLAIN));
        assertThat(run.check(directory).violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.NOT_RECORDED);
            assertThat(violation.rule()).isEqualTo(3);
            assertThat(violation.seen()).isEqualTo("callers got sha-of-resul…, but the database has no row");
        });
        assertThat(run.check(directory).tally().recorded()).isEqualTo(2);
    }

    @Test
    void aRejectionThatIsNotStored() throws IOException {
        run.rows.remove(run.key(HealthyRun.DECLINED));
        assertThat(run.kinds(directory)).containsExactly(Kind.NOT_RECORDED);
    }

    @Test
    void anotherResultInTheRow() throws IOException {
        run.rows.put(run.key(HealthyRun.TAKEN), new Row(RecordState.COMPLETED, 2, 3, "token-1-2", "sha-of-another"));
        assertThat(run.kinds(directory)).containsExactly(Kind.NOT_RECORDED);
    }

    @Test
    void aResultThatOnlyItsOwnerGot() throws IOException {
        run.remove(Answered.class, e -> run.of(HealthyRun.CONTESTED).test(e) && e.answer() == Answer.COMPLETED);
        run.kill(2, 2, 1536);
        assertThat(run.kinds(directory)).isEmpty();
        run.rows.put(
                run.key(HealthyRun.CONTESTED), new Row(RecordState.COMPLETED, 1, 2, "token-3-1", "sha-of-another"));
        assertThat(run.kinds(directory)).containsExactly(Kind.NOT_RECORDED);
    }

    @Test
    void anotherResultThatAClaimFound() throws IOException {
        run.change(Claimed.class, e -> e.nanos() == Run.at(63), Map.of("sha256", "sha-of-another"));
        assertThat(run.kinds(directory)).containsExactly(Kind.FINISHED_CHANGED);
    }

    @Test
    void aRowThatMovedAfterItWasFinished() throws IOException {
        run.row(HealthyRun.TAKEN, RecordState.COMPLETED, 2, 4);
        assertThat(run.kinds(directory)).containsExactly(Kind.FINISHED_CHANGED, Kind.ROW_UNEXPLAINED);
    }

    @Test
    void aRowThatWentBack() throws IOException {
        run.row(HealthyRun.TAKEN, RecordState.COMPLETED, 2, 2);
        assertThat(run.kinds(directory)).containsExactly(Kind.ROW_WENT_BACK);
        run.row(HealthyRun.TAKEN, RecordState.COMPLETED, 1, 3);
        assertThat(run.kinds(directory)).containsExactly(Kind.ROW_WENT_BACK);
    }

    private static Run released() {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.applied(1, 1, 0, 1, 20, CompletionKind.RELEASE, 2);
        run.call(1, 1, 0, 100, 10, 26, Answer.RETRYABLE, null);
        run.row(0, RecordState.IN_DOUBT, 2, 4);
        return run;
    }

    @Test
    void aRowThatOnlyACutClaimCanHaveMoved() throws IOException {
        Run whole = released();
        assertThat(whole.kinds(directory)).containsExactly(Kind.ROW_UNEXPLAINED);
        Run cut = released();
        cut.kill(2, 1, 32);
        cut.add(2, 1, new ClaimSent(Run.at(31), 0, cut.key(0), "cut"));
        assertThat(cut.kinds(directory)).isEmpty();
    }

    /** The owner was killed after its charge; the row is completed. */
    private static Run completedByNobody() {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.kill(1, 1, 50);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.effect(1, 1, 0, 1, 15);
        run.charge(0, 1, 30);
        run.row(0, RecordState.COMPLETED, 1, 2);
        return run;
    }

    @Test
    void aResultThatOnlyACutEndCanHaveStored() throws IOException {
        assertThat(completedByNobody().kinds(directory)).containsExactly(Kind.ROW_UNEXPLAINED);
        Run cut = completedByNobody();
        cut.completionSent(1, 1, 0, 1, 45, CompletionKind.COMPLETE);
        assertThat(cut.kinds(directory)).isEmpty();
        cut.change(CompletionSent.class, e -> true, Map.of("sha256", "sha-of-another"));
        assertThat(cut.kinds(directory)).containsExactly(Kind.ROW_UNEXPLAINED);
    }

    @Test
    void anEndThatTheStoreThrewAboutMayBeStored() throws IOException {
        Run run = completedByNobody();
        run.completionSent(1, 1, 0, 1, 42, CompletionKind.COMPLETE);
        run.add(
                1,
                1,
                new CompletionAnswered(
                        Run.at(48),
                        0,
                        run.key(0),
                        Run.token(0, 1),
                        1,
                        CompletionKind.COMPLETE,
                        Run.result(0),
                        Run.at(42),
                        CompletionResult.ERROR,
                        null,
                        0,
                        "down"));
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aRowThatIsLeftInProgress() throws IOException {
        Run run = completedByNobody();
        run.row(0, RecordState.IN_PROGRESS, 1, 1);
        assertThat(run.kinds(directory)).containsExactly(Kind.LEFT_IN_PROGRESS);
    }

    @Test
    void aDoubtThatTheRecoveryCouldHaveResolved() throws IOException {
        Run run = completedByNobody();
        run.claim(2, 1, 0, 1100, 1105, ClaimResult.IN_DOUBT, 1, 2);
        run.row(0, RecordState.IN_DOUBT, 1, 2);
        assertThat(run.kinds(directory)).isEmpty();
        run.terms(Run.terms(Recovery.PROBE, true, false));
        assertThat(run.kinds(directory)).containsExactly(Kind.UNRESOLVED);
    }

    @Test
    void aLateResultThatIsRefusedThoughTheDoubtWasNotClaimed() throws IOException {
        Run run = HealthyRun.held();
        Map<String, Object> refused = new HashMap<>();
        refused.put("result", CompletionResult.LEASE_LOST);
        refused.put("previous_state", null);
        refused.put("version", 0);
        run.change(Event.CompletionAnswered.class, e -> true, refused);
        Map<String, Object> lost = new HashMap<>();
        List.of("origin", "sha256", "receipt").forEach(member -> lost.put(member, null));
        lost.put("answer", Event.Answer.LEASE_LOST);
        run.change(Event.Answered.class, e -> e.nanos() == Run.at(1640), lost);
        run.row(0, RecordState.IN_DOUBT, 1, 2);
        assertThat(run.kinds(directory)).containsExactly(Kind.LATE_RESULT_REFUSED);
        run.rows.put(run.key(0), new Row(RecordState.IN_DOUBT, 2, 3, Run.token(0, 2), null));
        run.acquire(2, 1, 0, 1610, 1615, 2, 3, "IN_DOUBT");
        assertThat(run.kinds(directory)).doesNotContain(Kind.LATE_RESULT_REFUSED);
    }
}
