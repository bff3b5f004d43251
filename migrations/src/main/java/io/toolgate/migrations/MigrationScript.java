package io.toolgate.migrations;

/**
 * A versioned migration script: the plain SQL that {@link ToolGateMigrations#migrate} and a DBA run.
 *
 * @param version the schema's version after this script
 * @param fileName the file's name in the jar and in the bundle
 * @param sql the text of the file
 */
public record MigrationScript(int version, String fileName, String sql) {}
