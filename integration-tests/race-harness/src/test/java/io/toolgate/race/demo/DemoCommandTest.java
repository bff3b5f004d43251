package io.toolgate.race.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.settings.RaceSettings;
import io.toolgate.race.verify.BrokenAction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class DemoCommandTest {
    @Test
    void nobodyDisturbsItAndASecondRunIsASecondCharge() {
        RaceSettings settings = settings("--action-millis 500");
        assertThat(settings.faults()).isEmpty();
        assertThat(settings.failpoints()).isEmpty();
        assertThat(settings.mischiefPercent()).isZero();
        assertThat(settings.dedupes()).isFalse();
        assertThat(settings.leaseMillis()).isEqualTo(30_000);
        assertThat(settings.waitMillis()).isEqualTo(31_000);
        assertThat(settings.runtime()).isNull();
        assertThat(settings("--bypass-gate").runtime()).isEqualTo(BrokenAction.NoGate.class.getName());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--seed 42",
                "--seed 42 --processes 3 --keys 7 --duplicates 2 --action-millis 0",
                "--seed -1 --bypass-gate --url jdbc:sqlite:own.db"
            })
    void theCommandThatRepeatsItMeansTheSame(String typed) {
        String repeat = DemoCommand.repeat(settings(typed));
        String options = repeat.substring(repeat.indexOf(" demo ") + " demo ".length());
        assertThat(settings(options)).isEqualTo(settings(typed));
    }

    private static RaceSettings settings(String options) {
        DemoCommand command = new DemoCommand();
        new CommandLine(command).parseArgs(options.split(" "));
        return command.settings();
    }
}
