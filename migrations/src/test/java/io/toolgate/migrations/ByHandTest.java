package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.toolgate.migrations.MigrationResult.Action;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteDataSource;

/** The command lines of the bundle's README, with the real psql and sqlite3 where the machine has them. */
class ByHandTest {

    private static final Path POSTGRESQL = Bundle.MIGRATIONS.resolve("postgresql/toolgate_1__schema.sql");
    private static final Path SQLITE = Bundle.MIGRATIONS.resolve("sqlite/toolgate_1__schema.sql");

    @TempDir
    Path directory;

    @Test
    void psqlInstallsGrantsAndRollsBack() throws Exception {
        assumeInstalled("psql");
        DataSource dataSource = TestPostgres.freshDatabase();

        assertThat(psql(dataSource, POSTGRESQL)).isZero();
        assertThat(psql(dataSource, Bundle.FOLDER.resolve("postgresql/grants.sql"), "-v", "runtime_role=Billing Gate"))
                .isZero();
        String store = Sql.one(dataSource, "SELECT * FROM tg_store_info");
        assertThat(Sql.one(
                        dataSource,
                        "SELECT has_table_privilege('Billing Gate', 'tg_idempotency', 'INSERT'),"
                                + " has_table_privilege('Billing Gate', 'tg_idempotency', 'DELETE'),"
                                + " has_table_privilege('toolgate_purger', 'tg_idempotency', 'DELETE'),"
                                + " has_table_privilege('Billing Gate', 'tg_idempotency_journal', 'INSERT')"))
                .isEqualTo("t | f | t | f");
        for (int i = 0; i < 2; i++) {
            assertThat(psql(dataSource, Bundle.JOURNAL.resolve("postgresql/journal_on.sql")))
                    .isZero();
            assertThat(ToolGateMigrations.journalIsOn(dataSource)).isTrue();
        }
        for (int i = 0; i < 2; i++) {
            assertThat(psql(dataSource, Bundle.JOURNAL.resolve("postgresql/journal_off.sql")))
                    .isZero();
            assertThat(ToolGateMigrations.journalIsOn(dataSource)).isFalse();
        }
        assertThat(psql(dataSource, Bundle.FOLDER.resolve("postgresql/monitoring.sql")))
                .isZero();
        assertThat(psql(dataSource, Bundle.FOLDER.resolve("postgresql/purge.sql")))
                .isZero();

        assertThat(psql(dataSource, POSTGRESQL)).as("a second run").isEqualTo(3);
        assertThat(Sql.one(dataSource, "SELECT * FROM tg_store_info")).isEqualTo(store);
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.UNCHANGED);

        Sql.run(dataSource, Samples.claim(Database.POSTGRESQL, "k"));
        String uninstall = Bundle.FOLDER.resolve("postgresql/uninstall.sql").toString();
        assertThat(psql(dataSource, "-f", uninstall)).as("without flags").isZero();
        assertThat(ToolGateMigrations.schemaVersion(dataSource)).as("refused").isEqualTo(new SchemaVersion.Current(1));
        Sql.run(dataSource, Samples.complete("k"));
        assertThat(psql(dataSource, "-f", uninstall)).as("without flags").isZero();
        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Absent());
    }

    @Test
    void sqlite3InstallsAllOrNothing() throws Exception {
        assumeInstalled("sqlite3");
        Path file = directory.resolve("store.db");

        assertThat(sqlite3(file, SQLITE)).isZero();
        byte[] installed = Files.readAllBytes(file);

        assertThat(sqlite3(file, SQLITE)).as("a second run").isNotZero();
        assertThat(Files.readAllBytes(file)).isEqualTo(installed);
        assertThat(ToolGateMigrations.migrate(sqlite(file)).action()).isEqualTo(Action.UNCHANGED);
        for (boolean on : new boolean[] {true, true, false, false}) {
            assertThat(sqlite3(file, Bundle.JOURNAL.resolve("sqlite/journal_" + (on ? "on" : "off") + ".sql")))
                    .isZero();
            assertThat(ToolGateMigrations.journalIsOn(sqlite(file))).isEqualTo(on);
        }
    }

    private int sqlite3(Path file, Path script) throws Exception {
        return run(
                null,
                "sqlite3",
                "-bail",
                file.toString(),
                "BEGIN IMMEDIATE",
                ".read " + script.toAbsolutePath(),
                "COMMIT");
    }

    @Test
    void sqlite3ReadsTheScriptFromStandardInputToo() throws Exception {
        assumeInstalled("sqlite3");
        Path file = directory.resolve("store.db");

        assertThat(run(SQLITE, "sqlite3", file.toString())).isZero();
        byte[] installed = Files.readAllBytes(file);

        assertThat(run(SQLITE, "sqlite3", file.toString())).as("a second run").isNotZero();
        assertThat(Files.readAllBytes(file)).isEqualTo(installed);
    }

    private int psql(DataSource dataSource, Path script, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-v", "ON_ERROR_STOP=1", "-1"));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of("-f", script.toString()));
        return psql(dataSource, arguments.toArray(String[]::new));
    }

    private int psql(DataSource dataSource, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("psql", "-X", "-h", "127.0.0.1", "-p", String.valueOf(TestPostgres.port()), "-U", "postgres"));
        command.addAll(List.of("-d", dataSource.unwrap(PGSimpleDataSource.class).getDatabaseName()));
        command.addAll(List.of(arguments));
        return run(null, command.toArray(String[]::new));
    }

    private int run(Path input, String... command) throws IOException, InterruptedException {
        Path output = directory.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .redirectInput(input == null ? new File("/dev/null") : input.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int status = process.waitFor();
        assertThat(Files.readString(output, StandardCharsets.UTF_8)).doesNotContain("syntax error");
        return status;
    }

    private static DataSource sqlite(Path file) {
        SQLiteDataSource dataSource = new SQLiteDataSource();
        dataSource.setUrl("jdbc:sqlite:" + file);
        return dataSource;
    }

    private static void assumeInstalled(String program) {
        boolean installed = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        assumeTrue(installed, program + " is not installed");
    }
}
