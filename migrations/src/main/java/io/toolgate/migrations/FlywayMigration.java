package io.toolgate.migrations;

import io.toolgate.migrations.MigrationResult.Action;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.logging.LogFactory;
import org.flywaydb.core.api.output.MigrateResult;

/** The migration by Flyway, which is an optional dependency: no other class knows its types. */
final class FlywayMigration {
    private static final String HISTORY = "tg_schema_history";

    /**
     * Not Flyway's default, so that an application that scans the whole class path does not take ToolGate's scripts.
     */
    private static final String PREFIX = "toolgate_";

    private static final String PLUGINS = "META-INF/services/org.flywaydb.core.extensibility.Plugin";

    /** The version of the script that creates the tables. */
    private static final String FIRST = "1";

    /** The table exists; or its names do, in an index of the catalog. */
    private static final Set<String> CREATED_MEANWHILE = Set.of("42P07", "23505");

    private static final int HISTORY_ATTEMPTS = 3;

    private FlywayMigration() {}

    /** Flyway's exception, for code that must not know its type. */
    static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        Failed(FlywayException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /**
     * Migrates, after the history was brought in line with the tables.
     *
     * @throws Failed if it failed; each script was applied completely or not at all
     * @throws SQLException if the history cannot be created; nothing was changed
     * @throws MigrationException if parts of Flyway are missing
     */
    static MigrationResult migrate(Schema schema, DataSource dataSource, InstalledSchema before)
            throws Failed, SQLException {
        requirePlugins(before.database());
        tryHistory(dataSource, before);
        try {
            record(schema, dataSource, before);
            MigrateResult executed =
                    configuration(schema, dataSource, before).load().migrate();
            // Race: Flyway locks for each script, so another process may run the first, and this one those after it.
            boolean installed = executed.migrations.stream().anyMatch(each -> FIRST.equals(each.version));
            Action action =
                    installed ? Action.INSTALLED : executed.migrationsExecuted > 0 ? Action.UPGRADED : Action.UNCHANGED;
            return new MigrationResult(before.database(), action, before.version(), schema.version());
        } catch (FlywayException e) {
            throw new Failed(e);
        } finally {
            // How Flyway logs is one setting of the JVM, of whoever used it last: an application's Flyway logs again.
            LogFactory.setConfiguration(Flyway.configure(FlywayMigration.class.getClassLoader()));
        }
    }

    /**
     * Has the server say what keeps the history from being created, if anything does: Flyway itself finds out for ten
     * seconds. Race: another process creates it meanwhile; then the next try finds it there.
     */
    private static void tryHistory(DataSource dataSource, InstalledSchema before) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try (Connection connection = dataSource.getConnection()) {
                Resources.tryOut(
                        connection,
                        before.schema(),
                        Resources.read(before.database().directory() + "/try_history.sql"));
                return;
            } catch (SQLException e) {
                if (attempt == HISTORY_ATTEMPTS || !CREATED_MEANWHILE.contains(String.valueOf(e.getSQLState()))) {
                    throw e;
                }
            }
        }
    }

    /** Flyway finds its parts as services. Without them it fails in ways that do not tell. */
    private static void requirePlugins(Database database) {
        Set<String> missing = new TreeSet<>(Set.of("org.flywaydb.core."));
        if (database == Database.POSTGRESQL) {
            missing.add("org.flywaydb.database.postgresql.");
        }
        // Not by ServiceLoader: a module may not use a service of a module that can be absent.
        Resources.allLines(PLUGINS).forEach(name -> missing.removeIf(name::startsWith));
        if (!missing.isEmpty()) {
            throw new MigrationException(
                    "Flyway, which creates and upgrades ToolGate's tables, is not complete: no plugin of "
                            + String.join("* and ", missing) + "* is registered. Add org.flywaydb:flyway-core and"
                            + " org.flywaydb:flyway-database-postgresql of one version; where jars are merged into one,"
                            + " merge their files of the same name in META-INF/services. Nothing was changed.");
        }
    }

    /**
     * Brings the migration history in line with the tables, without running a script. It creates a missing history;
     * versions that are missing from it were installed by hand, or by a process that died between committing a script
     * and writing the history.
     *
     * <p>Race: this is also how ToolGate starts in a schema with tables of other applications. Flyway's baseline would
     * do for one process; when several start at once, one takes the other's new history table for a reason to
     * baseline, and fails.
     */
    private static void record(Schema schema, DataSource dataSource, InstalledSchema before) {
        MigrateResult unused = configuration(schema, dataSource, before)
                .skipExecutingMigrations(true)
                .target(before.version() + "?")
                .load()
                .migrate();
    }

    private static FluentConfiguration configuration(Schema schema, DataSource dataSource, InstalledSchema before) {
        String database = before.database().directory();
        return Flyway.configure(FlywayMigration.class.getClassLoader())
                .dataSource(dataSource)
                .locations(schema.folders().stream()
                        .map(folder -> "classpath:" + folder + "/" + database)
                        .toArray(String[]::new))
                .sqlMigrationPrefix(PREFIX)
                .table(HISTORY)
                .defaultSchema(before.schema())
                .createSchemas(false)
                .placeholderReplacement(false)
                .cleanDisabled(true)
                // Nobody can do anything about what it says of a migration that succeeds; of others it throws.
                .loggers();
    }
}
