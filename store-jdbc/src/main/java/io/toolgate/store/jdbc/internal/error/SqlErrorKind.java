package io.toolgate.store.jdbc.internal.error;

import java.sql.SQLException;
import java.sql.SQLWarning;
import org.postgresql.util.ServerErrorMessage;
import org.sqlite.SQLiteErrorCode;

/**
 * Classifies an {@link SQLException} by its effect on the statement that failed, which is its own transaction.
 *
 * <p>PostgreSQL: see {@link PostgresCause}. SQLite: its "Result and Error Codes", by the extended code, which
 * sqlite-jdbc gives as {@code getResultCode()}; the SQLSTATE is null there, and {@code getErrorCode()} is the primary
 * code only, which says BUSY for what waiting cures and for what it does not.
 */
public enum SqlErrorKind {
    /** The statement certainly had no effect, and a retry can succeed. */
    ABORTED,
    /** The statement may or may not have taken effect: retry with the same token. */
    UNCERTAIN,
    /** The statement certainly had no effect, for lack of disk, memory or connections; a retry may succeed. */
    NO_ROOM,
    /** The database refuses these values. */
    REFUSED,
    /** The database is not set up as required: no table, no privilege, not writable. */
    MISCONFIGURED,
    /** The database reports that its data is damaged. */
    DAMAGED;

    public static final String SERIALIZATION_FAILURE = "40001";
    public static final String STATEMENT_COMPLETION_UNKNOWN = "40003";
    public static final String DEADLOCK_DETECTED = "40P01";
    public static final String LOCK_NOT_AVAILABLE = "55P03";
    public static final String QUERY_CANCELED = "57014";
    public static final String READ_ONLY_SQL_TRANSACTION = "25006";
    public static final String IN_FAILED_SQL_TRANSACTION = "25P02";
    public static final String NO_ACTIVE_SQL_TRANSACTION = "25P01";
    public static final String INVALID_SAVEPOINT_SPECIFICATION = "3B001";

    /**
     * The server committed, and stopped waiting for its synchronous standby. No error of its own: SQLSTATE "warning",
     * which {@code SqlRunner} turns into one.
     */
    public static final String UNREPLICATED = "01000";

    /** The function of PostgreSQL's source that gives that warning, whose text is in the server's language. */
    private static final String WAITS_FOR_STANDBYS = "SyncRepWaitForLSN";

    /** Classifies {@code e}. */
    public static SqlErrorKind of(SQLException e) {
        SQLiteErrorCode code = DriverErrors.sqliteCode(e);
        return code == null ? PostgresCause.of(e).kind() : ofSqlite(code);
    }

    /** Whether two transactions collided, and this one, run again from its beginning, may succeed. */
    public static boolean isCollision(SQLException e) {
        return isLockedFile(e)
                || SERIALIZATION_FAILURE.equals(e.getSQLState())
                || DEADLOCK_DETECTED.equals(e.getSQLState());
    }

    /** Whether the server warns that it has stopped waiting for its synchronous standby. */
    public static boolean isUnreplicated(SQLWarning warning) {
        ServerErrorMessage server = DriverErrors.warningMessage(warning);
        return (server != null && WAITS_FOR_STANDBYS.equals(server.getRoutine()))
                || String.valueOf(warning.getMessage()).contains("synchronous replication");
    }

    /** Whether another connection holds the lock of a SQLite file. */
    public static boolean isLockedFile(SQLException e) {
        SQLiteErrorCode code = DriverErrors.sqliteCode(e);
        int primary = code == null ? 0 : code.code & 0xFF;
        return primary == 5 || primary == 6; // BUSY, LOCKED
    }

    /** Whether a savepoint is gone, since the transaction that it was set in has ended. */
    public static boolean isMissingSavepoint(SQLException e) {
        // SQLite has no code of its own for it.
        return DriverErrors.isSqlite(e)
                ? String.valueOf(e.getMessage()).contains("no such savepoint")
                : INVALID_SAVEPOINT_SPECIFICATION.equals(e.getSQLState())
                        || NO_ACTIVE_SQL_TRANSACTION.equals(e.getSQLState());
    }

    private static SqlErrorKind ofSqlite(SQLiteErrorCode code) {
        if (code == SQLiteErrorCode.SQLITE_CONSTRAINT_DATATYPE) {
            return REFUSED;
        }
        // The low byte of an extended code is its primary code. Every kind of BUSY and LOCKED, BUSY_SNAPSHOT included,
        // ends the autocommitted statement without effect, and a fresh statement begins with a fresh snapshot.
        return switch (code.code & 0xFF) {
            case 4, 5, 6, 9, 15, 17 -> ABORTED; // ABORT, BUSY, LOCKED, INTERRUPT, PROTOCOL (of locks), SCHEMA
            case 7, 13, 14 -> NO_ROOM; // NOMEM, FULL, CANTOPEN (no file handle left, say)
            case 18, 19, 20 -> REFUSED; // TOOBIG, CONSTRAINT, MISMATCH
            case 1, 3, 8, 23 -> MISCONFIGURED; // ERROR (no such table), PERM, READONLY, AUTH
            case 11, 26 -> DAMAGED; // CORRUPT, NOTADB
            default -> UNCERTAIN; // IOERR and what is not known
        };
    }

    /**
     * The code of {@code e} and the server's message, without its detail, which may quote values of a row; and likewise
     * the error that a pool has wrapped in it.
     */
    public static String describe(SQLException e) {
        return e.getCause() instanceof SQLException wrapped && wrapped != e && wrapped.getCause() != e
                ? describeOne(e) + ": " + describeOne(wrapped)
                : describeOne(e);
    }

    private static String describeOne(SQLException e) {
        SQLiteErrorCode code = DriverErrors.sqliteCode(e);
        String state = code == null ? e.getSQLState() : code.name();
        String message = SafeSqlException.sentence(e);
        return (state == null ? "" : (code == null ? "SQLSTATE " : "") + state + ": ") + message;
    }
}
