package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.CompletionAnswered;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Violations in the results that callers got. */
class ResultCheckTest {
    @TempDir
    Path directory;

    private final Run run = HealthyRun.withKill();

    private static Predicate<Answered> answeredAt(int millis) {
        return answered -> answered.nanos() == Run.at(millis);
    }

    @Test
    void aCallerWithOtherBytes() throws IOException {
        run.change(Answered.class, answeredAt(65), Map.of("sha256", "sha-of-another"));
        assertThat(run.kinds(directory)).containsExactly(Kind.DIFFERENT_RESULTS);
        assertThat(run.check(directory).tally().distinctResultsMax()).isEqualTo(2);
    }

    @Test
    void aReceiptThatIsNotInTheLedger() throws IOException {
        run.change(Answered.class, answeredAt(65), Map.of("receipt", "receipt-of-another"));
        assertThat(run.check(directory).violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.FALSE_RECEIPT);
            assertThat(violation.seen()).isEqualTo("receipt-of-another instead of receipt-0 (process 3 life 1 line 6)");
        });
    }

    @Test
    void aRejectionOfWhatIsDone() throws IOException {
        run.end(3, 1, HealthyRun.PLAIN, 9, 1900, 1903, CompletionKind.REJECT, CompletionResult.LEASE_LOST, null, 0);
        assertThat(run.kinds(directory)).isEmpty();
        run.call(3, 1, HealthyRun.PLAIN, 100, 2000, 2003, Answer.REJECTED, "REPLAYED");
        assertThat(run.kinds(directory)).containsExactly(Kind.COMPLETED_AND_REJECTED);
    }

    @Test
    void anAnswerBeforeItsOwnEndIsStored() throws IOException {
        run.change(CompletionAnswered.class, e -> e.nanos() == Run.at(45), Map.of("nanos", Run.at(47)));
        assertThat(run.kinds(directory)).containsExactly(Kind.ACKNOWLEDGED_EARLY);
    }

    @Test
    void anAnswerAfterItsOwnEndWasFoundStored() throws IOException {
        run.change(
                CompletionAnswered.class,
                e -> e.nanos() == Run.at(45),
                Map.of("result", "ALREADY_APPLIED", "version", 0));
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aRejectionBeforeItsOwnEndIsStored() throws IOException {
        run.change(CompletionAnswered.class, e -> e.ending() == CompletionKind.REJECT, Map.of("nanos", Run.at(1341)));
        assertThat(run.kinds(directory)).containsExactly(Kind.ACKNOWLEDGED_EARLY);
    }

    @Test
    void aReplayOfAResultThatWasNotSentYet() throws IOException {
        run.change(Answered.class, answeredAt(60), Map.of("nanos", Run.at(41)));
        assertThat(run.kinds(directory)).containsExactly(Kind.ACKNOWLEDGED_EARLY);
    }

    @Test
    void aReplayMayComeBeforeTheOwnerHearsThatItsEndIsStored() throws IOException {
        run.change(Answered.class, answeredAt(60), Map.of("nanos", Run.at(43)));
        assertThat(run.kinds(directory)).isEmpty();
    }
}
