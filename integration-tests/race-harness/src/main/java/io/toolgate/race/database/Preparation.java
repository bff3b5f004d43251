package io.toolgate.race.database;

import io.toolgate.migrations.MigrationException;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.Messages;
import io.toolgate.support.UsageException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.ds.PGSimpleDataSource;

/** Checks a database, and prepares it, before any process is started. */
public final class Preparation {
    private Preparation() {}

    /**
     * Checks that a store can be opened. Makes a SQLite file with its schema, as the store does itself; installs
     * PostgreSQL's schema only if {@code migrate} says so.
     *
     * @param migrate whether to install or upgrade PostgreSQL's schema
     * @return the database's product and version
     * @throws UsageException if the database is not ready, with what to do
     */
    public static String prepare(DatabaseLogin database, boolean migrate) {
        JdbcIdempotencyStore.Builder builder = Stores.builder(database).poolSize(1);
        if (migrate) {
            builder.migrate(true);
        }
        try (JdbcIdempotencyStore store = builder.open();
                Connection connection = database.connect()) {
            DatabaseMetaData about = connection.getMetaData();
            return about.getDatabaseProductName() + " " + about.getDatabaseProductVersion();
        } catch (StoreException e) {
            if (e instanceof StoreException.Misconfigured && !migrate && lacksSchema(database)) {
                throw new UsageException(
                        database
                                + " has no ToolGate schema, or an older one: run this again with --migrate, or have the"
                                + " SQL bundle run there",
                        e);
            }
            throw new UsageException(Messages.oneLine(e), e);
        } catch (SQLException e) {
            throw new UsageException("cannot connect to " + database + ": " + Messages.oneLine(e), e);
        }
    }

    /**
     * Checks that a PostgreSQL server has enough free connections; SQLite has no limit.
     *
     * @param needed connections that the run may open at a time
     * @throws UsageException if there are fewer, with their number
     */
    public static void requireConnections(DatabaseLogin database, int needed) {
        if (!database.usesPostgresql()) {
            return;
        }
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(Sql.read("connections.sql"))) {
            if (row.next()) {
                // This connection counts as in use, and is closed when the run begins.
                requireConnections(database, needed, row.getInt(1), row.getInt(2), row.getInt(3) - 1);
            }
        } catch (SQLException | IOException e) {
            throw new UsageException("cannot count the connections to " + database + ": " + Messages.oneLine(e), e);
        }
    }

    static void requireConnections(DatabaseLogin database, int needed, int most, int reserved, int used) {
        int free = most - reserved - used;
        if (free < needed) {
            throw new UsageException("this run needs " + needed + " connections to " + database + ", which has " + free
                    + " to give: its max_connections is " + most + ", " + reserved + " of them reserved, and " + used
                    + " in use; ask for fewer --processes, or raise max_connections");
        }
    }

    private static boolean lacksSchema(DatabaseLogin database) {
        if (!database.usesPostgresql()) {
            return false;
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        try {
            source.setUrl(database.url());
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (database.user() != null) {
            source.setUser(database.user());
        }
        if (database.password() != null) {
            source.setPassword(database.password());
        }
        try {
            return ToolGateMigrations.schemaVersion(source)
                    .fold(() -> true, current -> false, older -> true, newer -> false);
        } catch (MigrationException e) {
            // The store's own message is shown.
            return false;
        }
    }
}
