package io.toolgate.migrations;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * The journal's triggers: whether they are there, and the scripts that make and drop them. None exist while it is off, so that
 * off costs nothing.
 */
final class Journal {
    private static final int OLDEST_VERSION = 2;

    /** Each failed attempt on PostgreSQL waited two seconds for those who use the table. */
    private static final int ATTEMPTS = 5;

    private Journal() {}

    static boolean isOn(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            return isOn(statement, Database.of(connection));
        } catch (SQLException e) {
            throw new MigrationException(
                    "Cannot tell whether ToolGate's journal is on: " + e.getMessage() + ". Nothing was changed.", e);
        }
    }

    static void turn(DataSource dataSource, boolean on) {
        InstalledSchema schema = InstalledSchema.read(dataSource);
        if (schema.version() < OLDEST_VERSION) {
            throw new MigrationException("The journal needs version " + OLDEST_VERSION
                    + " of ToolGate's schema, and schema \""
                    + schema.schema() + "\" has " + (schema.version() == 0 ? "none" : "version " + schema.version())
                    + ". Migrate first. Nothing was changed.");
        }
        for (int attempt = 1; ; attempt++) {
            try {
                turn(dataSource, schema.database(), on);
                return;
            } catch (SQLException e) {
                if (attempt == ATTEMPTS || !Locks.timedOut(e)) {
                    throw new MigrationException(
                            "ToolGate's journal in schema \"" + schema.schema() + "\" could not be switched "
                                    + (on ? "on" : "off") + " and is as it was: " + e.getMessage()
                                    + ". The role must own the tables; where others held them for long, try again.",
                            e);
                }
            }
        }
    }

    private static void turn(DataSource dataSource, Database database, boolean on) throws SQLException {
        String script = Resources.read(
                "/" + ToolGateMigrations.folder(database) + "/" + (on ? "journal_on.sql" : "journal_off.sql"));
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            if (isOn(statement, database) == on) {
                return;
            }
            connection.setAutoCommit(false);
            try {
                int unused = statement.executeUpdate(script);
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                connection.setAutoCommit(true);
                throw e;
            }
            connection.setAutoCommit(true);
        }
    }

    private static boolean isOn(Statement statement, Database database) throws SQLException {
        try (ResultSet row = statement.executeQuery(Resources.read(database.directory() + "/journal_is_on.sql"))) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
