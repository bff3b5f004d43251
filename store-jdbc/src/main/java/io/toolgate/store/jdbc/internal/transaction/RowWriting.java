package io.toolgate.store.jdbc.internal.transaction;

import io.toolgate.Failure;
import io.toolgate.store.Rows;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.error.DriverErrors;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.NotCommitted;
import java.sql.Connection;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Calls the writers of {@link Rows} with the kind of connection that they want, and sorts out what they throw. */
final class RowWriting {
    private RowWriting() {}

    /** Whether rows can be written through this type. */
    static boolean offers(Class<?> type) {
        return type == Connection.class || type == Handle.class;
    }

    static void ensureOffered(Class<?> type) {
        if (!offers(type)) {
            throw new StoreException.Misconfigured("The JDBC store was given a " + type.getName()
                    + " for the rows of a result, and knows java.sql.Connection and org.jdbi.v3.core.Handle. Nothing"
                    + " was written by this call");
        }
    }

    /**
     * Writes {@code rows} through {@code connection}.
     *
     * @throws NotCommitted if the transaction collided with another one, or its connection broke
     * @throws StoreException.RowsFailed if the writer failed otherwise
     */
    static void write(Connection connection, Rows<?> rows) {
        BodyConnection guarded = new BodyConnection(connection, "The writer of rows");
        try {
            call(guarded.proxy(), rows);
            if (guarded.endedByBody()) {
                throw ended(null);
            }
        } catch (StoreException.RowsFailed e) {
            throw e;
        } catch (Throwable e) {
            SQLException cause = e instanceof Exception ? RetryLoop.sqlCause(e) : null;
            if (cause != null && mayPass(cause)) {
                throw new NotCommitted(e);
            }
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw failed(e);
        }
    }

    /** Whether another try may succeed: after a collision, a broken connection, or for want of something. */
    private static boolean mayPass(SQLException e) {
        if (DriverErrors.isSqlite(e)) {
            return switch (SqlErrorKind.of(e)) {
                case ABORTED, NO_ROOM, UNCERTAIN -> true;
                case REFUSED, MISCONFIGURED, DAMAGED -> false;
            };
        }
        String state = e.getSQLState();
        if (state == null || state.length() != 5) {
            return false;
        }
        return switch (state.substring(0, 2)) {
            // Connection, transaction rollback, insufficient resources, operator intervention, system error.
            case "08", "40", "53", "57", "58" -> true;
            default ->
                SqlErrorKind.LOCK_NOT_AVAILABLE.equals(state) || SqlErrorKind.READ_ONLY_SQL_TRANSACTION.equals(state);
        };
    }

    /** The transaction does not stand any more after its rows were written. */
    static StoreException.RowsFailed ended(@Nullable Throwable cause) {
        return new StoreException.RowsFailed(
                "The transaction of a result was ended while its rows were written, by the writer, or by the database"
                        + " after a statement that failed and that the writer ignored. Let the writer rethrow the"
                        + " exceptions of its statements, or put a savepoint around those that may fail, and leave"
                        + " ending the transaction to the store",
                cause);
    }

    /** What a writer threw, without the values that a driver's or Jdbi's message may quote. */
    static StoreException.RowsFailed failed(Throwable thrown) {
        SQLException cause = RetryLoop.sqlCause(thrown);
        return new StoreException.RowsFailed(
                "The rows of the result could not be written ("
                        + (cause == null ? Failure.describe(thrown) : SqlErrorKind.describe(cause))
                        + "). Neither they nor the result are stored",
                thrown);
    }

    @SuppressWarnings("unchecked") // The types are compared first.
    private static void call(Connection connection, Rows<?> rows) throws Exception {
        if (rows.connection() == Connection.class) {
            ((Rows<Connection>) rows).writer().write(connection);
        } else {
            try (Handle handle = handle(connection)) {
                ((Rows<Handle>) rows).writer().write(handle);
            }
        }
    }

    /** A handle on {@code connection}, which ends no transaction when it is closed. */
    static Handle handle(Connection connection) {
        Jdbi jdbi = Jdbi.create(connection);
        // Otherwise the handle rolls back when it is closed.
        jdbi.getConfig(Handles.class).setForceEndTransactions(false);
        return jdbi.open();
    }
}
