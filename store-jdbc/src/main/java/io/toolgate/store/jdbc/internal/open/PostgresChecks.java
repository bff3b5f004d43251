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
    record Server(
            int versionNumber,
            String version,
            String encoding,
            boolean standby,
            boolean readOnly,
            boolean fsync,
            boolean fullPageWrites,
            String synchronousCommit,
            long statementTimeoutMillis,
            boolean optionsArrived,
            String clientMinMessages,
            String synchronousStandbyNames,
            long asynchronousStandbys,
            String elsewhere,
            String unusable,
            String role,
            String runtimeLacks,
            String purgerLacks) {

        /** Whether the session would not be told that the server stopped waiting for its synchronous standby. */
        boolean hidesWarnings() {
            return clientMinMessages.equals("error") && !synchronousStandbyNames.isEmpty();
        }

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
                    row.getBoolean("options_arrived"),
                    row.getString("client_min_messages"),
                    row.getString("synchronous_standby_names"),
                    row.getLong("asynchronous_standbys"),
                    row.getString("elsewhere"),
                    row.getString("unusable"),
                    row.getString("role"),
                    row.getString("runtime_lacks"),
                    row.getString("purger_lacks"));
        }
    }

    /**
     * Checks the server, migrates or checks the schema, and checks the role.
     *
     * @param sent whether the connections send {@link PostgresOpener#options settings}, which must arrive
     * @return what the server says of itself, at last
     */
    static Server run(DataSource dataSource, DataSource migrating, StoreSettings settings, String where, boolean sent) {
        Server before = readServer(dataSource, where);
        checkServer(before, where);
        checkSession(before, sent, where);
        if (!settings.migrateOr(false)) {
            checkPlace(before, where);
        }
        SchemaCheck.check(
                dataSource,
                migrating,
                settings.migrateOr(false),
                settings.journal(),
                where + ", as role \"" + before.role() + "\" sees it",
                e -> PostgresOpener.atOpening(e, where),
                (e, thrown) -> PostgresOpener.atMigrating(e, thrown, where));
        Server server = readServer(dataSource, where);
        checkPrivileges(server, settings.purgeOnly(), where);
        warn(server, settings, where);
        return server;
    }

    /** Refuses a session that lacks settings without which the store would be wrong, or would not know it. */
    private static void checkSession(Server server, boolean sent, String where) {
        if (sent && !server.optionsArrived()) {
            throw new StoreException.Misconfigured(
                    "The settings that the store sends when it connects did not arrive at " + where
                            + ": it asked for a statement_timeout among others, and found "
                            + server.statementTimeoutMillis()
                            + " ms and none of the others. A proxy in between swallows them (PgBouncer's"
                            + " ignore_startup_parameters = options), and would mix up the sessions of its clients,"
                            + " too. Open the store with transactionPooling(true), and set statement_timeout on role \""
                            + server.role() + "\"; or connect past the proxy. Nothing was written");
        }
        if (server.hidesWarnings()) {
            throw new StoreException.Misconfigured(
                    "client_min_messages is error for role \"" + server.role() + "\" at " + where
                            + ", so that the server does not say when it stops waiting for its synchronous standby"
                            + " (synchronous_standby_names " + server.synchronousStandbyNames()
                            + "), and writes would be acknowledged that a failover forgets. Let the role have notice or"
                            + " warning: ALTER ROLE … SET client_min_messages = warning. Nothing was written");
        }
    }

    /** Names the schema of tables that are there, but not where the store looks for them. */
    private static void checkPlace(Server server, String where) {
        if (!server.unusable().isEmpty()) {
            throw new StoreException.Misconfigured("Role \"" + server.role() + "\" may not use schema "
                    + server.unusable() + " at " + where
                    + ", which holds ToolGate's tables: it lacks USAGE on it. GRANT"
                    + " USAGE ON SCHEMA " + server.unusable() + " TO the role, and have that schema on its search path"
                    + " (currentSchema in the URL). Nothing was written");
        }
        if (!server.elsewhere().isEmpty()) {
            throw new StoreException.Misconfigured("ToolGate's tables are missing on the search path of role \""
                    + server.role() + "\" at " + where + ", and are in schema " + server.elsewhere()
                    + ". Put that schema on the search path (currentSchema in the URL, or ALTER ROLE … SET"
                    + " search_path); for a store of its own, install the tables in a schema of its search path, with"
                    + " builder(...).migrate(true) or the SQL bundle. Nothing was written");
        }
    }

    /** What the server says of itself, to a connection of {@code dataSource}. */
    static Server readServer(DataSource dataSource, String where) {
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
        long timeoutMillis = settings.statementTimeout().toMillis();
        if (server.statementTimeoutMillis() == 0 && settings.transactionPooling()) {
            log.warn(
                    "{} has no statement_timeout for role \"{}\", and the store cannot set one behind a"
                            + " transaction-pooling proxy: a statement that the client gave up on may still take effect"
                            + " later. ALTER ROLE ... SET statement_timeout = '{}ms'; if the role is an application's,"
                            + " give the store one of its own",
                    where,
                    server.role(),
                    timeoutMillis);
        } else if (server.statementTimeoutMillis() == 0) {
            // An application's role, which the store has no say in; README.md names the choice.
            log.debug("{} has no statement_timeout for role \"{}\"", where, server.role());
        }
        log.debug(
                "{}: PostgreSQL {}, synchronous_commit {} (transitions force it on where it is off or local)",
                where,
                server.version(),
                server.synchronousCommit());
    }

    /** The store that a connection of {@code dataSource} leads this thread to. */
    static String identity(DataSource dataSource, String where) {
        try (Connection connection = SqlRunner.connect(dataSource)) {
            return identity(connection);
        } catch (SQLException e) {
            throw PostgresOpener.atOpening(e, where);
        }
    }

    private static String identity(Connection connection) throws SQLException {
        return SqlRunner.first(
                connection,
                SqlFiles.load(Dialect.POSTGRESQL, SqlFiles.Name.STORE_IDENTITY),
                row -> String.valueOf(row.getString(1)));
    }

    /** Refuses a connection that another thread was given, and that leads elsewhere than {@code expected}. */
    static void checkSame(Connection connection, String expected, String where) throws SQLException {
        checkServer(
                SqlRunner.first(connection, SqlFiles.load(Dialect.POSTGRESQL, SqlFiles.Name.STARTUP), Server::read),
                where);
        String found = identity(connection);
        if (!found.equals(expected)) {
            throw new StoreException.Misconfigured(
                    "The data source leads threads to different stores: the one that opens"
                            + " the store to " + expected + ", the one that keeps its leases alive to " + found
                            + " (its id, then the database and table). A data source that routes by tenant does"
                            + " that. Give each store one that leads every thread to one and the same primary."
                            + " Nothing was written");
        }
    }

    /** Refuses a data source to listen on that cannot be listened on, or that leads to another store. */
    static void checkListener(DataSource listener, DataSource writer) {
        try (Connection listening = listener.getConnection();
                Connection notifying = writer.getConnection()) {
            if (!listening.isWrapperFor(PGConnection.class)) {
                throw new StoreException.Misconfigured("The data source to listen on hands out connections that do not"
                        + " unwrap to org.postgresql.PGConnection, so no notification could be received on them. Pass a"
                        + " data source of the driver, such as a PGSimpleDataSource");
            }
            // Not the channel: each database has channels of its own, and copies of a store have the same name.
            if (!identity(listening).equals(identity(notifying))) {
                throw new StoreException.Misconfigured(
                        "The data source to listen on leads to another store than the one"
                                + " that is opened. Pass one with the same database and the same search path");
            }
        } catch (SQLException e) {
            throw PostgresOpener.atOpening(e, "the data source to listen on");
        }
    }
}
