package io.toolgate.migrations;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Tells failures to get a lock in time, which may be tried again, from all others. */
final class Locks {
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private Locks() {}

    /** Whether {@code failure}, or what caused it, is PostgreSQL's word that {@code lock_timeout} was over. */
    static boolean timedOut(Throwable failure) {
        for (@Nullable Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLException e && LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return true;
            }
        }
        return false;
    }
}
