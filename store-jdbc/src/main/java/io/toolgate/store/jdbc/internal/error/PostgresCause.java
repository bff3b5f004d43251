package io.toolgate.store.jdbc.internal.error;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The table of causes: what an error of PostgreSQL, of its driver, of a pool or of a proxy is, and what to do about it.
 * The first row that fits an error is its cause, so that special rows stand before general ones.
 *
 * <p>SQLSTATEs are those of appendix A of PostgreSQL's manual, "PostgreSQL Error Codes", and those that pgjdbc,
 * HikariCP and PgBouncer give themselves. A row may also ask for words of the message, where one SQLSTATE means several
 * things; a server speaks them in its own language ({@code lc_messages}), so a row without words follows, whose advice
 * holds for all of them.
 *
 * <p>{@code CAUSES.md} shows this table to users.
 */
public enum PostgresCause {
    /** No error of the server's: {@code SqlRunner} makes one of its warning. */
    UNREPLICATED(
            "01000",
            "",
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "The server stopped waiting for its synchronous standby: the write is committed on the primary, and a"
                    + " failover may forget it",
            "Bring the standby back (pg_stat_replication), or name another in synchronous_standby_names; do not cancel"
                    + " statements that wait for it (wait_event SyncRep)"),
    TIME_ZONE(
            "22023",
            "timezone",
            SqlErrorKind.REFUSED,
            Opening.MISCONFIGURED,
            "The server does not know {zone}, the time zone of this JVM, which the driver sends when it connects",
            "Start the JVM with a zone by its full name, such as -Duser.timezone=UTC or Asia/Kolkata"),
    SETTING(
            "22023,42704,55P02",
            "parameter",
            SqlErrorKind.REFUSED,
            Opening.MISCONFIGURED,
            "The server refused a setting that was sent when connecting",
            "Correct it where the message says: in the URL (options, currentSchema and others), or in the data source"),
    VALUES(
            "22,23,54",
            "",
            SqlErrorKind.REFUSED,
            Opening.MISCONFIGURED,
            "A constraint or a limit of the database is violated",
            "Look for constraints and triggers that are not ToolGate's; the same values are refused again"),
    PLAN_CHANGED(
            "0A000",
            "cached plan",
            SqlErrorKind.ABORTED,
            Opening.UNAVAILABLE,
            "A migration changed a table that a prepared statement reads",
            "The store tries again by itself; if that does not end, let the pool replace its connections"),
    OPTIONS_REFUSED(
            "0A000",
            "",
            SqlErrorKind.ABORTED,
            Opening.MISCONFIGURED,
            "The server, or a proxy before it, does not support what the store sent: most likely the settings with"
                    + " which it connects (options)",
            "Behind such a proxy (RDS Proxy, PgBouncer) open the store with transactionPooling(true), which sends none,"
                    + " and set statement_timeout on the role"),
    STARTUP_PARAMETER(
            "08P01",
            "startup parameter",
            SqlErrorKind.UNCERTAIN,
            Opening.MISCONFIGURED,
            "A proxy refused the settings that the store sends when connecting (options)",
            "Open the store with transactionPooling(true), which sends none, and set statement_timeout on the role"),
    OTHER_SESSION(
            "26000,42P05",
            "",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "A prepared statement was not the one that the driver had made: a transaction-pooling proxy lent the"
                    + " connection to several clients",
            "Open the store with transactionPooling(true); a data source of yours wants prepareThreshold=0"),
    OTHER_SESSION_BIND(
            "08P01",
            "prepared statement",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            OTHER_SESSION.happened,
            OTHER_SESSION.remedy),
    PASSWORD_MISSING(
            "08004",
            "no password|authentication",
            SqlErrorKind.UNCERTAIN,
            Opening.MISCONFIGURED,
            "The server and the driver do not agree on how to log in: mostly the server asks for a password, and"
                    + " none was given",
            "Give the store password(…), the tools TOOLGATE_PASSWORD, or put it into the data source; for a method that"
                    + " the driver does not know, see pg_hba.conf"),
    LOGIN(
            "28",
            "",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "The server did not accept the user or the password",
            "Check both, whether the role may log in, and the server's pg_hba.conf, which may ask for TLS (sslmode)"),
    NO_DATABASE(
            "3D000",
            "",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "The server has no such database",
            "Create it with ENCODING 'UTF8', or correct the URL"),
    DROPPED_DATABASE(
            "57P04",
            "",
            SqlErrorKind.UNCERTAIN,
            Opening.MISCONFIGURED,
            "The database was dropped",
            "Restore it, or stop the service"),
    NO_DATABASE_PRIVILEGE(
            "42501",
            "for database",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "The role may not use the database",
            "GRANT CONNECT ON DATABASE … TO the role; where the store migrates, CREATE on the schema too"),
    NO_SCHEMA_PRIVILEGE(
            "42501",
            "for schema",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "The role may not use a schema",
            "GRANT USAGE ON SCHEMA … TO the role (CREATE too, where the store migrates), or put ToolGate's schema"
                    + " first on its search path"),
    NOT_THE_OWNER(
            "42501",
            "must be owner",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "The role does not own the tables",
            "Migrate, or switch the journal, as the role that owns them"),
    PRIVILEGE(
            "42501",
            "",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "The role lacks a privilege",
            "It needs CONNECT on the database, USAGE on the schema, SELECT on tg_store_info and"
                    + " SELECT, INSERT and UPDATE on tg_idempotency (DELETE for a purge); grants.sql of the SQL bundle"
                    + " gives them. To migrate, or to switch the journal, be the owner of the tables"),
    NO_TABLE(
            "42P01",
            "",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "A table of ToolGate is missing",
            "Migrate the schema (migrate(true), toolgate migrate or the SQL bundle), or put the schema that holds the"
                    + " tables on the search path (currentSchema in the URL)"),
    OTHER_VERSION(
            "42703,42883",
            "",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "A column or function is missing: the schema, or the server, has another version than this library"
                    + " was made for",
            "Compare with toolgate info; migrate the schema, or use the library that fits it"),
    IN_THE_WAY(
            "42P07,42710,42723",
            "",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "Something has a name that ToolGate's schema uses: a table, view, index, type or function of another"
                    + " product, or of an installation that was not removed completely",
            "Give ToolGate a schema of its own, first on the search path (currentSchema in the URL); drop what is in"
                    + " the way only if it is a rest of ToolGate's, without records that matter"),
    NO_SCHEMA(
            "3F000",
            "",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "No schema of the search path exists",
            "Create the schema, or name an existing one (currentSchema in the URL) on which the role has USAGE"),
    STATEMENT(
            "42",
            "",
            SqlErrorKind.MISCONFIGURED,
            Opening.MISCONFIGURED,
            "The database did not accept a statement of the store",
            "Check the schema with toolgate doctor, and that PostgreSQL is 14 or newer"),
    RAISED(
            "P0001",
            "",
            // The server has undone the statement.
            SqlErrorKind.ABORTED,
            Opening.MISCONFIGURED,
            "A script, a trigger or a function raised an error of its own",
            "Do what its words say. If it is a trigger that is not ToolGate's (a login trigger, too), ask who made it"),
    TIMED_OUT(
            "57014",
            "",
            SqlErrorKind.ABORTED,
            Opening.UNAVAILABLE,
            "A statement was cancelled: by statement_timeout of the role or database, by a query timeout of the data"
                    + " source, or by pg_cancel_backend",
            "Find what it waited for (pg_stat_activity, pg_locks). The store's own statements take milliseconds;"
                    + " tools that read whole tables want a role with a longer statement_timeout"),
    TRANSACTION_TIMEOUT(
            "25P03,25P04",
            "",
            // The server ends the connection, too.
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "The server ended a transaction that took longer than the role's transaction_timeout, or was idle for"
                    + " longer than its idle_in_transaction_session_timeout",
            "Raise that timeout for the role, or keep what is done inside of the transaction short"),
    READ_ONLY(
            "25006",
            "",
            SqlErrorKind.ABORTED,
            Opening.MISCONFIGURED,
            "The connection takes no writes: it leads to a standby, or default_transaction_read_only is on",
            "Use the address of the primary (targetServerType=primary with several hosts), no data source that"
                    + " routes to replicas, and default_transaction_read_only off"),
    FAILED_TRANSACTION(
            "25P02",
            "",
            SqlErrorKind.ABORTED,
            Opening.UNAVAILABLE,
            "The connection was handed out with a failed transaction open",
            "Let the pool roll back what is returned to it, and give the store a data source of its own"),
    NO_TRANSACTION(
            "25",
            "",
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "The transaction was not in the state that the store had left it in",
            "Look for a proxy that pools statements instead of transactions, and for code that ends the store's"
                    + " transactions"),
    LOCKED(
            "55P03",
            "",
            SqlErrorKind.ABORTED,
            Opening.UNAVAILABLE,
            "A lock was not granted in time (lock_timeout)",
            "Find the transaction that holds it (pg_locks, pg_blocking_pids), and let it end"),
    COMPLETION_UNKNOWN(
            "40003",
            "",
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "It is unknown whether the statement took effect",
            "Nothing: the store finds out"),
    COLLISION(
            "40",
            "",
            SqlErrorKind.ABORTED,
            Opening.UNAVAILABLE,
            "Two transactions collided",
            "Nothing: the store tries again. If it never succeeds, use READ COMMITTED"),
    TOO_MANY_CONNECTIONS(
            "53300",
            "",
            SqlErrorKind.NO_ROOM,
            Opening.UNAVAILABLE,
            "The server, the database or the role has no connection left",
            "Raise max_connections or the CONNECTION LIMIT, or lower the pools' sizes: a store needs its pool, one for"
                    + " heartbeats and one to listen"),
    DISK_FULL(
            "53100",
            "",
            SqlErrorKind.NO_ROOM,
            Opening.UNAVAILABLE,
            "The server's disk is full",
            "Make room; look for replication slots that hold back the log (pg_replication_slots)"),
    NO_ROOM(
            "53",
            "",
            SqlErrorKind.NO_ROOM,
            Opening.UNAVAILABLE,
            "The server lacks memory or another resource",
            "See the server's log"),
    NOT_UP(
            "57P03",
            "",
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "The server accepts no connections: it is starting, stopping or recovering",
            "Wait until it is up, and try again"),
    SHUT_DOWN(
            "57",
            "",
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "The server ended the connection: it is stopping or crashed, an administrator ended it, or the role's"
                    + " idle_session_timeout did",
            "Wait until it is up. Take idle_session_timeout off the role: a pool keeps connections that rest"),
    DAMAGED(
            "XX001,XX002",
            "",
            SqlErrorKind.DAMAGED,
            Opening.UNAVAILABLE,
            "The database reports that its data is damaged",
            "Stop the service, and restore the database from a backup or repair it with its own tools"),
    SERVER_FAULT(
            "58,XX",
            "",
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "The server failed by a fault of its own, or of its disk",
            "See the server's log"),
    TLS(
            "08",
            // Not every SSLException: that of a connection that breaks off is an outage.
            "sslhandshakeexception|sslpeerunverifiedexception|does not support ssl|certificate|sslrootcert",
            SqlErrorKind.UNCERTAIN,
            Opening.MISCONFIGURED,
            "Server and driver could not agree on TLS",
            "Check sslmode and sslrootcert in the URL, the server's certificate, and whether the server offers TLS"),
    PROXY(
            "08P01",
            "",
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "The server, or a proxy before it, broke off the exchange",
            "See the proxy's log: can it reach its server? If it pools transactions, open the store with"
                    + " transactionPooling(true)"),
    UNREACHABLE(
            "08",
            "",
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "The database could not be reached",
            "Check host, port and network, and that the server is up"),
    NO_CONNECTION(
            "",
            "timeout|timed out|available|pool|idle object",
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "The pool handed out no connection in time, so that the database could not be reached",
            "Raise the pool's maximum size, look for connections that are not returned, and check that the server is"
                    + " up"),
    UNKNOWN(
            "*",
            "",
            SqlErrorKind.UNCERTAIN,
            Opening.UNAVAILABLE,
            "The database failed in a way that the store does not know",
            "Check the database and the network to it, then try again");

