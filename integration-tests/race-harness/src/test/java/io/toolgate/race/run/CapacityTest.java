package io.toolgate.race.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.support.UsageException;
import io.toolgate.support.process.JavaCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CapacityTest {
    private static final Capacity NEEDS = new Capacity(50, 70, 80, 900);

    @Test
    void aLimitThatIsJustEnoughIs() {
        assertThatCode(() -> NEEDS.requireFiles(80, 30)).doesNotThrowAnyException();
        assertThatCode(() -> NEEDS.requireThreads(limits("900"))).doesNotThrowAnyException();
        assertThatCode(() -> NEEDS.requireThreads(limits("unlimited"))).doesNotThrowAnyException();
    }

    @Test
    void theProcessThatNeedsMostFilesDecides() {
        assertThatThrownBy(() -> NEEDS.requireFiles(79, 30))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("80 open files", "may have 79", "ulimit -n 80");
        assertThatThrownBy(() -> NEEDS.requireFiles(80, 31)).hasMessageContainingAll("81 open files", "may have 80");
        assertThatThrownBy(() -> new Capacity(0, 90, 0, 0).requireFiles(89, 0)).hasMessageContaining("90 open files");
    }

    @Test
    void tooFewThreadsAreNamed() {
        assertThatThrownBy(() -> NEEDS.requireThreads(limits("899")))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("900 threads", "may have 899", "ulimit -u 900");
    }

    @Test
    void everyPartOfARunTakesItsShare() {
        Capacity small = Capacity.of(2, 5, 4);
        assertThat(Capacity.of(3, 5, 4).harnessFiles()).isGreaterThan(small.harnessFiles());
        assertThat(Capacity.of(3, 5, 4).providerFiles()).isGreaterThan(small.providerFiles());
        assertThat(Capacity.of(2, 6, 4).workerFiles()).isGreaterThan(small.workerFiles());
        assertThat(Capacity.of(2, 5, 5).workerFiles()).isGreaterThan(small.workerFiles());
        assertThat(Capacity.of(2, 6, 4).threads()).isGreaterThan(small.threads());
    }

    @Test
    void aShellsLimitIsWhatIsObserved() throws Exception {
        List<String> java = JavaCommand.shortLived(Path.of(System.getProperty("java.io.tmpdir")), CapacityProbe.class);
        Process process = new ProcessBuilder(
                        Stream.concat(Stream.of("/bin/sh", "-c", "ulimit -n 200; exec \"$@\"", "sh"), java.stream())
                                .toList())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(said).contains("may have 200", "ulimit -n");
    }

    private static Stream<String> limits(String processes) {
        return Stream.of(
                "Limit                     Soft Limit           Hard Limit           Units     ",
                "Max processes             " + processes + "                 1000000              processes ",
                "Max open files            1                    1                    files     ");
    }
}
