package io.toolgate.migrations;

import org.jspecify.annotations.Nullable;

/**
 * A migration, or a look at the schema's version, did not succeed. The message says what was found, what was expected
 * and what to do about it.
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
