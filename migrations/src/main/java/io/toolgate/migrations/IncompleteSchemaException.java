package io.toolgate.migrations;

/**
 * Some of ToolGate's tables are there and others are not, so no version can be told. A person has to look: either an
 * installation by hand was cut short, or the schema holds a table of that name that is not ToolGate's.
 */
public final class IncompleteSchemaException extends MigrationException {

    private static final long serialVersionUID = 1L;

    IncompleteSchemaException(String message) {
        super(message);
    }
}
