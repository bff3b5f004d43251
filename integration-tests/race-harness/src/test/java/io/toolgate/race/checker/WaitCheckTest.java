package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.ClaimSent;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.EffectSent;
import io.toolgate.race.history.Event.Ticked;
import io.toolgate.store.RecordState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which waits are too long, and what excuses one. Calls wait 5 s, leases hold 1 s. */
class WaitCheckTest {
    @TempDir
    Path directory;

    /** A run whose owner is killed, and in which the third process waits from 250 until {@code answered}. */
    private static Run waited(Recovery recovery, int answered) {
        Run run = new Run(Run.terms(recovery, true, false), 1);
        run.ticks(3, 1, 0, 7000);
        run.ticks(1, 1, 0, 20_000);
        run.acquire(2, 1, 0, 101, 104, 1, 1, null);
        run.effect(2, 1, 0, 1, 105);
        run.charge(0, 1, 111);
        run.kill(2, 1, 112);
        run.claim(3, 1, 0, 251, 253, ClaimResult.BUSY, 0, 0);
        run.call(3, 1, 0, 100, 250, answered, Answer.IN_PROGRESS, null);
        if (recovery == Recovery.HOLD) {
            run.claim(0, 1, 0, 8000, 8003, ClaimResult.IN_DOUBT, 1, 2);
            run.row(0, RecordState.IN_DOUBT, 1, 2);
        } else {
            run.acquire(0, 1, 0, 8000, 8003, 2, 2, "IN_PROGRESS");
            run.probe(0, 1, 0, 2, 8010, "HAPPENED");
            run.applied(0, 1, 0, 2, 8020, CompletionKind.COMPLETE, 3);
            run.row(0, RecordState.COMPLETED, 2, 3);
        }
        return run;
    }

    @Test
    void anAnswerMoreThanASecondAfterTheWait() throws IOException {
        assertThat(waited(Recovery.HOLD, 6249).kinds(directory)).isEmpty();
        Run late = waited(Recovery.HOLD, 6260);
        assertThat(late.check(directory).violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.LATE_ANSWER);
            assertThat(violation.rule()).isEqualTo(8);
            assertThat(violation.seen()).startsWith("IN_PROGRESS after 6010 ms, with a wait of 5000 ms (process 3");
        });
    }

    @Test
    void aProcessThatWasFrozenMeanwhile() throws IOException {
        Run run = waited(Recovery.HOLD, 6260);
        run.freeze(3, 3000, 3020);
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aProcessThatHadNoProcessorMeanwhile() throws IOException {
        Run run = waited(Recovery.HOLD, 6260);
        run.remove(Ticked.class, tick -> tick.nanos() > Run.at(3000) && tick.nanos() < Run.at(3400), 3);
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aGapBetweenTicksThatIsNotLongEnough() throws IOException {
        Run run = waited(Recovery.HOLD, 6260);
        run.remove(Ticked.class, tick -> tick.nanos() > Run.at(3000) && tick.nanos() < Run.at(3300), 3);
        assertThat(run.kinds(directory)).containsExactly(Kind.LATE_ANSWER);
    }

    @Test
    void aProcessThatWasFrozenAtAnotherTimeOrAnotherProcess() throws IOException {
        Run before = waited(Recovery.HOLD, 6260);
        before.freeze(3, 100, 240);
        assertThat(before.kinds(directory)).containsExactly(Kind.LATE_ANSWER);
        Run another = waited(Recovery.HOLD, 6260);
        another.freeze(1, 3000, 4000);
        assertThat(another.kinds(directory)).containsExactly(Kind.LATE_ANSWER);
    }

    @Test
    void aClaimThatWasHeldUpWhileAnotherProcessWasFrozen() throws IOException {
        Run run = waited(Recovery.HOLD, 6260);
        run.freeze(1, 5240, 6240);
        run.claim(3, 1, 0, 5245, 6250, ClaimResult.IN_DOUBT, 1, 2);
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aCallThatRanTheActionMayTakeAsLongAsThat() throws IOException {
        Run run = waited(Recovery.HOLD, 6260);
        run.add(3, 1, new EffectSent(Run.at(300), 0, run.key(0), 7, 2, "request-of-another-thread"));
        assertThat(run.kinds(directory)).containsExactly(Kind.LATE_ANSWER);
        run.add(3, 1, new EffectSent(Run.at(300), 0, run.key(0), 8, 1, "request-x"));
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aCallWithoutAnAnswer() throws IOException {
        Run run = HealthyRun.withKill();
        run.cutCall(3, 1, HealthyRun.PLAIN, 3000);
        assertThat(run.kinds(directory)).containsExactly(Kind.NO_ANSWER);
        assertThat(run.check(directory).tally().unanswered()).isEqualTo(1);
    }

    @Test
    void aWaiterThatDidNotTakeOver() throws IOException {
        // The last lease of the owner is over at 1105, two leases and two seconds later a waiter must have acted.
        assertThat(waited(Recovery.PROBE, 5104).kinds(directory)).isEmpty();
        assertThat(waited(Recovery.PROBE, 5106).kinds(directory)).containsExactly(Kind.NOT_TAKEN_OVER);
        assertThat(waited(Recovery.HOLD, 5106).kinds(directory)).isEmpty();
    }

    @Test
    void aWaiterThatWasFrozenCouldNotTakeOver() throws IOException {
        Run run = waited(Recovery.PROBE, 5300);
        run.freeze(3, 4000, 4100);
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aWaiterThatCameLateNeedNotTakeOver() throws IOException {
        Run run = waited(Recovery.PROBE, 5106);
        run.change(Answered.class, e -> true, Map.of("sent_nanos", Run.at(1200)));
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aClaimThatWasCutMayHaveOwnedTheKeyMeanwhile() throws IOException {
        Run run = waited(Recovery.PROBE, 5250);
        run.kill(1, 1, 3001);
        run.add(1, 1, new ClaimSent(Run.at(3000), 0, run.key(0), "cut"));
        run.remove(Ticked.class, tick -> tick.nanos() > Run.at(3000), 1);
        assertThat(run.kinds(directory)).isEmpty();
    }
}
