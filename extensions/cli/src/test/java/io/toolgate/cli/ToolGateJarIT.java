package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.Failure;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestPostgres;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code toolgate.jar} as a user has it, run in processes of its own. */
class ToolGateJarIT {
    private static final Path JAR = Path.of("target", "toolgate.jar").toAbsolutePath();
    private static final long PATIENCE_SECONDS = 120;

    @TempDir
    Path directory;

    private CliResult run(String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + directory,
                "-jar",
                JAR.toString()));
        command.addAll(List.of(args));
        Path out = Files.createTempFile(directory, "out", ".txt");
        Path err = Files.createTempFile(directory, "err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("TOOLGATE_PASSWORD");
        Process process = builder.start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it did not end; it said " + Files.readString(err));
        }
        return new CliResult(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void theFileInTheWorkingDirectoryIsCreatedReadAndResolved() throws Exception {
        run("stats").refused("toolgate.db", "toolgate migrate");
        assertThat(run("migrate").done().out()).contains("The tables were created, schema version 1.");
        try (JdbcIdempotencyStore store =
                JdbcIdempotencyStore.open("jdbc:sqlite:" + directory.resolve("toolgate.db"))) {
            var unused = store.fail(
                    CliDatabase.claim(store, CliDatabase.id("Bestellung-ä")),
                    Failure.unknown("timeout", "keine Antwort: ü"));
        }
        JsonNode listed = run("list", "--state", "in-doubt", "--json").done().json();
        assertThat(listed.path("records").path(0).path("failure_message").textValue())
                .isEqualTo("keine Antwort: ü");
        String id = listed.path("records").path(0).path("record_id").textValue();
        assertThat(run("explain", "--id", id).done().out()).contains("Best…" + id, "Now: in doubt");
        run("resolve", "--id", id, "--retry", "--reason", "not there").refused("no terminal", "--yes");
        assertThat(run("resolve", "--id", id, "--retry", "--reason", "not there", "--yes", "--json")
                        .done()
                        .json()
                        .path("state")
                        .textValue())
                .isEqualTo("RETRYABLE");
        assertThat(run("doctor", "--json").done().json().path("healthy").booleanValue())
                .isTrue();
        assertThat(run("stats", "--prometheus").done().out()).contains("toolgate_records");
    }

    @Test
    void aPostgresqlDatabaseIsMigratedAndItsJournalSwitchedOn() throws Exception {
        TestDatabase database = TestPostgres.empty();
        assertThat(run("migrate", "--json", "--url", database.url())
                        .done()
                        .json()
                        .path("to_version")
                        .intValue())
                .isEqualTo(1);
        assertThat(run("validate", "--url", database.url()).done().out()).contains("complete and current");
        assertThat(run("journal", "on", "--url", database.url()).done().out()).contains("now on");
        assertThat(run("purge", "--json", "--url", database.url())
                        .done()
                        .json()
                        .path("deleted")
                        .longValue())
                .isZero();
        database.drop();
        run("info", "--url", database.url()).refused("no such database");
    }

    @Test
    void noLogLineOfALibraryGoesToTheUser() throws Exception {
        CliResult result = run("info", "--url", "jdbc:postgresql://ada:hunter2@localhost:1/none");
        result.refused("user in front of the host");
        assertThat(result.err()).doesNotContain("hunter2");
    }

    @Test
    void theJarIsSelfContainedAndTheLibraryIsNot() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            for (String needed : List.of(
                    "picocli/CommandLine.class",
                    "org/slf4j/simple/SimpleLogger.class",
                    "org/sqlite/JDBC.class",
                    "org/postgresql/Driver.class",
                    "io/toolgate/cli/query/postgresql/doctor/identities.sql")) {
                assertThat(jar.getEntry(needed)).as(needed).isNotNull();
            }
            assertThat(jar.stream().map(entry -> entry.getName()))
                    .noneMatch(name -> name.startsWith("org/junit/") || name.startsWith("io/zonky/"));
            assertThat(jar.getManifest().getMainAttributes().getValue("Multi-Release"))
                    .isEqualTo("true");
        }
        Path library = onlyLibrary();
        try (JarFile jar = new JarFile(library.toFile())) {
            assertThat(jar.stream().map(entry -> entry.getName()))
                    .anyMatch(name -> name.startsWith("io/toolgate/cli/"))
                    .noneMatch(name -> name.startsWith("picocli/") || name.startsWith("org/"));
        }
    }

    private static Path onlyLibrary() throws IOException {
        try (var all = Files.newDirectoryStream(JAR.getParent(), "toolgate-cli-*.jar")) {
            List<Path> found = new ArrayList<>();
            all.forEach(path -> {
                if (!path.toString().matches(".*-(sources|javadoc|tests)\\.jar")) {
                    found.add(path);
                }
            });
            assertThat(found).hasSize(1);
            return found.get(0);
        }
    }
}
