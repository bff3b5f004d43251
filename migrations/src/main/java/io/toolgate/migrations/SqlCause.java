package io.toolgate.migrations;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The error of the database behind a failure, which Flyway and pools wrap. */
final class SqlCause {
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** An exception may be its own cause, some steps on. */
    private static final int DEEPEST_CAUSE = 100;

    private SqlCause() {}

    /** The error of the database; null if there is none. */
    static @Nullable SQLException of(Throwable failure) {
        @Nullable Throwable each = failure;
        for (int depth = 0; each != null && depth < DEEPEST_CAUSE; depth++) {
            if (each instanceof SQLException e) {
                return e;
            }
            each = each.getCause();
        }
        return null;
    }

    /** Whether PostgreSQL's {@code lock_timeout} ended a script: it changed nothing, and trying it again is safe. */
    static boolean isLockTimeout(Throwable failure) {
        SQLException e = of(failure);
        return e != null && LOCK_NOT_AVAILABLE.equals(e.getSQLState());
    }

    /** The words of an error in one line with a full stop: Flyway and the server write several. */
    static String sentence(Throwable e) {
        String line = String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R[-\\s]*", " ");
        return line.endsWith(".") ? line : line + ".";
    }
}
