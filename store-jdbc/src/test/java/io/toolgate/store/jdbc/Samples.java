package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.internal.error.PostgresCause;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/** An error for each row of the table of causes, in the words of the server, the driver, a pool or a proxy. */
public final class Samples {
    private Samples() {}

    /** An error of this cause. */
    public static SQLException of(PostgresCause cause) {
        return switch (cause) {
            case UNREPLICATED -> error("canceling wait for synchronous replication due to user request", "01000");
            case TIME_ZONE -> error("FATAL: invalid value for parameter \"TimeZone\": \"IST\"", "22023");
            case SETTING -> error("FATAL: unrecognized configuration parameter \"nonsense\"", "42704");
            case VALUES -> error("value too long for type character varying(255)", "22001");
            case PLAN_CHANGED -> error("cached plan must not change result type", "0A000");
            case OPTIONS_REFUSED -> error("options are not supported", "0A000");
            case STARTUP_PARAMETER -> error("unsupported startup parameter: options", "08P01");
            case OTHER_SESSION -> error("prepared statement \"S_1\" already exists", "42P05");
            case OTHER_SESSION_BIND ->
                error("bind message supplies 3 parameters, but prepared statement \"S_1\" requires 1", "08P01");
            case PASSWORD_MISSING ->
                error("The server requested SCRAM-based authentication, but no password was provided.", "08004");
            case LOGIN -> error("FATAL: password authentication failed for user \"ann\"", "28P01");
            case NO_DATABASE -> error("FATAL: database \"none\" does not exist", "3D000");
            case DROPPED_DATABASE -> error("FATAL: terminating connection, the database was dropped", "57P04");
            case NO_DATABASE_PRIVILEGE -> error("FATAL: permission denied for database \"shop\"", "42501");
            case NO_SCHEMA_PRIVILEGE -> error("permission denied for schema gate", "42501");
            case NOT_THE_OWNER -> error("must be owner of table tg_idempotency", "42501");
            case PRIVILEGE -> error("Keine Berechtigung für Tabelle tg_idempotency", "42501");
            case NO_TABLE -> error("relation \"tg_idempotency\" does not exist", "42P01");
            case OTHER_VERSION -> error("column \"life\" does not exist", "42703");
            case IN_THE_WAY -> error("relation \"tg_idempotency_expires_at\" already exists", "42P07");
            case NO_SCHEMA -> error("no schema has been selected to create in", "3F000");
            case STATEMENT -> error("syntax error at or near \"MATERIALIZED\"", "42601");
            case RAISED -> error("ToolGate: a database with encoding UTF8 is needed", "P0001");
            case TIMED_OUT -> error("canceling statement due to statement timeout", "57014");
            case TRANSACTION_TIMEOUT -> error("terminating connection due to transaction timeout", "25P04");
            case READ_ONLY -> error("cannot execute INSERT in a read-only transaction", "25006");
            case FAILED_TRANSACTION -> error("current transaction is aborted", "25P02");
            case NO_TRANSACTION -> error("SAVEPOINT can only be used in transaction blocks", "25P01");
            case LOCKED -> error("canceling statement due to lock timeout", "55P03");
            case COMPLETION_UNKNOWN -> error("the outcome is unknown", "40003");
            case COLLISION -> error("could not serialize access due to concurrent update", "40001");
            case TOO_MANY_CONNECTIONS -> error("FATAL: sorry, too many clients already", "53300");
            case DISK_FULL -> error("could not extend file: No space left on device", "53100");
            case NO_ROOM -> error("out of memory", "53200");
            case NOT_UP -> error("FATAL: the database system is starting up", "57P03");
            case SHUT_DOWN -> error("FATAL: terminating connection due to administrator command", "57P01");
            case DAMAGED -> error("invalid page in block 7", "XX001");
            case SERVER_FAULT -> error("could not read block 7: I/O error", "58030");
            case TLS -> error("The server does not support SSL.", "08006");
            case PROXY -> error("query_wait_timeout", "08P01");
            case UNREACHABLE -> error("Connection to db:5432 refused.", "08001");
            case NO_CONNECTION ->
                new SQLTransientConnectionException(
                        "pool - Connection is not available, request timed out after 30000ms");
            case UNKNOWN -> error("no function was provided", "39P01");
        };
    }

    private static SQLException error(String message, String state) {
        return new SQLException(message, state);
    }
}
