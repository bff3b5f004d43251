package io.toolgate.race.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.race.RaceJar;
import io.toolgate.race.fault.Faketime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The {@code run} command from its jar with all faults at once, on both databases. */
@Timeout(300)
class FaultsIT {
    @TempDir
    Path directory;

    private RaceJar jar;

    @BeforeEach
    void jar() throws IOException {
        jar = new RaceJar(directory);
    }

    @ParameterizedTest
    @CsvSource({"sqlite, hold", "sqlite, probe", "sqlite, rerun", "postgres, hold", "postgres, probe", "postgres, rerun"
    })
    void everyFaultIsSurvivedInEveryRecovery(String database, String recovery) throws Exception {
        requireFaketime();
        List<String> more = new ArrayList<>(
                List.of("--faults", "all", "--recovery", recovery, "--keys", "20", "--seconds", "5", "--seed", "7"));
        if (database.equals("postgres")) {
            more.add("--embedded-postgres");
        }
        JsonNode json = jar.held(more.toArray(String[]::new));
        assertThat(json.path("database").textValue())
                .startsWith(database.equals("postgres") ? "PostgreSQL " : "SQLite ");
        assertThat(json.path("recovery").textValue()).isEqualTo(recovery);
        for (String some : List.of("kills", "freezes", "clock_jumps", "charges", "replayed")) {
            assertThat(json.path(some).intValue()).as(some).isPositive();
        }
        assertThat(json.path("charged_twice").intValue()).isZero();
        assertThat(jar.leftovers()).isEmpty();
    }

    private void requireFaketime() throws Exception {
        boolean found = Faketime.find(directory).isPresent();
        if (System.getenv("CI") != null) {
            assertThat(found).as("faketime is installed, as .ci/run sees to").isTrue();
        }
        assumeTrue(found, Faketime.MISSING);
    }
}
