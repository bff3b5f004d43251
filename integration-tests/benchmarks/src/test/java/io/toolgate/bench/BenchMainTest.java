package io.toolgate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.support.CommandLines;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BenchMainTest {
    static Stream<Arguments> wrongUsage() {
        return Stream.of(
                refused("", "name a benchmark"),
                refused("througput", "througput"),
                refused("throughput --concurrency 0", "--concurrency must be 1 to 20000, and not 0"),
                refused("throughput --concurrency 1,x", "'x'"),
                refused("throughput --seconds 0", "--seconds must be 0.001 to 86400, and not 0.0"),
                refused("throughput --seconds NaN", "--seconds must be"),
                refused("throughput --warmup-seconds -1", "--warmup-seconds must be 0 to 86400"),
                refused("throughput --processes 65", "--processes must be 1 to 64, and not 65"),
                refused("throughput --waiters -1", "--waiters must be 0 to 1000"),
                refused("throughput --waiters 1 --processes 2", "leave out --processes"),
                refused("throughput --repetitions 0", "--repetitions must be 1 to 1000, and not 0"),
                refused(
                        "throughput --contenders toolgate,fastest",
                        "no contender 'fastest', only toolgate, jdbc, jdbi"),
                refused("throughput --json --markdown", "leave one of them out"),
                refused("throughput --plot figures.png", "give a name that ends in .svg"),
                refused("throughput --plot /no/such/place/x.svg", "has no directory"),
                refused("throughput --pool-size 0", "--pool-size must be at least 1"),
                refused("throughput --user me", "--user needs --url"),
                refused("throughput --url jdbc:sqlite:x --embedded-postgres", "name two databases"),
                refused("throughput --url jdbc:mysql://localhost/x", "is not jdbc:postgresql:… or jdbc:sqlite:FILE"),
                refused("throughput --url jdbc:sqlite:", "names no file"),
                refused("throughput --url jdbc:postgresql://h/d?password=hunter2", "TOOLGATE_PASSWORD"),
                refused("throughput --url jdbc:postgresql://h/d?currentSchema=x", "must not name a currentSchema"),
                refused("throughput --url jdbc:postgresql://localhost:1/d", "cannot connect to"),
                refused("throughput --url jdbc:sqlite:/no/such/place/x.db", "create it first"),
                refused("throughput --directory /no/such/place", "is no directory"),
                refused("wakeup --where moon", "'moon'"),
                refused("wakeup --warmup-seconds -1", "--warmup-seconds must be 0 to 86400"),
                refused("wakeup --rounds 0", "--rounds must be 1 to 1000000"),
                refused("herd --action-millis 0", "--action-millis must be 1 to 10000"),
                refused("replay --keys 0", "--keys must be 1 to"),
                refused("growth --rows 0", "--rows must be 1 to"),
                refused("purge --contenders jdbc", "jdbc cannot take part: it has no purge"));
    }

    private static Arguments refused(String arguments, String complaint) {
        return Arguments.of(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1), complaint);
    }

    @ParameterizedTest
    @MethodSource
    void wrongUsage(String[] arguments, String complaint) {
        Output output = Output.of(arguments);
        assertThat(output.status()).isEqualTo(CommandLines.USAGE);
        assertThat(output.out()).isEmpty();
        assertThat(output.err())
                .startsWith("toolgate-bench: ")
                .contains(complaint)
                .doesNotContain("hunter2");
        assertThat(output.err().strip()).doesNotContain("\n");
    }

    @Test
    void aFileThatIsThereIsNotMeasuredOn(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("mine.db"), "precious");
        Output output = Output.of("throughput", "--url", "jdbc:sqlite:" + file);
        assertThat(output.status()).isEqualTo(CommandLines.USAGE);
        assertThat(output.err()).contains("exists", "name of a file that is not there");
        assertThat(file).hasContent("precious");
    }

    @Test
    void memoryHandsItsArgumentsToJmh() {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            assertThat(Output.of("memory", "-l").status()).isZero();
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("MemoryStoreBenchmark.gateExecute");
    }

    @Test
    void helpNamesEveryBenchmark() {
        Output output = Output.of("--help");
        assertThat(output.status()).isZero();
        assertThat(output.out()).contains("throughput", "wakeup", "herd", "replay", "growth", "purge", "memory");
    }
}
