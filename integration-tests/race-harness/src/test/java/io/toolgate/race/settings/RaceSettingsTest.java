package io.toolgate.race.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.race.checker.Terms;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.fault.Fault.Kind;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.UsageException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RaceSettingsTest {
    private static final DatabaseLogin SOME = DatabaseLogin.sqlite(Path.of("race.db"));

    static Stream<Arguments> refused() {
        return Stream.of(
                refused("--processes must be from 1 to 128, not 0", b -> b.processes(0)),
                refused("--processes must be from 1 to 128, not 129", b -> b.processes(129)),
                refused("--keys must be from 1 to 100000, not 0", b -> b.keys(0)),
                refused("--keys must be from 1 to 100000, not 100001", b -> b.keys(100_001)),
                refused("--duplicates must be from 1 to 64, not 0", b -> b.duplicates(0)),
                refused("--duplicates must be from 1 to 64, not 65", b -> b.duplicates(65)),
                refused("--action-millis must be from 0 to 60000, not -1", b -> b.actionMillis(-1)),
                refused("--action-millis must be from 0 to 60000, not 60001", b -> b.actionMillis(60_001)),
                refused("--lease-millis must be from 100 to 600000, not 99", b -> b.leaseMillis(99)),
                refused("--lease-millis must be from 100 to 600000, not 600001", b -> b.leaseMillis(600_001)),
                refused("--wait-millis must be from 0 to 600000, not -1", b -> b.waitMillis(-1)),
                refused("--wait-millis must be from 0 to 600000, not 600001", b -> b.waitMillis(600_001)),
                refused("--fault-every-millis must be from 10 to 600000, not 9", b -> b.faultEveryMillis(9)),
                refused("--fault-every-millis must be from 10 to 600000, not 600001", b -> b.faultEveryMillis(600_001)),
                refused("--mischief-percent must be from 0 to 25, not -1", b -> b.mischiefPercent(-1)),
                refused("--mischief-percent must be from 0 to 25, not 26", b -> b.mischiefPercent(26)),
                refused("--seconds must be from 0 to 86400, not -1", b -> b.soakSeconds(-1)),
                refused("--seconds must be from 0 to 86400, not 86401", b -> b.soakSeconds(86_401)),
                refused(
                        "5120000 calls are too many to judge: processes × keys × duplicates must not exceed 5000000",
                        b -> b.processes(128).keys(40_000).duplicates(1)),
                refused(
                        "5120000 calls are too many to judge at a time: processes × keys × duplicates must not exceed"
                                + " 5000000",
                        b -> b.processes(128).keys(40_000).duplicates(1).soakSeconds(1)),
                refused(
                        "--url and --embedded-postgres are two databases; give one of them",
                        b -> b.database(SOME).embeddedPostgres(true)),
                refused("--migrate needs --url; a temporary database is given its schema anyway", b -> b.migrate(true)),
                refused(
                        "--failpoint must be a name, a colon and kill or freeze, such as after-effect:kill, not"
                                + " 'after-effect:clock'",
                        b -> b.failpoints(List.of(new Fault(Kind.CLOCK, Failpoint.AFTER_EFFECT)))),
                refused(
                        "--failpoint must be a name, a colon and kill or freeze, such as after-effect:kill, not"
                                + " ':kill'",
                        b -> b.failpoints(List.of(new Fault(Kind.KILL, null)))));
    }

    private static Arguments refused(String message, UnaryOperator<RaceSettings.Builder> setting) {
        return Arguments.of(message, setting);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void whatCannotBeRunIsRefusedOnOneLine(String message, UnaryOperator<RaceSettings.Builder> setting) {
        assertThatThrownBy(() -> setting.apply(RaceSettings.builder()).build())
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }

    @Test
    void theBoundsThemselvesAreTaken() {
        RaceSettings least = RaceSettings.builder()
                .processes(1)
                .keys(1)
                .duplicates(1)
                .actionMillis(0)
                .leaseMillis(100)
                .waitMillis(0)
                .faultEveryMillis(10)
                .build();
        assertThat(least.processes()).isEqualTo(1);
        RaceSettings most = RaceSettings.builder()
                .processes(50)
                .keys(100_000)
                .duplicates(1)
                .mischiefPercent(25)
                .soakSeconds(86_400)
                .build();
        assertThat(most.keys()).isEqualTo(100_000);
    }

    @Test
    void aRunIsCalmIfNothingDisturbsIt() {
        assertThat(RaceSettings.builder().build().isCalm()).isTrue();
        assertThat(RaceSettings.builder().faults(Set.of(Kind.KILL)).build().isCalm())
                .isFalse();
        assertThat(RaceSettings.builder().mischiefPercent(1).build().isCalm()).isFalse();
        assertThat(RaceSettings.builder().leaseMillis(499).build().isCalm()).isFalse();
        assertThat(RaceSettings.builder().leaseMillis(500).build().isCalm()).isTrue();
        assertThat(RaceSettings.builder()
                        .failpoints(List.of(new Fault(Kind.KILL, Failpoint.AFTER_CLAIM)))
                        .build()
                        .isCalm())
                .isFalse();
    }

    @Test
    void allFaultsFromJavaLeaveTheProviderAsItIs() {
        Set<Kind> all = EnumSet.allOf(Kind.class);
        assertThat(RaceSettings.builder().faults(all).build().mischiefPercent()).isZero();
        assertThat(RaceSettings.builder().mischiefPercent(3).faults(all).build().mischiefPercent())
                .isEqualTo(3);
    }

    @Test
    void itsTermsSayWhatTheCheckerMustKnow() {
        RaceSettings settings = RaceSettings.builder()
                .recovery(Recovery.PROBE)
                .dedupes(false)
                .processes(2)
                .duplicates(3)
                .leaseMillis(600)
                .waitMillis(5000)
                .build();
        assertThat(settings.terms()).isEqualTo(new Terms(Recovery.PROBE, false, true, 2, 3, 600, 5000));
    }

    @Test
    void connectionsAreSharedAndFitAServerOfAHundred() {
        assertThat(Connections.of(RaceSettings.builder().build())).isEqualTo(new Connections(4, 9 * 4 + 2));
        assertThat(Connections.of(RaceSettings.builder().duplicates(2).build()).each())
                .isEqualTo(2);
        for (int processes = 1; processes <= 80; processes++) {
            RaceSettings settings = RaceSettings.builder().processes(processes).build();
            assertThat(Connections.of(settings).inAll()).isLessThanOrEqualTo(90);
        }
        assertThat(Connections.of(RaceSettings.builder().processes(128).build()).each())
                .isEqualTo(1);
    }
}
