package io.toolgate.migrations;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a migration fails, or the schema's version cannot be read. The message says what was found, what was
 * expected and what to do.
 */
public sealed class MigrationException extends RuntimeException
        permits IncompleteSchemaException, UnsupportedDatabaseException {

    private static final long serialVersionUID = 1L;

    MigrationException(String message) {
        super(message);
    }

    MigrationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
