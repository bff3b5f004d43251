package io.toolgate.migrations;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The state of ToolGate's schema in a database, read with two SELECTs: the product, the schema that holds the tables
 * or would hold new ones, and the version (0 if there are no tables).
 *
 * <p>The tables decide, not the migration history: a DBA may have run the scripts by hand.
 */
record InstalledSchema(Database database, String schema, int version) {

    static InstalledSchema read(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection()) {
            Database database = Database.of(connection);
            try (Statement statement = connection.createStatement()) {
                return read(statement, database);
            }
        } catch (SQLException e) {
            throw new MigrationException(
                    "Cannot read ToolGate's schema version: " + e.getMessage()
                            + ". The role needs CONNECT on the database, USAGE on the schema and SELECT on"
                            + " tg_store_info. Nothing was changed.",
                    e);
        }
    }

    private static InstalledSchema read(Statement statement, Database database) throws SQLException {
        String home;
        try (ResultSet row = statement.executeQuery(query(database, "find_schema.sql"))) {
            row.next();
            home = row.getString("home");
            boolean storeInfo = row.getBoolean("store_info");
            boolean idempotency = row.getBoolean("idempotency");
            if (home == null) {
                return new InstalledSchema(database, currentSchema(row.getString("current")), 0);
            }
            if (!storeInfo || !idempotency) {
                throw new IncompleteSchemaException("Schema \"" + home + "\" holds "
                        + (storeInfo ? "tg_store_info but not tg_idempotency" : "tg_idempotency but not tg_store_info")
                        + "; expected both or neither. If an installation by hand was interrupted, drop the table"
                        + " that exists and install again; if it belongs to another application, give ToolGate a"
                        + " schema of its own. Nothing was changed.");
            }
        }
        try (ResultSet row = statement.executeQuery(query(database, "read_version.sql"))) {
            if (!row.next()) {
                throw new IncompleteSchemaException("Table tg_store_info of schema \"" + home
                        + "\" has no row; a complete installation has exactly one. If tg_idempotency is empty, drop"
                        + " both tables and install again. Nothing was changed.");
            }
            return new InstalledSchema(database, home, row.getInt(1));
        }
    }

    private static String currentSchema(@Nullable String current) {
        if (current == null) {
            throw new MigrationException("No schema of the connection's search_path exists, so there is nowhere to"
                    + " create ToolGate's tables. Create the schema, or name an existing one in search_path (pgjdbc:"
                    + " currentSchema in the URL). Nothing was changed.");
        }
        return current;
    }

    private static String query(Database database, String fileName) {
        return Resources.read(database.directory() + "/" + fileName);
    }
}
