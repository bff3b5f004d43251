package io.toolgate.migrations;

/** The database is none that ToolGate has a schema for, or an older version of one. Nothing was changed. */
public final class UnsupportedDatabaseException extends MigrationException {

    private static final long serialVersionUID = 1L;

    UnsupportedDatabaseException(String message) {
        super(message);
    }
}
