package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The validator that runs after each contract test finds every broken rule, and names it. */
class ObservationsTest {
    private static final RecordId ID = RecordId.of("tenant", "action", "key");
    private static final Instant NOW = ManualClock.START;

    private final Observations observations = new Observations();
    private final IdempotencyRecord claimed =
            written(ClaimMachine.claim(null, TestClaim.of(ID).request(), NOW));
    private final IdempotencyRecord done = completed("receipt");

    private IdempotencyRecord completed(String result) {
        return written(ClaimMachine.complete(
                claimed, claimed.lease(), Payload.of("text", result.getBytes(StandardCharsets.UTF_8)), NOW));
    }

    private static IdempotencyRecord written(Decision<?> decision) {
        return decision.next().orElseThrow();
    }

    @Test
    void recordsOfTheMachineAreSound() {
        observations.acquired(claimed.lease(), 1);
        observations.saw(claimed);
        observations.applied(claimed.lease(), RecordState.COMPLETED, 2);
        observations.saw(done);
        assertThat(observations.problems(List.of(done))).isEmpty();
    }

    @Test
    @Rule(1)
    void twoOwnersOfOneAttemptAreFound() {
        observations.acquired(claimed.lease(), 1);
        observations.acquired(new Lease(ID, new ClaimToken(7, 7), 1), 1);
        assertThat(observations.problems(List.of(claimed)))
                .singleElement()
                .asString()
                .startsWith("rule 1: two claims");
    }

    @Test
    @Rule(1)
    void twoRecordsOfOneIdentityAreFound() {
        assertThat(observations.problems(List.of(claimed, claimed)))
                .singleElement()
                .asString()
                .startsWith("rule 1: two records");
    }

    @Test
    @Rule(2)
    void aFinishedRecordThatChangedIsFound() {
        observations.saw(done);
        assertThat(observations.problems(List.of(completed("another"))))
                .singleElement()
                .asString()
                .startsWith("rule 2: a finished record changed");
    }

    @Test
    @Rule(2)
    void aFinishedRecordThatIsInProgressAgainIsFound() {
        observations.saw(done);
        assertThat(observations.problems(List.of(Records.withState(done, RecordState.IN_PROGRESS, null, null))))
                .anyMatch(problem -> problem.startsWith("rule 2: a finished record went from COMPLETED"));
    }

    @Test
    @Rule(3)
    void anAcknowledgedCompletionThatIsNotStoredIsFound() {
        observations.acquired(claimed.lease(), 1);
        observations.applied(claimed.lease(), RecordState.COMPLETED, 2);
        assertThat(observations.problems(List.of())).anyMatch(problem -> problem.startsWith("rule 3"));
    }

    @Test
    @Rule(4)
    void aVersionThatWentBackIsFound() {
        observations.saw(done);
        observations.saw(claimed);
        assertThat(observations.problems(List.of(done))).anyMatch(problem -> problem.startsWith("rule 4"));
    }

    @Test
    @Rule(13)
    void aFinishedRecordThatIsLostIsFoundUnlessItsRetentionIsOver() {
        observations.saw(done);
        assertThat(observations.problems(List.of())).anyMatch(problem -> problem.startsWith("rule 13"));
        Observations later = new Observations();
        later.saw(done);
        later.advanced(TestClaim.RETENTION.plus(Duration.ofSeconds(1)));
        assertThat(later.problems(List.of())).isEmpty();
    }

    @Test
    void columnsThatDoNotFitTheStateAreFound() {
        assertThat(Observations.contradictions(Records.withState(done, RecordState.COMPLETED, null, null)))
                .hasSize(1);
        assertThat(Observations.contradictions(Records.withState(done, RecordState.REJECTED, null, null)))
                .hasSize(1);
        assertThat(Observations.contradictions(Records.withState(
                        done, RecordState.REJECTED, null, Failure.unknown("code", "of another kind"))))
                .hasSize(1);
        assertThat(Observations.contradictions(
                        Records.withState(claimed, RecordState.IN_DOUBT, null, Failure.unknown("c", ""))))
                .as("a version too low")
                .hasSize(1);
    }
}
