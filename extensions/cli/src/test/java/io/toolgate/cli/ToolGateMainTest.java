package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.cli.CliDatabase.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Usage, databases that cannot be reached, and passwords. */
class ToolGateMainTest {
    private static final String NOBODY = "jdbc:postgresql://localhost:1/none?sslmode=disable&gssEncMode=disable";

    @TempDir
    Path directory;

    private CliDatabase database;

    @BeforeEach
    void open() {
        database = new CliDatabase(Kind.SQLITE, directory);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void wrongUsageIsOneLineThatSaysWhatToDo() {
        database.plain().refused("name a command", "toolgate --help");
        database.plain("dance").refused("dance", "--help");
        database.plain("stats", "--nonsense").refused("--nonsense", "toolgate stats --help");
        database.plain("stats", "--user", "ada").refused("--user needs --url");
        database.plain("stats", "--url", "jdbc:oracle:x").refused("jdbc:oracle:", "Write jdbc:postgresql");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stats",
                "list",
                "explain",
                "resolve",
                "retire",
                "purge",
                "doctor",
                "journal",
                "migrate",
                "info",
                "validate",
                "print"
            })
    void everyCommandHasHelp(String command) {
        assertThat(database.plain(command, "--help").done().out()).contains("Usage: toolgate " + command, "--json");
        assertThat(database.plain("--help").done().out()).contains("\n  " + command + " ");
    }

    @Test
    void whatIsMisspeltIsNamedAndKeysAreNot() {
        CliResult command = database.plain("explian", "order-981");
        command.refused("there is no command explian", "explain");
        CliResult option = database.plain("explain", "order-981", "--jsn");
        option.refused("there is no option --jsn");
        CliResult arguments = database.plain("explain", "order", "order-981");
        arguments.refused("too many arguments");
        for (CliResult result : List.of(command, option, arguments)) {
            assertThat(result.err()).doesNotContain("order-981");
        }
    }

    @Test
    void aServerThatIsNotThereIsAFailure() {
        database.plain("stats", "--url", NOBODY).failed("could not be reached", "Check host, port");
        database.plain("migrate", "--url", NOBODY).failed("localhost:1");
        database.plain("info", "--url", NOBODY).failed("could not be reached");
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("notes.txt"), "not a database, but a text".repeat(100));
        database.plain("stats", "--url", "jdbc:sqlite:" + file).refused("is not a SQLite database");
        assertThat(Files.readString(file)).startsWith("not a database");
        database.plain("stats", "--url", "jdbc:sqlite:" + directory.resolve("none.db"))
                .refused("There is no SQLite store");
        assertThat(Files.exists(directory.resolve("none.db"))).isFalse();
    }

    @Test
    void passwordsAreNeverOnTheCommandLine() {
        CliResult result =
                database.plain("stats", "--url", "jdbc:postgresql://localhost:1/none?user=a&password=hunter2");
        result.refused("--url must not hold the password", "TOOLGATE_PASSWORD");
        assertThat(result.err()).doesNotContain("hunter2");
        CliResult option = database.plain("stats", "--password", "hunter2");
        option.refused("there is no option --password");
        assertThat(option.err()).doesNotContain("hunter2");
        CliResult joined = database.plain("stats", "--password=hunter2");
        joined.refused("there is no option --password");
        assertThat(joined.err()).doesNotContain("hunter2");
        database.plain("stats", "--url", NOBODY, "--user", "a", "--password-env", "MINE")
                .refused("MINE", "is not set");
    }

    @Test
    void thePasswordComesFromTheEnvironmentOrAPerson() {
        DatabaseOptions options = new DatabaseOptions();
        picocli.CommandLine line = new picocli.CommandLine(picocli.CommandLine.Model.CommandSpec.create()
                .addMixin("database", picocli.CommandLine.Model.CommandSpec.forAnnotatedObject(options)));
        var unused = line.parseArgs("--url", NOBODY, "--user", "ada", "--password-env", "MINE");
        database.variables().put("MINE", "hunter2");
        DatabaseOptions.Target target = options.target(environment(null));
        assertThat(target.password()).isEqualTo("hunter2");
        assertThat(target.toString()).doesNotContain("hunter2");

        var unused2 = line.parseArgs("--url", NOBODY, "--user", "ada");
        assertThat(options.target(environment("typed")).password()).isEqualTo("typed");
        assertThat(options.target(environment("")).password()).isNull();
        assertThat(options.target(environment(null)).password()).isNull();
        database.variables().put("TOOLGATE_PASSWORD", "from-there");
        assertThat(options.target(environment("typed")).password()).isEqualTo("from-there");
    }

    /** Somebody at the terminal who types {@code password}, or nobody. */
    private Environment environment(String password) {
        Terminal terminal = password == null
                ? null
                : new Terminal() {
                    @Override
                    public String ask(String question) {
                        throw new AssertionError("asked " + question);
                    }

                    @Override
                    public String askSecret(String question) {
                        return password;
                    }
                };
        return new Environment(
                new java.io.PrintWriter(java.io.Writer.nullWriter()),
                new java.io.PrintWriter(java.io.Writer.nullWriter()),
                database.variables(),
                directory,
                "on-call",
                terminal,
                java.time.Duration.ofSeconds(2));
    }
}
