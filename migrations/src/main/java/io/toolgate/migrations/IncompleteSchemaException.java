package io.toolgate.migrations;

/**
 * Thrown when only some of ToolGate's tables exist, so that the schema has no version. Inspect the tables: either an
 * installation by hand was interrupted, or the schema holds another application's table of that name.
 */
public final class IncompleteSchemaException extends MigrationException {

    private static final long serialVersionUID = 1L;

    IncompleteSchemaException(String message) {
        super(message);
    }
}
