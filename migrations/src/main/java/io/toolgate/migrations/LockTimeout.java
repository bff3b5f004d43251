package io.toolgate.migrations;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Recognises a script that gave up waiting for a lock: it changed nothing, and trying it again is safe. */
final class LockTimeout {
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private LockTimeout() {}

    /** Whether PostgreSQL's {@code lock_timeout} ended the statement, anywhere in the chain of causes. */
    static boolean caused(Throwable failure) {
        for (@Nullable Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLException e && LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return true;
            }
        }
        return false;
    }
}
