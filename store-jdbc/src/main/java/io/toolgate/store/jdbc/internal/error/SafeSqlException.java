package io.toolgate.store.jdbc.internal.error;

import java.sql.SQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * An {@link SQLException} that may be logged: class, code, message and stack of the original, without the server's
 * detail, hint and context, which quote values of the row, key included.
 */
public final class SafeSqlException extends SQLException {
    private static final long serialVersionUID = 1L;

    private SafeSqlException(SQLException original) {
        super(
                original.getClass().getSimpleName() + ": " + sentence(original),
                original.getSQLState(),
                original.getErrorCode());
        setStackTrace(original.getStackTrace());
    }

    /** {@code e} in a form that may be logged: itself, unless the server added a detail. */
    public static SQLException of(SQLException e) {
        return DriverErrors.serverMessage(e) == null ? e : new SafeSqlException(e);
    }

    /** The first line of the message of {@code e}. */
    public static String sentence(SQLException e) {
        ServerErrorMessage server = DriverErrors.serverMessage(e);
        String text = server == null ? e.getMessage() : server.getMessage();
        return text == null
                ? e.getClass().getSimpleName()
                : text.lines().findFirst().orElse("");
    }
}
