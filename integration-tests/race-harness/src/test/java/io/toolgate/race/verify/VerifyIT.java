package io.toolgate.race.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.race.RaceJar;
import io.toolgate.race.RaceJar.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The fastest broken runtimes are caught; {@code verify} without options races all of them. */
@Timeout(600)
class VerifyIT {
    private static final String FASTEST =
            "no-gate,acknowledges-before-commit,replays-other-bytes,released-on-any-exception";

    @TempDir
    Path directory;

    @Test
    void theFastestBrokenRuntimesAreCaughtAndTheRealOneHolds() throws Exception {
        RaceJar jar = new RaceJar(directory);
        Result result = jar.run("verify", "--mutant", FASTEST, "--json", "--seed", "3");
        assertThat(result.status()).as("%s", result).isZero();
        JsonNode json = result.json();
        assertThat(json.path("verdict").textValue()).isEqualTo("passed");
        assertThat(json.path("mutants")).hasSize(4).allSatisfy(mutant -> {
            assertThat(mutant.path("caught").booleanValue()).as("%s", mutant).isTrue();
            assertThat(mutant.path("by")).isNotEmpty();
            assertThat(mutant.path("seen").textValue()).isNotBlank();
        });
        assertThat(json.path("real"))
                .isNotEmpty()
                .allSatisfy(real -> assertThat(real.path("held").booleanValue())
                        .as("%s", real)
                        .isTrue());
        assertThat(jar.leftovers()).isEmpty();
    }

    @Test
    void aRuntimeThatDoesNotExistIsWrongUsage() throws Exception {
        Result result = new RaceJar(directory).run("verify", "--mutant", "no-gate,perfect");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err().lines())
                .singleElement()
                .asString()
                .contains("there is no broken runtime 'perfect'; use one of no-gate, ");
    }
}
