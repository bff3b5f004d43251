package io.toolgate.race.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.race.OtherRows;
import io.toolgate.race.RaceJar;
import io.toolgate.race.RaceJar.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The {@code run} command from its jar, on both databases. */
@Timeout(300)
class RunIT {
    @TempDir
    Path directory;

    private RaceJar jar;

    @BeforeEach
    void jar() throws IOException {
        jar = new RaceJar(directory);
    }

    @Test
    void aCalmRaceIsExact() throws Exception {
        // Nothing is to be disturbed, a busy machine included, on which a short lease might end too soon.
        JsonNode json = jar.held("--keys", "40", "--lease-millis", "10000");
        RaceJar.assertHeld(json, 4, 40, 5);
        for (String none : List.of("kills", "freezes", "clock_jumps", "takeovers", "stale_refused", "unanswered")) {
            assertThat(json.path(none).isInt()).as(none).isTrue();
            assertThat(json.path(none).intValue()).as(none).isZero();
        }
        JsonNode lag = json.path("replay_lag_ms");
        assertThat(lag.path("p50").doubleValue()).isPositive();
        assertThat(lag.path("p99").doubleValue())
                .isBetween(lag.path("p50").doubleValue(), lag.path("max").doubleValue());
        assertThat(jar.leftovers()).isEmpty();
    }

    @Test
    void aKillAfterTheEffectIsHeldInDoubtOrFoundByAProbe() throws Exception {
        String[] aimed = {"--failpoint", "after-effect:kill", "--keys", "10", "--seconds", "3"};
        JsonNode hold = jar.held(RaceJar.with(aimed, "--recovery", "hold"));
        assertThat(hold.path("kills").intValue()).isPositive();
        assertThat(hold.path("freezes").intValue()).isZero();
        assertThat(hold.path("in_doubt").intValue()).isPositive();

        // The charge was made before its owner died: every probe finds it, although this provider would charge again.
        JsonNode probe = jar.held(RaceJar.with(aimed, "--recovery", "probe", "--provider", "no-dedupe"));
        assertThat(probe.path("kills").intValue()).isPositive();
        assertThat(probe.path("recovered").intValue()).isPositive();
        assertThat(probe.path("charged_twice").intValue()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"probe", "rerun"})
    void theWindowBeforeTheEffectIsCountedApart(String recovery) throws Exception {
        Path report = directory.resolve("report");
        JsonNode json = jar.held(
                "--failpoint",
                "before-effect:freeze",
                "--provider",
                "no-dedupe",
                "--recovery",
                recovery,
                "--lease-millis",
                "500",
                "--keys",
                "10",
                "--seconds",
                "8",
                "--report",
                report.toString());
        assertThat(json.path("charged_in_window").intValue()).as("%s", json).isPositive();
        assertThat(json.path("charged_twice").intValue())
                .isEqualTo(json.path("charged_in_window").intValue()
                        + json.path("charged_by_rerun").intValue());
        assertThat(json.path("charged_in_flight").intValue()).isZero();
        assertThat(Files.readString(report.resolve("report.html")))
                .contains("window", "<svg")
                .doesNotContain("src=");
    }

    @Test
    void theLastLineIsTheVerdictAndTheCommandThatRepeatsItDoes() throws Exception {
        Result result = jar.run("run", "--processes", "2", "--keys", "3", "--duplicates", "2", "--seed", "11");
        assertThat(result.status()).as("%s", result).isZero();
        List<String> lines = result.out().lines().toList();
        assertThat(lines.get(lines.size() - 1)).startsWith("VERDICT: held — ");
        assertThat(result.err()).contains("2 processes ready", "seed 11");
        String repeat = lines.stream()
                .filter(line -> line.strip().startsWith("repeat with"))
                .findFirst()
                .orElseThrow();
        String[] words = repeat.substring(repeat.indexOf(" run ") + 1).split(" ");
        Result again = jar.run(words);
        assertThat(again.status()).as("%s", again).isZero();
        assertThat(again.out()).contains(repeat);
    }

    @Test
    void otherPeoplesRowsStayAndTheRunsOwnGo() throws Exception {
        String url = "jdbc:sqlite:" + directory.resolve("own.db");
        try (OtherRows others = new OtherRows(url, null, null)) {
            JsonNode json = jar.held("--url", url, "--faults", "kill", "--keys", "10", "--seconds", "2");
            assertThat(json.path("kills").intValue()).isPositive();
            others.assertUntouched();
            others.assertNoOthers();
        }
    }

    @Test
    void wrongUsageLeavesNothing() throws Exception {
        jar.assertRefused("could not be reached", "run", "--url", "jdbc:postgresql://127.0.0.1:1/x");
        jar.assertRefused("com.acme.Missing", "run", "--action", "com.acme.Missing");
    }
}
