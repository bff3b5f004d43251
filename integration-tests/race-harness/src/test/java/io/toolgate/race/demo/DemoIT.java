package io.toolgate.race.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.race.OtherRows;
import io.toolgate.race.RaceJar;
import io.toolgate.race.RaceJar.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo on SQLite, from its jar. */
@Timeout(300)
class DemoIT {
    @TempDir
    Path directory;

    private RaceJar jar;

    @BeforeEach
    void jar() throws IOException {
        jar = new RaceJar(directory);
    }

    @Test
    void withoutOptionsItHoldsOnATemporaryFileAndLeavesNothing() throws Exception {
        Result result = jar.run("demo", "--json");
        assertThat(result.status()).as("%s", result).isZero();
        RaceJar.assertHeld(result.json(), 8, 20, 5);
        assertThat(result.err()).isEmpty();
        assertThat(jar.leftovers()).isEmpty();
    }

    @Test
    void peopleSeeATableAndTheVerdictOnTheLastLine() throws Exception {
        Result result = jar.run("demo", "--processes", "3", "--keys", "7", "--duplicates", "2", "--seed", "42");
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.out().lines())
                .last()
                .isEqualTo("VERDICT: held — every key was charged exactly once and every caller got the same bytes");
        assertThat(result.out())
                .containsPattern("calls +42, each key 2 times in each process")
                .containsPattern("charges +7\n")
                .containsPattern("replayed +35\n")
                .containsPattern("seed +42\n")
                .containsPattern("repeat with +java -jar .*toolgate-race.jar demo --processes 3 --keys 7 --duplicates 2"
                        + " --action-millis 20 --seed 42\n");
        assertThat(result.err()).contains("3 processes ready");
    }

    @Test
    void withoutTheGateTheVerdictIsViolated() throws Exception {
        Result result = jar.run("demo", "--json", "--processes", "3", "--keys", "4", DemoCommand.BYPASS);
        assertThat(result.status()).as("%s", result).isEqualTo(1);
        JsonNode json = result.json();
        assertThat(json.path("verdict").textValue()).isEqualTo("violated");
        // 60 calls, and one for each key of the process that looks after them at the end.
        assertThat(json.path("charges").intValue()).isEqualTo(60 + 4);
        assertThat(json.path("charged_twice").intValue()).isEqualTo(4);
        assertThat(json.path("distinct_results_max").intValue()).isEqualTo(15 + 1);
        assertThat(json.path("violations").findValuesAsText("kind"))
                .contains("CHARGED_TWICE", "DIFFERENT_RESULTS", "NOT_EXECUTED_ONCE");
        assertThat(json.path("violations").findValuesAsText("key"))
                .contains("key-000000", "key-000001", "key-000002", "key-000003");
        Path files = Path.of(json.path("files").textValue());
        assertThat(files.resolve("ledger.jsonl")).exists();
        assertThat(Files.readAllLines(files.resolve("history-1-1.jsonl")))
                .filteredOn(line -> line.contains("\"answered\""))
                .hasSize(20);
    }

    @Test
    void withoutTheGateTheOutputListsTheKeysThatWereChargedTwice() throws Exception {
        Result result = jar.run("demo", "--processes", "2", "--keys", "2", "--duplicates", "1", DemoCommand.BYPASS);
        assertThat(result.status()).as("%s", result).isEqualTo(1);
        assertThat(result.out()).contains("key-000000: charged more often than the recovery allows (rule 5): ");
        assertThat(result.out().lines())
                .last()
                .asString()
                .startsWith("VERDICT: violated — charged more often than the recovery allows: 2 keys (key-000000,"
                        + " key-000001)");
    }

    @Test
    void onAFileOfOnesOwnOnlyTheRunsRowsAreRemoved() throws Exception {
        String url = "jdbc:sqlite:" + directory.resolve("own.db");
        String[] small = {"demo", "--url", url, "--processes", "2", "--keys", "5", "--duplicates", "2", "--json"};
        try (OtherRows others = new OtherRows(url, null, null)) {
            Result kept = jar.run(RaceJar.with(small, "--keep"));
            RaceJar.assertHeld(kept.json(), 2, 5, 2);
            String tenant = kept.json().path("tenant").textValue();
            assertThat(others.rowsOf(tenant)).isEqualTo(5 + 3);
            assertThat(Path.of(kept.json().path("files").textValue())).isDirectory();

            Result removed = jar.run(small);
            RaceJar.assertHeld(removed.json(), 2, 5, 2);
            assertThat(others.rowsOf(removed.json().path("tenant").textValue())).isZero();
            assertThat(others.rowsOf(tenant)).isEqualTo(5 + 3);
            others.assertUntouched();
        }
    }

    @Test
    void wrongUsageLeavesNothing() throws Exception {
        jar.assertRefused("could not be reached", "demo", "--url", "jdbc:postgresql://127.0.0.1:1/x");
        jar.assertRefused("/no/such/directory", "demo", "--url", "jdbc:sqlite:/no/such/directory/x");
    }

    @Test
    void helpIsNoError() throws Exception {
        Result result = jar.run("demo", "--help");
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("--processes", "TOOLGATE_PASSWORD").doesNotContain(DemoCommand.BYPASS);
        assertThat(result.err()).isEmpty();
    }
}
