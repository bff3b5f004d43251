package io.toolgate.migrations;

import io.toolgate.migrations.MigrationResult.Action;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * The versions of the schema, as the scripts that lead to them, and how a database is brought to the newest one.
 *
 * <p>PostgreSQL, and any upgrade, is Flyway's work. A new SQLite file needs none of it: it belongs to its process, and
 * one transaction runs its scripts.
 *
 * @param folders where the scripts are, each with a folder for each database
 * @param scripts their names in order; a script never changes once it is released
 */
record Schema(List<String> folders, List<String> scripts) {
    static final Schema CURRENT =
            new Schema(List.of("io/toolgate/migrations/schema"), List.of("toolgate_1__schema.sql"));

    /**
     * An attempt fails when another process has migrated further meanwhile, which happens once per script, or when
     * transactions hold a table for longer than the scripts' lock timeout.
     */
    private static final int ATTEMPTS = 10;

    int version() {
        return scripts.size();
    }

    List<MigrationScript> scripts(Database database) {
        return IntStream.range(0, scripts.size())
                .mapToObj(i -> new MigrationScript(i + 1, scripts.get(i), text(database, scripts.get(i))))
                .toList();
    }

    private String text(Database database, String name) {
        return folders.stream()
                .map(folder -> "/" + folder + "/" + database.directory() + "/" + name)
                .filter(Resources::exists)
                .findFirst()
                .map(Resources::read)
                .orElseThrow(() -> Resources.missing(name));
    }

    SchemaVersion versionOf(DataSource dataSource) {
        int installed = InstalledSchema.read(dataSource).version();
        if (installed == 0) {
            return new SchemaVersion.Absent();
        } else if (installed < version()) {
            return new SchemaVersion.Older(installed);
        } else if (installed > version()) {
            return new SchemaVersion.Newer(installed);
        }
        return new SchemaVersion.Current(installed);
    }

    MigrationResult migrate(DataSource dataSource) {
        InstalledSchema before = InstalledSchema.read(dataSource);
        for (int attempt = 1; ; attempt++) {
            if (before.version() >= version()) {
                return new MigrationResult(before.database(), Action.UNCHANGED, before.version(), before.version());
            }
            try {
                if (before.version() == 0 && before.database() == Database.SQLITE) {
                    return installSqlite(dataSource);
                }
                requireFlyway();
                return FlywayMigration.migrate(this, dataSource, before);
            } catch (SQLException | FlywayMigration.Failed e) {
                InstalledSchema now = InstalledSchema.read(dataSource);
                boolean contended =
                        !now.equals(before) || before.database() == Database.SQLITE || SqlCause.isLockTimeout(e);
                if (!contended || attempt == ATTEMPTS) {
                    throw failed(now, e);
                }
                before = now;
            }
        }
    }

    /**
     * Race: two processes install at once. The script of the second fails on the first's tables, and changes nothing.
     */
    private MigrationResult installSqlite(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            for (MigrationScript script : scripts(Database.SQLITE)) {
                Resources.run(connection, script.sql());
            }
        }
        return new MigrationResult(Database.SQLITE, Action.INSTALLED, 0, version());
    }

    private static void requireFlyway() {
        try {
            Class<?> unused = Class.forName("org.flywaydb.core.Flyway", false, Schema.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new MigrationException(
                    "Flyway, which creates and upgrades ToolGate's tables, is not on the class path. Add"
                            + " org.flywaydb:flyway-core and org.flywaydb:flyway-database-postgresql, or have a DBA run"
                            + " the scripts of the SQL bundle (toolgate-migrations-<version>.zip). Nothing was"
                            + " changed.",
                    e);
        }
    }

    private MigrationException failed(InstalledSchema now, Exception cause) {
        return new MigrationException(
                "Migrating ToolGate's tables in schema \"" + now.schema() + "\" failed" + inScript(cause)
                        + ": expected version " + version() + ", found "
                        + (now.version() == 0 ? "none" : "version " + now.version())
                        + ". Each script runs in one transaction, so none is half applied. "
                        + reason(now.database(), cause),
                cause);
    }

    /** The script that failed, as Flyway's message names it; nothing if none did. */
    private String inScript(Exception cause) {
        String message = String.valueOf(cause.getMessage());
        return scripts.stream()
                .filter(message::contains)
                .findFirst()
                .map(name -> " in script " + name)
                .orElse("");
    }

    private static String reason(Database database, Exception cause) {
        SQLException e = SqlCause.of(cause);
        if (database == Database.SQLITE) {
            return "The file must be writable, nothing in it may have a name that ToolGate's schema uses, and no other"
                    + " process may hold its lock for seconds. Remove the cause and migrate again. SQLite reports: "
                    + SqlCause.sentence(e == null ? cause : e);
        }
        if (e != null && e.getSQLState() != null) {
            return "PostgreSQL reports SQLSTATE " + e.getSQLState() + ": " + SqlCause.sentence(e);
        }
        return "The data source must provide two connections at once. Remove the cause and migrate again. Flyway"
                + " reports: " + SqlCause.sentence(cause);
    }
}
