package io.toolgate.race.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.race.RaceJar;
import io.toolgate.race.RaceJar.Result;
import io.toolgate.race.racer.RuntimeUnderTest;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
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
    void aRuntimeThatIsNotBrokenIsMissed() throws Exception {
        // What is not there cannot be caught: a calm race with the real runtime in the broken one's place.
        Mutant whole = new Mutant(
                "whole",
                "nothing wrong",
                Whole.class,
                race -> race.processes(2).keys(3).duplicates(2),
                Mutants.ALL.get(0).caughtBy());
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        Verification verification =
                new Verifier(List.of(whole), 3, nowhere, nowhere).run().orElseThrow();
        assertThat(verification.passed()).isFalse();
        assertThat(verification.mutants().get(0).caught()).isFalse();
        assertThat(verification.real().get(0).held()).isTrue();
    }

    /** The real runtime under another name. */
    public static final class Whole implements RuntimeUnderTest {
        /** Made by name. */
        public Whole() {}
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
