package io.toolgate.migrations;

/** Thrown for a database product, or a version of one, that ToolGate has no schema for. Nothing was changed. */
public final class UnsupportedDatabaseException extends MigrationException {

    private static final long serialVersionUID = 1L;

    UnsupportedDatabaseException(String message) {
        super(message);
    }
}
