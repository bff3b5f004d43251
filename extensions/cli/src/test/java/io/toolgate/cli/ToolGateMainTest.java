package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.cli.CliDatabase.Kind;
import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.Terminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

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
        database.plain().refused("no command given", "toolgate --help");
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
        command.refused("unknown command explian", "did you mean explain?");
        CliResult option = database.plain("explain", "order-981", "--jsn");
        option.refused("unknown option --jsn");
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
        result.refused("--url must not contain a password", "TOOLGATE_PASSWORD");
        assertThat(result.err()).doesNotContain("hunter2");
        CliResult option = database.plain("stats", "--password", "hunter2");
        option.refused("unknown option --password");
        assertThat(option.err()).doesNotContain("hunter2");
        CliResult joined = database.plain("stats", "--password=hunter2");
        joined.refused("unknown option --password");
        assertThat(joined.err()).doesNotContain("hunter2");
        database.plain("stats", "--url", NOBODY, "--user", "a", "--password-env", "MINE")
                .refused("MINE", "is not set");
    }

    @Test
    void thePasswordComesFromTheEnvironmentOrAPerson() {
        database.variables().put("MINE", "hunter2");
        DatabaseLogin target = target(null, "--password-env", "MINE");
        assertThat(target.password()).isEqualTo("hunter2");
        assertThat(target.toString()).doesNotContain("hunter2");

        assertThat(target("typed").password()).isEqualTo("typed");
        assertThat(target("").password()).isNull();
        assertThat(target(null).password()).isNull();
        database.variables().put("TOOLGATE_PASSWORD", "from-there");
        assertThat(target("typed").password()).isEqualTo("from-there");
    }

    /** The database that ada names, at a terminal at which {@code password} is typed, or without one. */
    private DatabaseLogin target(String password, String... more) {
        DatabaseOptions options = new DatabaseOptions(environment(password));
        CommandLine line =
                new CommandLine(CommandSpec.create().addMixin("database", CommandSpec.forAnnotatedObject(options)));
        var unused = line.parseArgs(Stream.concat(Stream.of("--url", NOBODY, "--user", "ada"), Stream.of(more))
                .toArray(String[]::new));
        return options.login();
    }

    /** An environment with a terminal at which {@code password} is typed, or without one. */
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
