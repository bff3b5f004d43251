package io.toolgate.race.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.settings.RaceSettings;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ten minutes of every fault on each database; with {@code -Psoak} only. */
@Tag("soak")
class SoakIT {
    private static final int SECONDS = Integer.getInteger("toolgate.soak.seconds", 600);

    @ParameterizedTest
    @CsvSource({"false, PROBE", "true, HOLD"})
    void holds(boolean postgres, Recovery recovery) throws Exception {
        RaceSettings settings = RaceSettings.builder()
                .embeddedPostgres(postgres)
                .recovery(recovery)
                .faults(EnumSet.allOf(Fault.Kind.class))
                .mischiefPercent(3)
                .soakSeconds(SECONDS)
                .build();
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        RaceResult result = new Race(settings, out, out).run().orElseThrow();
        RunTable.print(result, out);
        assertThat(result.verdict().violations()).isEmpty();
    }
}
