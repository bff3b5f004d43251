package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.Called;
import io.toolgate.race.history.Event.Renewed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that no caller may get, each next to similar ones that are right. */
class AnswerCheckTest {
    @TempDir
    Path directory;

    /** The run in which the call that was answered at 65 was answered otherwise. */
    private static Run answered(Run run, Answer answer, int amount, String detail) {
        Map<String, Object> members = new HashMap<>();
        members.put("answer", answer);
        members.put("amount", amount);
        members.put("detail", detail);
        if (answer != Answer.COMPLETED) {
            members.put("origin", null);
            members.put("sha256", null);
            members.put("receipt", null);
        }
        run.change(Answered.class, e -> e.nanos() == Run.at(65), members);
        return run;
    }

    private Run disturbed(Answer answer, int amount, String detail) {
        return answered(HealthyRun.withKill(), answer, amount, detail);
    }

    private Run calm(Answer answer, int amount, String detail) {
        return answered(HealthyRun.calm(), answer, amount, detail);
    }

    @Test
    void aCalmDoubtIsDueOnlyWhereTheMachineWasTooSlowForItsLease() throws IOException {
        Run quick = calm(Answer.IN_DOUBT, 100, "owner-vanished");
        quick.renew(1, 1, 0, 1, 20, true);
        assertThat(quick.kinds(directory)).containsExactly(Kind.NOT_ANSWERED);

        Run slow = calm(Answer.IN_DOUBT, 100, "owner-vanished");
        slow.renew(1, 1, 0, 1, 20, true);
        slow.change(Renewed.class, e -> e.sentNanos() == Run.at(20), Map.of("nanos", Run.at(520)));
        Verdict verdict = slow.check(directory);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.tally().starved()).isEqualTo(1);
    }

    @Test
    void theResultOfAnotherInput() throws IOException {
        assertThat(disturbed(Answer.COMPLETED, 200, null).kinds(directory)).containsExactly(Kind.OTHER_INPUT_ANSWERED);
    }

    @Test
    void aConflictOverTheRightInput() throws IOException {
        assertThat(disturbed(Answer.CONFLICT, 100, "another").kinds(directory)).containsExactly(Kind.FALSE_CONFLICT);
        assertThat(disturbed(Answer.CONFLICT, 200, "another").kinds(directory)).isEmpty();
    }

    @Test
    void aResultThatIsUnavailable() throws IOException {
        assertThat(disturbed(Answer.UNAVAILABLE, 100, "too large").kinds(directory))
                .containsExactly(Kind.RESULT_UNAVAILABLE);
        assertThat(calm(Answer.UNAVAILABLE, 100, "too large").kinds(directory))
                .containsExactly(Kind.RESULT_UNAVAILABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NotExecuted", "ResultNotStored", "WaitInterrupted", "TooManyWaiters", "Closed"})
    void errorsThatSayWhatHappenedAreFineUnlessNothingDisturbedTheRun(String name) throws IOException {
        String detail = "io.toolgate.ToolGateException$" + name + ": the claim failed: down";
        assertThat(disturbed(Answer.ERROR, 100, detail).kinds(directory)).isEmpty();
        assertThat(calm(Answer.ERROR, 100, detail).kinds(directory)).containsExactly(Kind.NOT_ANSWERED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java.lang.IllegalStateException: no",
                "io.toolgate.store.StoreException: down",
                "io.toolgate.ToolGateException",
                "io.toolgate.ToolGateException: it waited for itself"
            })
    void errorsThatDoNotSayWhatHappened(String detail) throws IOException {
        assertThat(disturbed(Answer.ERROR, 100, detail).kinds(directory)).containsExactly(Kind.UNTYPED_ERROR);
        assertThat(calm(Answer.ERROR, 100, detail).kinds(directory)).containsExactly(Kind.UNTYPED_ERROR);
    }

    @ParameterizedTest
    @EnumSource(
            value = Answer.class,
            names = {"RETRYABLE", "IN_PROGRESS", "IN_DOUBT", "LEASE_LOST"})
    void whatACalmRunHasNoExcuseFor(Answer answer) throws IOException {
        assertThat(disturbed(answer, 100, "why").kinds(directory)).isEmpty();
        Run run = calm(answer, 100, "why");
        assertThat(run.check(directory).violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.NOT_ANSWERED);
            assertThat(violation.seen()).isEqualTo("1 call " + answer + " (process 3 life 1 line 6: why)");
        });
    }

    @Test
    void aCalmRunMayHaveConflicts() throws IOException {
        assertThat(calm(Answer.CONFLICT, 200, "another").kinds(directory)).isEmpty();
        assertThat(calm(Answer.CONFLICT, 100, "another").kinds(directory)).containsExactly(Kind.FALSE_CONFLICT);
    }

    @Test
    void inACalmRunOneCallRunsTheAction() throws IOException {
        Run none = HealthyRun.calm();
        none.change(Answered.class, e -> e.nanos() == Run.at(46), Map.of("origin", "REPLAYED"));
        assertThat(none.kinds(directory)).containsExactly(Kind.NOT_EXECUTED_ONCE);
    }

    @Test
    void inACalmRunAllCallsAreMade() throws IOException {
        Run run = HealthyRun.calm();
        run.remove(Called.class, e -> true, 3);
        run.remove(Answered.class, e -> true, 3);
        assertThat(run.check(directory).violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.CALLS_MISSING);
            assertThat(violation.rule()).isZero();
            assertThat(violation.seen()).isEqualTo("2 of 3 were made");
        });
    }

    @Test
    void eachMishapIsAViolation() throws IOException {
        Run run = HealthyRun.withKill();
        run.mishaps.add("process 1 ended with 3");
        run.mishaps.add("process 2 ended with 4");
        assertThat(run.check(directory).violations())
                .extracting(Violation::kind, Violation::seen)
                .containsExactly(
                        tuple(Kind.PROCESS_FAILED, "process 1 ended with 3"),
                        tuple(Kind.PROCESS_FAILED, "process 2 ended with 4"));
    }

    @Test
    void aConflictWithoutAnotherInput() throws IOException {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.call(1, 1, 0, 100, 10, 20, Answer.CONFLICT, null);
        assertThat(run.kinds(directory)).containsExactly(Kind.FALSE_CONFLICT);
        run.call(2, 1, 0, 200, 10, 20, Answer.CONFLICT, null);
        assertThat(run.kinds(directory)).isEmpty();
    }

    @Test
    void aCallAfterTheRaceGetsAnAnswerThatIsOne() throws IOException {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.call(1, 1, 0, 100, 10, 20, Answer.ERROR, null);
        Map<String, String> notExecuted = Map.of("detail", "io.toolgate.ToolGateException$NotExecuted: down");
        run.change(Answered.class, e -> true, notExecuted);
        assertThat(run.kinds(directory)).isEmpty();
        run.call(0, 1, 0, 100, 2000, 2020, Answer.ERROR, null);
        run.change(Answered.class, e -> e.nanos() == Run.at(2020), notExecuted);
        assertThat(run.kinds(directory)).containsExactly(Kind.NOT_ANSWERED);
    }

    @Test
    void whoDoesNotWaitForTheRunMayFindItInProgress() throws IOException {
        Run run = calm(Answer.IN_PROGRESS, 100, "retry after PT1S");
        assertThat(run.kinds(directory)).containsExactly(Kind.NOT_ANSWERED);
        run.terms(new Terms(Recovery.HOLD, true, true, 3, 1, Run.LEASE, 0));
        assertThat(run.kinds(directory)).isEmpty();
        run.change(
                Answered.class,
                e -> e.nanos() == Run.at(65),
                Map.of("nanos", Run.at(1100), "sent_nanos", Run.at(1060)));
        assertThat(run.kinds(directory)).containsExactly(Kind.NOT_ANSWERED);
    }
}