    /** What an error is that comes while a store is opened, before anything was written. */
    public enum Opening {
        /** Somebody must change something. */
        MISCONFIGURED,
        /** An outage. */
        UNAVAILABLE
    }

    private static final String ANY_STATE = "*";

    /** Nothing keeps an exception from being its own cause, some steps on. */
    private static final int DEEPEST_CAUSE = 100;

    private final String states;
    private final String words;
    private final SqlErrorKind kind;
    private final Opening opening;
    private final String happened;
    private final String remedy;

    /**
     * A row.
     *
     * @param states SQLSTATEs, or the two characters of a class, or nothing for errors without one, or * for all
     * @param words a pattern that the words of the error, or the names of its exceptions, must have, in lower case
     * @param kind what it is to a statement that was sent
     * @param opening what it is while a store is opened
     * @param happened what happened, with {zone} for the JVM's time zone
     * @param remedy what to do
     */
    PostgresCause(String states, String words, SqlErrorKind kind, Opening opening, String happened, String remedy) {
        this.states = states;
        this.words = words;
        this.kind = kind;
        this.opening = opening;
        this.happened = happened;
        this.remedy = remedy;
    }

    /** The cause of {@code e}. */
    public static PostgresCause of(SQLException e) {
        String state = e.getSQLState();
        String words = wordsOf(e);
        for (PostgresCause row : values()) {
            if (row.hasState(state) && Pattern.compile(row.words).matcher(words).find()) {
                return row;
            }
        }
        throw new IllegalStateException("the last row fits every error");
    }

