package io.toolgate.migrations;

import java.util.List;
import javax.sql.DataSource;

/**
 * Installs and upgrades ToolGate's tables and reads their version.
 *
 * <p>The tables go to the connection's current schema, unless another schema of its search path already holds them.
 * Flyway, an optional dependency, is needed to install on PostgreSQL and to upgrade; its history is
 * {@code tg_schema_history} in that schema, a table of ToolGate's own: an application's own Flyway in the same schema
 * is neither touched nor in the way, and finds none of ToolGate's scripts wherever it looks for its own.
 *
 * <p>Race: any number of processes may migrate the same PostgreSQL database at once; they wait for each other. SQLite
 * has no suitable lock: of processes that migrate one file at once, one wins, and the others usually find its result
 * and return; under heavy contention they may throw {@link MigrationException}, and trying again is safe.
 */
public final class ToolGateMigrations {

    private ToolGateMigrations() {}

    /** Returns the version of the schema that this library was built for. */
    public static int currentVersion() {
        return Schema.CURRENT.version();
    }

    /**
     * Brings the database to {@link #currentVersion()}: installs the tables if there are none, upgrades older ones,
     * whether they were installed by hand or by this method, and leaves current and newer ones unchanged.
     *
     * <p>Needs a role that may create tables. On PostgreSQL it takes two connections at once, from a data source that
     * does not go through a transaction-pooling proxy, and runs for milliseconds. If another transaction holds a table
     * that an upgrade must lock, it gives up after two seconds, so that services do not queue behind it, and tries
     * again a few times.
     *
     * @throws UnsupportedDatabaseException for a database other than PostgreSQL 14+ and SQLite 3.37+
     * @throws IncompleteSchemaException if only some of the tables exist
     * @throws MigrationException if the migration failed otherwise, or needs Flyway and does not find it; each script
     *     was applied completely or not at all
     */
    public static MigrationResult migrate(DataSource dataSource) {
        return Schema.CURRENT.migrate(dataSource);
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
        return Schema.CURRENT.versionOf(dataSource);
    }

    /**
     * Switches the journal on or off in one transaction, with {@code journal_on.sql} or {@code journal_off.sql} of the
     * bundle: while it is on, every transition of a record writes a row to {@code tg_idempotency_journal}. Does
     * nothing if the journal is in that state already. Needs the role that owns the tables; services may keep running.
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
        return Schema.CURRENT.scripts(database);
    }
}
