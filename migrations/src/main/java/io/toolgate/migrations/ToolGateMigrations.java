package io.toolgate.migrations;

import io.toolgate.migrations.MigrationResult.Action;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Installs and upgrades ToolGate's tables, and tells which version of them a database has.
 *
 * <p>The tables go to the connection's current schema, unless another schema of its search path already holds them.
 * What was done is written to {@code tg_schema_history} there, ToolGate's own table: an application's own Flyway in the
 * same schema is neither touched nor in the way.
 *
 * <p>Any number of processes may migrate the same PostgreSQL database at once; they wait for each other. SQLite has no
 * lock that fits: of processes that migrate one file at once, one wins and the others mostly find its work and return;
 * under heavy contention they may end with a {@link MigrationException}, and trying again is safe.
 */
public final class ToolGateMigrations {

    private static final String HISTORY = "tg_schema_history";

    /** One a version, in order; never changed once released. */
    private static final List<String> SCRIPTS =
            List.of("V1__idempotency.sql", "V2__history_and_journal.sql", "V3__cheaper_checks.sql");

    /**
     * Each failed attempt means that another process got further in the meantime, which ends after a few, or that those who
     * use a table let nobody in for two seconds.
     */
    private static final int ATTEMPTS = 10;

    private ToolGateMigrations() {}

    /** The version of the schema that this library was built for. */
    public static int currentVersion() {
        return SCRIPTS.size();
    }

    /**
     * Brings the database to {@link #currentVersion()}: installs the tables where there are none, upgrades older ones,
     * leaves current and newer ones as they are. Tables that somebody installed by hand are adopted.
     *
     * <p>Needs a role that may create tables. On PostgreSQL it takes two connections at once, from a data source that
     * does not go through a transaction-pooling proxy; it runs for milliseconds. The upgrade to version 3 locks the
     * table of records for an instant: where somebody holds that for long it gives up after two seconds, so that others are
     * not kept waiting behind it, and tries again a few times.
     *
     * @throws UnsupportedDatabaseException for a database other than PostgreSQL 14+ and SQLite 3.37+
     * @throws IncompleteSchemaException if only some of the tables are there
     * @throws MigrationException if it did not succeed otherwise; each script was carried out wholly or not at all
     */
    public static MigrationResult migrate(DataSource dataSource) {
        InstalledSchema before = InstalledSchema.read(dataSource);
        for (int attempt = 1; ; attempt++) {
            try {
                return migrate(dataSource, before);
            } catch (FlywayException e) {
                InstalledSchema now = InstalledSchema.read(dataSource);
                boolean somebodyElseAtWork =
                        !now.equals(before) || before.database() == Database.SQLITE || Locks.timedOut(e);
                if (!somebodyElseAtWork || attempt == ATTEMPTS) {
                    throw failed(now, e);
                }
                before = now;
            }
        }
    }

    /**
     * Tells which version of the schema the database has. Reads two rows, changes nothing and takes no lock; a role
     * that may only SELECT can do it, through any proxy.
     *
     * @throws UnsupportedDatabaseException for a database other than PostgreSQL 14+ and SQLite 3.37+
     * @throws IncompleteSchemaException if only some of the tables are there
     * @throws MigrationException if the database cannot be asked
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
     * Switches the journal on or off, in one transaction, as {@code journal_on.sql} and {@code journal_off.sql} of the bundle do:
     * while it is on, every transition of a record leaves a row in {@code tg_idempotency_journal}. Does nothing where it
     * is so already. Needs version 2 of the schema and the role that owns the tables; services go on meanwhile.
     *
     * @throws UnsupportedDatabaseException for a database other than PostgreSQL 14+ and SQLite 3.37+
     * @throws MigrationException if it did not succeed; the journal is as it was before
     */
    public static void switchJournal(DataSource dataSource, boolean on) {
        Journal.turn(dataSource, on);
    }

    /**
     * Tells whether the journal is on. Reads, changes nothing and takes no lock; any role can do it, through any proxy.
     *
     * @throws UnsupportedDatabaseException for a database other than PostgreSQL 14+ and SQLite 3.37+
     * @throws MigrationException if the database cannot be asked
     */
    public static boolean journalIsOn(DataSource dataSource) {
        return Journal.isOn(dataSource);
    }

    /** The scripts that {@link #migrate} runs, in order, to print or to run by hand. */
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
        int executed = flyway(dataSource, before).load().migrate().migrationsExecuted;
        Action action = Action.UNCHANGED;
        if (executed > 0) {
            action = before.version() == 0 ? Action.INSTALLED : Action.UPGRADED;
        } else if (recorded > 0) {
            action = Action.ADOPTED;
        }
        return new MigrationResult(before.database(), action, before.version(), currentVersion());
    }

    /**
     * Makes the history say what the tables say, without running a script: where there is none it is created, and
     * versions that it lacks were installed by hand, or by a process that died between committing a script and writing
     * the history.
     *
     * <p>It is also how ToolGate starts in a schema full of other people's tables. Flyway's baseline would do for one
     * process; when several start at once, one takes the other's new history table for a reason to baseline, and fails.
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
                "The migration of ToolGate's tables in schema \"" + now.schema()
                        + "\" did not succeed. Expected version "
                        + currentVersion() + ", found "
                        + (now.version() == 0 ? "none" : "version " + now.version())
                        + ". Each script runs in one transaction, so none is half done. The role must be allowed to"
                        + " create tables in that schema, and on PostgreSQL the data source must give two connections"
                        + " at once; those who hold ToolGate's tables must let it in. When the cause is removed, migrate again. Flyway says: "
                        + cause.getMessage(),
                cause);
    }
}
