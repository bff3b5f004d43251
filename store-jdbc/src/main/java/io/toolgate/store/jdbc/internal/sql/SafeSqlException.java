package io.toolgate.store.jdbc.internal.sql;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * An {@link SQLException} as it may be logged: class, code, sentence and stack of the original, without the server's detail,
 * hint and context, which quote the values of the row, key included.
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

    /** What may be logged of {@code e}: itself, unless the server put a detail into it. */
    public static SQLException of(SQLException e) {
        return serverMessage(e) == null ? e : new SafeSqlException(e);
    }

    /** The first line of what {@code e} says. */
    static String sentence(SQLException e) {
        ServerErrorMessage server = serverMessage(e);
        String text = server == null ? e.getMessage() : server.getMessage();
        return text == null
                ? e.getClass().getSimpleName()
                : text.lines().findFirst().orElse("");
    }

    private static @Nullable ServerErrorMessage serverMessage(SQLException e) {
        return e instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
    }
}
