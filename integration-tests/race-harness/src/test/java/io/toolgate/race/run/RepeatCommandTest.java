package io.toolgate.race.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.fault.Fault.Kind;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.race.settings.RepeatCommand;
import io.toolgate.support.DatabaseLogin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class RepeatCommandTest {
    private static final DatabaseLogin QUOTED = new DatabaseLogin("jdbc:sqlite:/tmp/o'k $HOME;x.db", null, null);

    static Stream<RaceSettings> settings() {
        return Stream.of(
                RaceSettings.builder().build(),
                RaceSettings.builder().embeddedPostgres(true).soakSeconds(60).build(),
                RaceSettings.builder()
                        .database(QUOTED)
                        .processes(3)
                        .keys(7)
                        .duplicates(2)
                        .actionMillis(0)
                        .leaseMillis(500)
                        .waitMillis(0)
                        .recovery(Recovery.RERUN)
                        .dedupes(false)
                        .faults(EnumSet.allOf(Kind.class))
                        .faultEveryMillis(50)
                        .mischiefPercent(0)
                        .seed(-1)
                        .action("my.Action$Inner")
                        .runtime("my.Runtime")
                        .build(),
                RaceSettings.builder()
                        .recovery(Recovery.PROBE)
                        .faults(Set.of(Kind.FREEZE, Kind.CLOCK))
                        .mischiefPercent(7)
                        .failpoints(List.of(
                                new Fault(Kind.KILL, Failpoint.AFTER_EFFECT),
                                new Fault(Kind.FREEZE, Failpoint.BEFORE_EFFECT)))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aShellAndTheCommandLineUnderstandItAsTheSame(RaceSettings settings) throws Exception {
        List<String> words = splitByAShell(RepeatCommand.run(settings));
        int run = words.indexOf("run");
        RunCommand command = new RunCommand();
        new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs(words.subList(run + 1, words.size()).toArray(String[]::new));
        assertThat(command.settings()).isEqualTo(settings);
    }

    @Test
    void thePasswordIsNotPartOfTheCommand() {
        DatabaseLogin database = new DatabaseLogin("jdbc:postgresql://db/pay?a=1&b=o'k", "app user", "secret");
        RaceSettings settings =
                RaceSettings.builder().database(database).seed(42).build();
        assertThat(RepeatCommand.demo(settings, "--more"))
                .endsWith(" demo --url 'jdbc:postgresql://db/pay?a=1&b=o'\\''k' --user 'app user' --processes 8 --keys"
                        + " 200 --duplicates 25 --action-millis 20 --seed 42 --more")
                .doesNotContain("secret");
        assertThat(RepeatCommand.run(settings)).contains("--user 'app user'").doesNotContain("secret");
    }

    private static List<String> splitByAShell(String line) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("/bin/sh", "-c", "printf '%s\\n' " + line).start();
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).isZero();
        return said.lines().toList();
    }
}
