package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.Claimed;
import io.toolgate.race.history.Event.CompletionAnswered;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.store.RecordState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Second claims that are too early, next to correct ones that resemble them. */
class OwnershipCheckTest {
    @TempDir
    Path directory;

    private List<Kind> takenOverAt(int millis, boolean renewed) throws IOException {
        Run run = HealthyRun.withKill();
        run.change(Claimed.class, e -> e.tookOver(), Map.of("nanos", Run.at(millis), "sent_nanos", Run.at(millis - 5)));
        if (renewed) {
            run.renew(2, 1, HealthyRun.TAKEN, 1, 112, true);
        }
        return run.kinds(directory);
    }

    @Test
    void aTakeoverBeforeTheLeaseIsOver() throws IOException {
        // The last request for the lease was sent at 105; clocks may disagree by 25 ms and a hundredth of the lease,
        // 1000 ms.
        assertThat(takenOverAt(1069, false)).containsExactly(Kind.TWO_OWNERS);
        assertThat(takenOverAt(1071, false)).isEmpty();
        assertThat(takenOverAt(1071, true)).containsExactly(Kind.TWO_OWNERS);
        assertThat(takenOverAt(1078, true)).isEmpty();
    }

    @Test
    void itNamesProcessAndTime() throws IOException {
        Run run = HealthyRun.withKill();
        run.change(Claimed.class, e -> e.tookOver(), Map.of("nanos", Run.at(1005), "sent_nanos", Run.at(1000)));
        assertThat(run.check(directory).violations()).singleElement().satisfies(violation -> {
            assertThat(violation.rule()).isEqualTo(1);
            assertThat(violation.key()).isEqualTo(run.key(HealthyRun.TAKEN));
            assertThat(violation.seen())
                    .isEqualTo("given to attempt 2 (process 1 life 1 line 26) 100 ms before attempt 1 (process 2 life 1"
                            + " line 10) completed or its lease ended");
        });
    }

    /** Released by its first owner at 20 to 25 and acquired by another, with an answer at this time. */
    private static Run releasedAndClaimed(int answered) {
        Run run = new Run(Run.terms(Recovery.RERUN, true, false), 1);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.end(1, 1, 0, 1, 20, 25, CompletionKind.RELEASE, CompletionResult.APPLIED, "IN_PROGRESS", 2);
        run.call(1, 1, 0, 100, 10, 26, Answer.RETRYABLE, null);
        run.acquire(2, 1, 0, answered - 3, answered, 2, 3, "RETRYABLE");
        run.effect(2, 1, 0, 2, 30);
        run.charge(0, 2, 40);
        run.applied(2, 1, 0, 2, 50, CompletionKind.COMPLETE, 4);
        run.call(2, 1, 0, 100, 15, 60, Answer.COMPLETED, "EXECUTED");
        run.row(0, RecordState.COMPLETED, 2, 4);
        return run;
    }

    @Test
    void aClaimMayBeAnsweredBeforeTheReleaseThatMadeItPossible() throws IOException {
        assertThat(releasedAndClaimed(22).kinds(directory)).isEmpty();
        assertThat(releasedAndClaimed(19).kinds(directory)).containsExactly(Kind.TWO_OWNERS, Kind.STALE_END);
    }

    @Test
    void aReleaseThatWasCutMayHaveMadeAClaimPossible() throws IOException {
        Run run = releasedAndClaimed(28);
        run.remove(CompletionAnswered.class, e -> e.fence() == 1);
        run.remove(Answered.class, e -> e.answer() == Answer.RETRYABLE);
        run.kill(1, 1, 24);
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void anEarlierOwnerMayHaveClaimedWhileALaterClaimWasOnItsWay() throws IOException {
        Run run = releasedAndClaimed(28);
        run.change(Claimed.class, e -> e.fence() == 2, Map.of("sent_nanos", Run.at(5)));
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void oneFenceForTwo() throws IOException {
        Run run = HealthyRun.held();
        run.add(
                2,
                1,
                new Claimed(
                        Run.at(15),
                        0,
                        run.key(0),
                        "another-token",
                        Run.at(12),
                        ClaimResult.ACQUIRED,
                        1,
                        1,
                        null,
                        0,
                        null,
                        null));
        assertThat(run.kinds(directory)).containsExactly(Kind.TWO_OWNERS);
    }

    @Test
    void aDoubtBeforeTheLeaseIsOver() throws IOException {
        Run run = HealthyRun.held();
        run.change(
                Claimed.class,
                e -> e.result() == ClaimResult.IN_DOUBT,
                Map.of("nanos", Run.at(900), "sent_nanos", Run.at(890)));
        assertThat(run.kinds(directory)).containsExactly(Kind.TWO_OWNERS);
    }

    @Test
    void aDoubtThatTheOwnerItselfDeclared() throws IOException {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.end(1, 1, 0, 1, 20, 25, CompletionKind.DOUBT, CompletionResult.APPLIED, "IN_PROGRESS", 2);
        run.call(1, 1, 0, 100, 10, 26, Answer.IN_DOUBT, null);
        run.claim(2, 1, 0, 19, 23, ClaimResult.IN_DOUBT, 1, 2);
        run.call(2, 1, 0, 100, 18, 24, Answer.IN_DOUBT, null);
        run.row(0, RecordState.IN_DOUBT, 1, 2);
        assertThat(run.kinds(directory)).isEmpty();
    }
}
