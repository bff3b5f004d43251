package io.toolgate.migrations;

/**
 * What {@link ToolGateMigrations#migrate} did.
 *
 * @param database the database it found
 * @param action what it did there
 * @param fromVersion the schema's version before, 0 for none
 * @param toVersion the schema's version now; greater than {@link ToolGateMigrations#currentVersion()} if a newer library
 *     migrated it
 */
public record MigrationResult(Database database, Action action, int fromVersion, int toVersion) {

    /** What a migration did. */
    public enum Action {
        /** The tables were created. */
        INSTALLED,
        /** The tables were there, from a script run by hand; their version was written to the migration history. */
        ADOPTED,
        /** The tables were brought to a newer version. */
        UPGRADED,
        /** There was nothing to do, or another process did it first. */
        UNCHANGED
    }
}
