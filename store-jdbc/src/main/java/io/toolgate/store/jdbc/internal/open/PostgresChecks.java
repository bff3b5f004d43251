package io.toolgate.store.jdbc.internal.open;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks of a PostgreSQL server at opening, before the store trusts it with anything. A refusal says what is wrong and
 * what to do; a setting that is only dangerous is a warning.
 */
public final class PostgresChecks {
    private static final Logger log = LoggerFactory.getLogger(PostgresChecks.class);
    private static final int OLDEST = 140000;

    private PostgresChecks() {}

    /** The row of {@code startup.sql}. Before the tables exist, no privilege on them counts as missing. */
    private record Server(
            int versionNumber,
            String version,
            String encoding,
            boolean standby,
            boolean readOnly,
            boolean fsync,
            boolean fullPageWrites,
            String synchronousCommit,
            long statementTimeoutMillis,
            long asynchronousStandbys,
            String role,
            String runtimeLacks,
            String purgerLacks) {

        static Server read(ResultSet row) throws SQLException {
            return new Server(
                    row.getInt("version_number"),
                    row.getString("version"),
                    row.getString("encoding"),
                    row.getBoolean("standby"),
                    row.getBoolean("read_only"),
                    row.getBoolean("fsync"),
                    row.getBoolean("full_page_writes"),
                    row.getString("synchronous_commit"),
                    row.getLong("statement_timeout_millis"),
                    row.getLong("asynchronous_standbys"),
                    row.getString("role"),
                    row.getString("runtime_lacks"),
                    row.getString("purger_lacks"));
        }
    }

    /** Checks the server, migrates or checks the schema, and checks the role. */
    static void run(DataSource dataSource, DataSource migrating, StoreSettings settings, String where) {
        Server before = readServer(dataSource, where);
        checkServer(before, where);
        SchemaCheck.check(
                dataSource,
                migrating,
                settings.migrateOr(false),
                settings.journal(),
                where + ", as role \"" + before.role() + "\" sees it",
                e -> PostgresOpener.atOpening(e, where));
        Server server = readServer(dataSource, where);
        checkPrivileges(server, settings.purgeOnly(), where);
        warn(server, settings, where);
    }

    private static Server readServer(DataSource dataSource, String where) {
        try (Connection connection = SqlRunner.connect(dataSource)) {
            return SqlRunner.first(connection, SqlFiles.load(Dialect.POSTGRESQL, SqlFiles.Name.STARTUP), Server::read);
        } catch (SQLException e) {
            throw PostgresOpener.atOpening(e, where);
        }
    }

    private static void checkServer(Server server, String where) {
        if (server.versionNumber() < OLDEST) {
            throw new StoreException.Misconfigured("PostgreSQL 14 or newer is needed, and " + where + " is "
                    + server.version() + ". Upgrade the server");
        }
        if (!server.encoding().equals("UTF8")) {
            throw new StoreException.Misconfigured("The database must have encoding UTF8 to hold every key, and "
                    + where + " has " + server.encoding() + ". Use a database that was created with ENCODING 'UTF8'");
        }
        if (server.standby()) {
            throw new StoreException.Misconfigured(
                    "The server at " + where + " is a standby, which takes no writes. Use"
                            + " the address of the primary (with several hosts in the URL: targetServerType=primary)");
        }
        if (server.readOnly()) {
            throw new StoreException.Misconfigured("Transactions at " + where + " are read-only, so nothing could be"
                    + " claimed. Set default_transaction_read_only off for role \"" + server.role()
                    + "\" and its database, and take readOnly out of the URL");
        }
    }

    private static void checkPrivileges(Server server, boolean purgeOnly, String where) {
        String lacks = purgeOnly ? server.purgerLacks() : server.runtimeLacks();
        if (!lacks.isEmpty()) {
            throw new StoreException.Misconfigured("Role \"" + server.role() + "\" lacks " + lacks + " at " + where
                    + ". Grant it; grants.sql of the SQL bundle has the roles");
        }
    }

    private static void warn(Server server, StoreSettings settings, String where) {
        if (!server.fsync() || !server.fullPageWrites()) {
            log.warn(
                    "{} runs with {} off: a crash of its machine can corrupt it and forget acknowledged claims, and"
                            + " then actions run twice. Turn it on",
                    where,
                    server.fsync() ? "full_page_writes" : "fsync");
        }
        if (server.asynchronousStandbys() > 0) {
            log.warn(
                    "{} has {} asynchronous standby(s): a failover to one can forget acknowledged claims, and then"
                            + " actions run twice. Use synchronous replication (synchronous_standby_names) for this"
                            + " database",
                    where,
                    server.asynchronousStandbys());
        }
        long timeoutMillis = settings.statementTimeout().toMillis();
        if (server.statementTimeoutMillis() == 0) {
            log.warn(
                    "{} has no statement_timeout for role \"{}\", and the store cannot set one here: a statement that"
                            + " the client gave up on may still take effect later. ALTER ROLE ... SET statement_timeout"
                            + " = '{}ms'",
                    where,
                    server.role(),
                    timeoutMillis);
        }
        log.debug(
                "{}: PostgreSQL {}, synchronous_commit {} (transitions force it on where it is off or local)",
                where,
                server.version(),
                server.synchronousCommit());
    }

    /** Refuses a data source to listen on that cannot be listened on, or that leads to another store. */
    static void checkListener(DataSource listener, DataSource writer) {
        String sql = SqlFiles.load(Dialect.POSTGRESQL, SqlFiles.Name.STORE_IDENTITY);
        try (Connection listening = listener.getConnection();
                Connection notifying = writer.getConnection()) {
            if (!listening.isWrapperFor(PGConnection.class)) {
                throw new StoreException.Misconfigured("The data source to listen on hands out connections that do not"
                        + " unwrap to org.postgresql.PGConnection, so no notification could be received on them. Pass a"
                        + " data source of the driver, such as a PGSimpleDataSource");
            }
            // Not the channel: each database has channels of its own, and copies of a store have the same name.
            String heard = SqlRunner.first(listening, sql, row -> row.getString(1));
            if (!heard.equals(SqlRunner.first(notifying, sql, row -> row.getString(1)))) {
                throw new StoreException.Misconfigured(
                        "The data source to listen on leads to another store than the one"
                                + " that is opened. Pass one with the same database and the same search path");
            }
        } catch (SQLException e) {
            throw PostgresOpener.atOpening(e, "the data source to listen on");
        }
    }
}
