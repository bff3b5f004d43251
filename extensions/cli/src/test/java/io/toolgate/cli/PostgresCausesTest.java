package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.cli.CliDatabase.Kind;
import io.toolgate.store.jdbc.StartupProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What commands say of errors of PostgreSQL: the cause by its own name, and its remedy, in one line. */
@Timeout(30)
class PostgresCausesTest {
    @TempDir
    Path directory;

    private CliDatabase database;

    @BeforeEach
    void open() {
        database = new CliDatabase(Kind.POSTGRESQL, directory);
        database.run("CREATE ROLE guest LOGIN");
    }

    @AfterEach
    void close() {
        database.run("DROP OWNED BY guest", "DROP ROLE guest");
        database.close();
    }

    private CliResult asGuest(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--url";
        all[args.length + 1] = database.url().replace("user=postgres", "user=guest");
        return database.plain(all);
    }

    @Test
    void whatIsInTheWayOfAMigrationIsNamed() {
        database.run(
                "CREATE SCHEMA apart",
                "GRANT USAGE, CREATE ON SCHEMA apart TO guest",
                "CREATE TABLE apart.tg_idempotency_counts ()");
        database.setting("search_path", "apart");
        asGuest("migrate")
                .refused(
                        "failed in script toolgate_1__schema.sql",
                        "42P07",
                        "holds tables of these names: tg_idempotency_counts",
                        "Give ToolGate a schema of its own");
    }

    /** At once: Flyway would try for ten seconds. */
    @Test
    @Timeout(8)
    void aRoleThatMayNotMigrateIsToldOfItsSchema() {
        database.run("CREATE SCHEMA apart", "GRANT USAGE ON SCHEMA apart TO guest");
        database.setting("search_path", "apart");
        asGuest("migrate")
                .refused("permission denied for schema apart", "may not use a schema", "CREATE too, where the store");
    }

    @Test
    void aRoleThatDoesNotOwnTheTablesIsToldSo() {
        database.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest", "GRANT CREATE ON SCHEMA public TO guest");
        asGuest("journal", "on").refused("permission denied for table", "be the owner of the tables");
    }

    @Test
    void aTimeoutOfTheRoleIsNamed() throws SQLException {
        database.run(
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest", "ALTER ROLE guest SET statement_timeout = 100");
        try (Connection holder = DriverManager.getConnection(database.url());
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            boolean unused = statement.execute("LOCK TABLE tg_idempotency");
            asGuest("stats").failed("57014", "statement_timeout of the role", "a longer statement_timeout");
        }
    }

    @Test
    void commandsWorkThroughAProxyThatTakesNoSettings() throws IOException {
        try (StartupProxy proxy = new StartupProxy(parameters ->
                parameters.containsKey("options") ? StartupProxy.error("0A000", "options are not supported") : null)) {
            String url = database.url().replaceFirst(":\\d+/", ":" + proxy.port() + "/");
            for (String command : new String[] {"stats", "doctor", "purge", "info", "migrate"}) {
                assertThat(database.plain(command, "--url", url).status())
                        .as(command)
                        .isZero();
            }
        }
    }

    @Test
    void aMissingPrivilegeIsNamed() {
        asGuest("stats").refused("42501", "lacks a privilege", "SELECT on tg_store_info");
    }
}
