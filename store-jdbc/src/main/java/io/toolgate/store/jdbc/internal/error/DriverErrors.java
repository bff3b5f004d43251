package io.toolgate.store.jdbc.internal.error;

import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * What the drivers' exceptions say beyond JDBC. Either driver may be absent, so no other class that serves both
 * databases names their types.
 */
public final class DriverErrors {
    private static final boolean SQLITE = isPresent("org.sqlite.SQLiteException");
    private static final boolean POSTGRESQL = isPresent("org.postgresql.util.PSQLException");

    private DriverErrors() {}

    /** SQLite's extended result code; null if {@code e} is not of SQLite's driver. */
    public static @Nullable SQLiteErrorCode sqliteCode(SQLException e) {
        return SQLITE && e instanceof SQLiteException sqlite ? sqlite.getResultCode() : null;
    }

    /** Whether {@code e} is of SQLite's driver. */
    public static boolean isSqlite(SQLException e) {
        return SQLITE && e instanceof SQLiteException;
    }

    /** PostgreSQL's message, in its parts; null if {@code e} holds none. */
    public static @Nullable ServerErrorMessage serverMessage(SQLException e) {
        return POSTGRESQL && e instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
    }

    /** As {@link #serverMessage}, of a warning. */
    public static @Nullable ServerErrorMessage warningMessage(SQLWarning warning) {
        return POSTGRESQL && warning instanceof PSQLWarning postgres ? postgres.getServerErrorMessage() : null;
    }

    private static boolean isPresent(String type) {
        try {
            Class<?> unused = Class.forName(type, false, DriverErrors.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
