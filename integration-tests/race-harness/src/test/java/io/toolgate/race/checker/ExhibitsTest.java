package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.Probed;
import io.toolgate.store.RecordState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The history lines that a violation shows. */
class ExhibitsTest {
    @TempDir
    Path directory;

    @Test
    void aViolationShowsItsKeysLinesItsChargesAndTheDeedsInBetweenInOrder() throws IOException {
        Run run = HealthyRun.withKill();
        run.remove(Probed.class, e -> true);
        Violation violation = run.check(directory).violations().get(0);
        List<String> lines = violation.lines();
        assertThat(lines.get(0)).startsWith("process 2 life 1 line 8: {\"event\":\"called\"");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("deed "))
                .singleElement()
                .satisfies(line -> assertThat(line).startsWith("deed 1: {\"deed\":\"killed\""));
        assertThat(lines)
                .filteredOn(line -> line.startsWith("ledger "))
                .singleElement()
                .satisfies(
                        line -> assertThat(line).startsWith("ledger line 2: ").contains("\"CHARGED\""));
        assertThat(lines)
                .extracting(line -> line.replaceAll(".*\"nanos\":(\\d+).*", "$1"))
                .isSorted();
        assertThat(lines).allMatch(line -> line.startsWith("deed") || line.contains(run.key(HealthyRun.TAKEN)));
    }

    @Test
    void ofManyLinesThoseThatMoveTheRecordAreShown() throws IOException {
        Run run = HealthyRun.withKill();
        run.remove(Probed.class, e -> true);
        for (int i = 0; i < 100; i++) {
            run.call(3, 1, HealthyRun.TAKEN, 100, 1200 + i, 1201 + i, Answer.COMPLETED, "REPLAYED");
        }
        List<String> lines = run.check(directory).violations().get(0).lines();
        assertThat(lines).hasSize(41);
        assertThat(lines.get(40)).matches("and 1\\d\\d more lines about this key");
        assertThat(lines).anyMatch(line -> line.contains("ACQUIRED"));
        assertThat(lines).anyMatch(line -> line.contains("effect_sent"));
        assertThat(lines).anyMatch(line -> line.contains("\"EXECUTED\""));
    }

    @Test
    void theLineThatAViolationIsAboutIsAlwaysShown() throws IOException {
        Run run = HealthyRun.withKill();
        for (int i = 0; i < 700; i++) {
            run.call(3, 1, HealthyRun.TAKEN, 100, 1200 + i, 1201 + i, Answer.COMPLETED, "REPLAYED");
        }
        run.change(Answered.class, e -> e.nanos() == Run.at(1850), Map.of("receipt", "receipt-of-another"));
        assertThat(run.check(directory).violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.FALSE_RECEIPT);
            assertThat(violation.lines()).anyMatch(line -> line.contains("receipt-of-another"));
        });
    }

    @Test
    void oneFaultOnManyKeysStaysReadable() throws IOException {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 20);
        for (int key = 0; key < 20; key++) {
            run.executes(1, 1, key, 1, 100 * key, 1);
            run.call(1, 1, key, 100, 100 * key, 100 * key + 40, Answer.COMPLETED, "EXECUTED");
            run.claim(2, 1, key, 100 * key + 50, 100 * key + 51, ClaimResult.FINISHED, 1, 2);
            run.row(key, RecordState.IN_PROGRESS, 1, 2);
        }
        Verdict verdict = run.check(directory);
        assertThat(verdict.byKind()).containsOnlyKeys(Kind.NOT_RECORDED, Kind.LEFT_IN_PROGRESS);
        assertThat(verdict.byKind().get(Kind.LEFT_IN_PROGRESS)).hasSize(20);
        assertThat(verdict.violations())
                .filteredOn(violation -> !violation.lines().isEmpty())
                .hasSize(10);
        assertThat(verdict.violations().get(0).kind()).isEqualTo(Kind.NOT_RECORDED);
    }

    @Test
    void ofOneKindAtOneKeyTheFirstIsShownAndTheOthersAreCounted() throws IOException {
        Run run = HealthyRun.withKill();
        run.cutCall(3, 1, HealthyRun.PLAIN, 3000);
        run.cutCall(3, 1, HealthyRun.PLAIN, 3001);
        run.cutCall(3, 1, HealthyRun.PLAIN, 3002);
        assertThat(run.check(directory).violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.NO_ANSWER);
            assertThat(violation.seen()).endsWith("; and 2 more like it");
        });
    }
}
