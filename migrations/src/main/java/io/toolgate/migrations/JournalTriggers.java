package io.toolgate.migrations;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * The triggers that write the journal: created by {@code journal_on.sql}, dropped by {@code journal_off.sql}. While
 * the journal is off there are none, so that it costs nothing.
 */
final class JournalTriggers {
    /** On PostgreSQL each attempt waits up to two seconds for transactions that use the table. */
    private static final int ATTEMPTS = 5;

    private JournalTriggers() {}

    static boolean installed(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            return installed(statement, Database.of(connection));
        } catch (SQLException e) {
            throw new MigrationException(
                    "Cannot read whether ToolGate's journal is on: " + e.getMessage() + ". Nothing was changed.", e);
        }
    }

    static void install(DataSource dataSource, boolean on) {
        InstalledSchema schema = InstalledSchema.read(dataSource);
        if (schema.version() == 0) {
            throw new MigrationException("There is no journal to switch: schema \"" + schema.schema()
                    + "\" holds none of ToolGate's tables. Migrate first. Nothing was changed.");
        }
        for (int attempt = 1; ; attempt++) {
            try {
                runScript(dataSource, schema.database(), on);
                return;
            } catch (SQLException e) {
                if (attempt == ATTEMPTS || !SqlCause.isLockTimeout(e)) {
                    throw new MigrationException(
                            "Cannot switch ToolGate's journal in schema \"" + schema.schema() + "\" "
                                    + (on ? "on" : "off") + ": " + SqlCause.sentence(e)
                                    + " Nothing was changed. The role must own the tables; if the cause is a lock"
                                    + " timeout, end the long transactions on tg_idempotency and try again.",
                            e);
                }
            }
        }
    }

    private static void runScript(DataSource dataSource, Database database, boolean on) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            if (installed(statement, database) != on) {
                Resources.run(
                        connection,
                        Resources.read(database.directory() + "/" + (on ? "journal_on.sql" : "journal_off.sql")));
            }
        }
    }

    private static boolean installed(Statement statement, Database database) throws SQLException {
        try (ResultSet row = statement.executeQuery(Resources.read(database.directory() + "/journal_is_on.sql"))) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
