package io.toolgate.migrations;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Recognises a script that gave up waiting for a lock: it changed nothing, and trying it again is safe. */
final class LockTimeout {
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** An exception may be its own cause, some steps on. */
    private static final int DEEPEST_CAUSE = 100;

    private LockTimeout() {}

    /** Whether PostgreSQL's {@code lock_timeout} ended the statement, anywhere in the chain of causes. */
    static boolean caused(Throwable failure) {
        @Nullable Throwable each = failure;
        for (int depth = 0; each != null && depth < DEEPEST_CAUSE; depth++) {
            if (each instanceof SQLException e && LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }
}
