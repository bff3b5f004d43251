package io.toolgate.store.jdbc;

import java.sql.SQLException;

/** Carries an error of the driver's from where a statement failed to {@link Attempts}, which knows what it means. */
final class StatementFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StatementFailed(SQLException cause) {
        super("a statement failed", cause);
    }
}
