package io.toolgate.store.jdbc;

import io.toolgate.migrations.MigrationException;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.StoreException;
import java.sql.SQLException;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Brings the schema to the version this library was built for, or only looks whether it has that version. */
final class Schemas {
    private Schemas() {}

    /**
     * Checks the schema that {@code dataSource} sees, after migrating it through {@code migrating} if {@code migrate}.
     *
     * @param where names the database in messages
     * @param trouble makes an exception of an error that came while looking
     */
    static void check(
            DataSource dataSource,
            DataSource migrating,
            boolean migrate,
            String where,
            Function<SQLException, StoreException> trouble) {
        try {
            if (migrate) {
                var unused = ToolGateMigrations.migrate(migrating);
            }
            String refusal = ToolGateMigrations.schemaVersion(dataSource)
                    .<@Nullable String>fold(
                            () -> absent(where),
                            current -> null,
                            older -> older(where, older.version()),
                            newer -> newer(where, newer.version()));
            if (refusal != null) {
                throw new StoreException.Misconfigured(refusal);
            }
        } catch (MigrationException e) {
            SQLException cause = Attempts.sqlCause(e.getCause());
            if (cause != null && !migrate) {
                throw trouble.apply(cause);
            }
            throw new StoreException.Misconfigured(
                    "The schema at " + where + " is not usable: " + e.getMessage()
                            + " A schema counts only where the role has USAGE on it.",
                    e);
        }
    }

    private static String absent(String where) {
        return "ToolGate's tables tg_idempotency and tg_store_info are missing at " + where
                + ". Either let the store create them, with builder(...).migrate(true) and a role that may create tables,"
                + " or have a DBA run the scripts of the SQL bundle (toolgate-migrations-<version>.zip). If they are"
                + " there already, in another schema: put that on the search path (currentSchema in the URL) and grant"
                + " USAGE on it. Nothing was written";
    }

    private static String older(String where, int version) {
        return "The schema at " + where + " has version " + version + ", and this library needs version "
                + ToolGateMigrations.currentVersion() + ". Either let the store upgrade it, with builder(...)"
                + ".migrate(true), or have a DBA run the newer scripts of the SQL bundle. Nothing was written";
    }

    private static String newer(String where, int version) {
        return "The schema at " + where + " has version " + version + ", and this library knows versions up to "
                + ToolGateMigrations.currentVersion()
                + ". Use the library that upgraded it, or a newer one. Nothing was"
                + " written";
    }
}
