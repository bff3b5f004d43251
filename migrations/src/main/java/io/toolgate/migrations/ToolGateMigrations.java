package io.toolgate.migrations;

import io.toolgate.migrations.MigrationResult.Action;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.MigrateResult;

/**
 * Installs and upgrades ToolGate's tables and reads their version.
 *
 * <p>The tables go to the connection's current schema, unless another schema of its search path already holds them.
 * The migration history is {@code tg_schema_history} in that schema, a table of ToolGate's own: an application's own
 * Flyway in the same schema is neither touched nor in the way.
 *
 * <p>Race: any number of processes may migrate the same PostgreSQL database at once; they wait for each other. SQLite
 * has no suitable lock: of processes that migrate one file at once, one wins, and the others usually find its result
 * and return; under heavy contention they may throw {@link MigrationException}, and trying again is safe.
 */
public final class ToolGateMigrations {

    private static final String HISTORY = "tg_schema_history";

    /** The versioned scripts in order; a script never changes once it is released. */
    private static final List<String> SCRIPTS =
            List.of("V1__idempotency.sql", "V2__history_and_journal.sql", "V3__cheaper_checks.sql");

    /** The version of the script that creates the tables. */
    private static final String FIRST = "1";

    /**
     * An attempt fails when another process has migrated further meanwhile, which happens once per script, or when
     * transactions hold a table for longer than the scripts' lock timeout.
     */
    private static final int ATTEMPTS = 10;

    private ToolGateMigrations() {}

    /** Returns the version of the schema that this library was built for. */
    public static int currentVersion() {
        return SCRIPTS.size();
    }

    /**
     * Brings the database to {@link #currentVersion()}: installs the tables if there are none, upgrades older ones,
     * leaves current and newer ones unchanged. Tables that were installed by hand are adopted.
     *
     * <p>Needs a role that may create tables. On PostgreSQL it takes two connections at once, from a data source that
     * does not go through a transaction-pooling proxy, and runs for milliseconds. The upgrade to version 3 locks
     * {@code tg_idempotency} for an instant. If another transaction holds that table, it gives up after two seconds,
     * so that services do not queue behind it, and tries again a few times.
     *
     * @throws UnsupportedDatabaseException for a database other than PostgreSQL 14+ and SQLite 3.37+
     * @throws IncompleteSchemaException if only some of the tables exist
     * @throws MigrationException if the migration failed otherwise; each script was applied completely or not at all
     */
    public static MigrationResult migrate(DataSource dataSource) {
        InstalledSchema before = InstalledSchema.read(dataSource);
        for (int attempt = 1; ; attempt++) {
            try {
                return migrate(dataSource, before);
            } catch (FlywayException e) {
                InstalledSchema now = InstalledSchema.read(dataSource);
                boolean contended =
                        !now.equals(before) || before.database() == Database.SQLITE || LockTimeout.caused(e);
                if (!contended || attempt == ATTEMPTS) {
                    throw failed(now, e);
                }
                before = now;
            }
        }
    }

    /**
     * Returns the version of the schema in the database. Reads two rows, changes nothing and takes no lock; SELECT is
     * enough, through any proxy.
     *
     * @throws UnsupportedDatabaseException for a database other than PostgreSQL 14+ and SQLite 3.37+
     * @throws IncompleteSchemaException if only some of the tables exist
     * @throws MigrationException if the database cannot be read
     */
    public static SchemaVersion schemaVersion(DataSource dataSource) {
        int version = InstalledSchema.read(dataSource).version();
        if (version == 0) {
            return new SchemaVersion.Absent();
        } else if (version < currentVersion()) {
            return new SchemaVersion.Older(version);
        } else if (version > currentVersion()) {
            return new SchemaVersion.Newer(version);
        }
        return new SchemaVersion.Current(version);
    }

    /**
     * Switches the journal on or off in one transaction, with {@code journal_on.sql} or {@code journal_off.sql} of the
     * bundle: while it is on, every transition of a record writes a row to {@code tg_idempotency_journal}. Does
     * nothing if the journal is in that state already. Needs version 2 of the schema and the role that owns the
     * tables; services may keep running.
     *
     * @throws UnsupportedDatabaseException for a database other than PostgreSQL 14+ and SQLite 3.37+
     * @throws MigrationException if it failed; the journal is as it was before
     */
    public static void switchJournal(DataSource dataSource, boolean on) {
        JournalTriggers.install(dataSource, on);
    }

    /**
     * Returns whether the journal is on. Changes nothing and takes no lock; any role may ask, through any proxy.
     *
     * @throws UnsupportedDatabaseException for a database other than PostgreSQL 14+ and SQLite 3.37+
     * @throws MigrationException if the database cannot be read
     */
    public static boolean journalIsOn(DataSource dataSource) {
        return JournalTriggers.installed(dataSource);
    }

    /** Returns the scripts that {@link #migrate} runs, in order, to print them or to run them by hand. */
    public static List<MigrationScript> sql(Database database) {
        return SCRIPTS.stream()
                .map(name -> new MigrationScript(
                        SCRIPTS.indexOf(name) + 1, name, Resources.read("/" + folder(database) + "/" + name)))
                .toList();
    }

    private static MigrationResult migrate(DataSource dataSource, InstalledSchema before) {
        if (before.version() > currentVersion()) {
            return new MigrationResult(before.database(), Action.UNCHANGED, before.version(), before.version());
        }
        int recorded = record(dataSource, before);
        MigrateResult executed = flyway(dataSource, before).load().migrate();
        Action action = Action.UNCHANGED;
        if (executed.migrationsExecuted > 0) {
            // Race: Flyway locks for each script, so another process may run the first, and this one those after it.
            boolean installed = executed.migrations.stream().anyMatch(each -> FIRST.equals(each.version));
            action = installed ? Action.INSTALLED : Action.UPGRADED;
        } else if (recorded > 0) {
            action = Action.ADOPTED;
        }
        return new MigrationResult(before.database(), action, before.version(), currentVersion());
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
    private static int record(DataSource dataSource, InstalledSchema before) {
        return flyway(dataSource, before)
                .skipExecutingMigrations(true)
                .target(before.version() + "?")
                .load()
                .migrate()
                .migrationsExecuted;
    }

    static FluentConfiguration flyway(DataSource dataSource, InstalledSchema before) {
        Callback[] callbacks =
                before.database() == Database.SQLITE ? new Callback[] {new WritableSchemaOff()} : new Callback[0];
        return Flyway.configure(ToolGateMigrations.class.getClassLoader())
                .dataSource(dataSource)
                .callbacks(callbacks)
                .locations("classpath:" + folder(before.database()))
                .table(HISTORY)
                .defaultSchema(before.schema())
                .createSchemas(false)
                .placeholderReplacement(false)
                .cleanDisabled(true)
                .loggers("slf4j");
    }

    static String folder(Database database) {
        return "db/toolgate/" + database.directory();
    }

    private static MigrationException failed(InstalledSchema now, FlywayException cause) {
        return new MigrationException(
                "Migrating ToolGate's tables in schema \"" + now.schema() + "\" failed: expected version "
                        + currentVersion() + ", found "
                        + (now.version() == 0 ? "none" : "version " + now.version())
                        + ". Each script runs in one transaction, so none is half applied. The role must be allowed to"
                        + " create tables in that schema; on PostgreSQL the data source must provide two connections at"
                        + " once, and no long transaction may hold tg_idempotency. Remove the cause and migrate again."
                        + " Flyway reports: "
                        + cause.getMessage(),
                cause);
    }
}
