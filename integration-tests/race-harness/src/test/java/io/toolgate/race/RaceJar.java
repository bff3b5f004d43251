package io.toolgate.race;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.toolgate.support.process.PostgresGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The jar as a user has it, run in a process of its own with a directory of its own for temporary files. */
public final class RaceJar {
    public static final Duration PATIENCE = Duration.ofMinutes(5);

    static final Path JAR = Path.of("target", "toolgate-race.jar").toAbsolutePath();
    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** As the racers have it: a race is over before a better compiler could repay its own work. */
    private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";

    /** Where the library unpacks them for the tests' own servers, once, and not for each race. */
    private static final String PROGRAMS =
            "-D" + PostgresGuard.PROGRAMS + "=" + Path.of(System.getProperty("java.io.tmpdir"), "embedded-pg");

    private final Path directory;
    private final Path temporary;
    private final @Nullable String password;

    public RaceJar(Path directory) throws IOException {
        this(directory, null);
    }

    /** With a password in the environment. */
    public RaceJar(Path directory, @Nullable String password) throws IOException {
        this.directory = directory;
        this.temporary = Files.createDirectories(directory.resolve("tmp"));
        this.password = password;
    }

    /** The exit status and output of a run. */
    public record Result(int status, String out, String err) {
        /** The one JSON object on standard output, with nothing after it. */
        public JsonNode json() throws IOException {
            return MAPPER.reader()
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(out);
        }
    }

    /** A run that goes on. */
    public record Running(Process process, Path out, Path err) {
        public Result await() throws IOException, InterruptedException {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("it did not end; it said " + Files.readString(err));
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        }
    }

    public Result run(String... arguments) throws IOException, InterruptedException {
        return start(arguments).await();
    }

    public Running start(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                JAVA,
                SHORT_LIVED,
                ClassArchive.option(),
                PROGRAMS,
                "-Djava.io.tmpdir=" + temporary,
                "-jar",
                JAR.toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(directory, "out", ".txt");
        Path err = Files.createTempFile(directory, "err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("TOOLGATE_PASSWORD");
        if (password != null) {
            builder.environment().put("TOOLGATE_PASSWORD", password);
        }
        return new Running(builder.start(), out, err);
    }

    /** Asserts that a run is refused as wrong usage, in one line that contains {@code says}, and leaves nothing. */
    public void assertRefused(String says, String... arguments) throws IOException, InterruptedException {
        Result result = run(arguments);
        assertThat(result.status()).as("%s", result).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines())
                .singleElement()
                .asString()
                .startsWith("toolgate-race: ")
                .contains(says);
        assertThat(leftovers()).isEmpty();
    }

    /** The output of a small {@code run} with {@code more} options, which must hold. */
    public JsonNode held(String... more) throws IOException, InterruptedException {
        Result result = run(with(new String[] {"run", "--json", "--processes", "4", "--duplicates", "5"}, more));
        assertThat(result.status()).as("%s", result).isZero();
        JsonNode json = result.json();
        assertThat(json.path("verdict").textValue()).as("%s", json).isEqualTo("held");
        assertThat(json.path("violations")).isEmpty();
        return json;
    }

    /** {@code arguments} and {@code more}. */
    public static String[] with(String[] arguments, String... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
    }

    /** The directories of runs that are still there. */
    public List<Path> leftovers() throws IOException {
        try (Stream<Path> all = Files.list(temporary)) {
            return all.filter(path -> path.getFileName().toString().startsWith("toolgate-race-"))
                    .toList();
        }
    }

    public static void assertHeld(JsonNode json, int processes, int keys, int duplicates) {
        int calls = processes * keys * duplicates;
        assertThat(json.path("verdict").textValue()).as("%s", json).isEqualTo("held");
        assertThat(json.path("violations")).isEmpty();
        assertThat(json.path("processes").intValue()).isEqualTo(processes);
        assertThat(json.path("keys").intValue()).isEqualTo(keys);
        assertThat(json.path("calls").intValue()).isEqualTo(calls);
        assertThat(json.path("charges").intValue()).isEqualTo(keys);
        assertThat(json.path("executed").intValue()).isEqualTo(keys);
        assertThat(json.path("replayed").intValue()).isEqualTo(calls - keys);
        assertThat(json.path("recorded").intValue()).isEqualTo(keys);
        assertThat(json.path("distinct_results_max").intValue()).isEqualTo(1);
        for (String none : List.of("charged_twice", "in_progress", "in_doubt", "rejected", "conflicts", "errors")) {
            assertThat(json.path(none).isInt()).as(none).isTrue();
            assertThat(json.path(none).intValue()).as(none).isZero();
        }
        assertThat(json.path("calls_per_second").doubleValue()).isPositive();
        JsonNode latency = json.path("replay_latency_ms");
        assertThat(latency.path("p50").doubleValue()).isPositive();
        assertThat(latency.path("p99").doubleValue())
                .isBetween(
                        latency.path("p50").doubleValue(), latency.path("max").doubleValue());
    }
}
