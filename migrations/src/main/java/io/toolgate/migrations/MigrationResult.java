package io.toolgate.migrations;

/**
 * Result of {@link ToolGateMigrations#migrate}.
 *
 * @param database the product that was migrated
 * @param action what was done
 * @param fromVersion the schema's version before, 0 for none
 * @param toVersion the schema's version now; greater than {@link ToolGateMigrations#currentVersion()} if a newer
 *     library migrated it
 */
public record MigrationResult(Database database, Action action, int fromVersion, int toVersion) {

    /** What a migration changed. */
    public enum Action {
        /** This call created the tables. */
        INSTALLED,
        /**
         * The tables were brought to a newer version, perhaps after another process had created them during this call.
         */
        UPGRADED,
        /** The schema was up to date already, or another process migrated it first. */
        UNCHANGED
    }
}
