package io.toolgate.migrations;

/**
 * One step of the schema, as the plain SQL that a DBA runs by hand.
 *
 * @param version the schema's version after it
 * @param fileName the file's name in the jar and in the bundle
 * @param sql the file's text
 */
public record MigrationScript(int version, String fileName, String sql) {}