    private boolean hasState(@Nullable String state) {
        String known = state == null || state.length() != 5 ? "" : state;
        return states().stream()
                .anyMatch(each ->
                        each.equals(ANY_STATE) || each.equals(known) || (each.length() == 2 && known.startsWith(each)));
    }

    /** The names and messages of an error and of its causes, which a pool wraps. */
    private static String wordsOf(SQLException e) {
        StringBuilder words = new StringBuilder();
        Throwable at = e;
        for (int depth = 0; at != null && depth < DEEPEST_CAUSE; depth++) {
            words.append(at.getClass().getSimpleName())
                    .append(' ')
                    .append(at.getMessage())
                    .append('\n');
            at = at.getCause();
        }
        return words.toString().toLowerCase(Locale.ROOT);
    }

    /** SQLSTATEs, or classes of them, that this row is about; empty for errors without one. */
    public List<String> states() {
        return List.of(states.split(",", -1));
    }

    /** What such an error is to a statement that was sent. */
    public SqlErrorKind kind() {
        return kind;
    }

    /** What such an error is while a store is opened. */
    public Opening opening() {
        return opening;
    }

    /** What happened; a sentence without its full stop. */
    public String happened() {
        return happened.replace("{zone}", "\"" + TimeZone.getDefault().getID() + "\"");
    }

    /** What to do; a sentence without its full stop. */
    public String remedy() {
        return remedy;
    }
}
