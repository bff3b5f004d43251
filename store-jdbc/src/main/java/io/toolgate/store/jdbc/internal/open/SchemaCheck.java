package io.toolgate.store.jdbc.internal.open;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.migrations.MigrationException;
import io.toolgate.migrations.SchemaVersion;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import java.sql.SQLException;
import java.util.function.BiFunction;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Migrates the schema to the version of this library, or checks that its version is compatible. */
public final class SchemaCheck {
    private static final Logger log = LoggerFactory.getLogger(SchemaCheck.class);

    private SchemaCheck() {}

    /**
     * Checks the schema that {@code dataSource} sees, after migrating it through {@code migrating} if {@code migrate}
     * and it is missing or older: most processes find it current, and need not load Flyway.
     * <p>Race: a migration commits while stores are open. So each version works with the next one, too, and no store
     * remembers the version.
     *
     * <p>Compatible are all versions from the first to the one after this library's: rolling upgrades pass through
     * them.
     *
     * @param migrating null to change nothing
     * @param journal whether the journal must be on; where {@code migrate}, it is switched accordingly; null to leave
     *     it
     * @param where names the database in messages
     * @param reading translates an error of the check
     * @param changing translates an error of the database in a change that failed with the given exception
     * @return false if there is something to change and {@code migrating} is null
     */
    @CanIgnoreReturnValue
    static boolean check(
            DataSource dataSource,
            @Nullable DataSource migrating,
            boolean migrate,
            @Nullable Boolean journal,
            String where,
            Function<SQLException, StoreException> reading,
            BiFunction<SQLException, MigrationException, StoreException> changing) {
        try {
            SchemaVersion version = ToolGateMigrations.schemaVersion(dataSource);
            if (migrate && isBehind(version)) {
                if (migrating == null) {
                    return false;
                }
                change(where, changing, () -> {
                    var unused = ToolGateMigrations.migrate(migrating);
                });
                version = ToolGateMigrations.schemaVersion(dataSource);
            }
            String refusal = version.<@Nullable String>fold(
                    () -> absent(where),
                    current -> null,
                    older -> {
                        warnOfOlder(where, older.version());
                        return null;
                    },
                    newer -> newer(where, newer.version()));
            if (refusal != null) {
                throw new StoreException.Misconfigured(refusal);
            }
            return journal == null || journal(dataSource, migrating, migrate, journal, where, changing);
        } catch (MigrationException e) {
            SQLException cause = RetryLoop.sqlCause(e.getCause());
            throw cause == null ? unusable(where, e) : reading.apply(cause);
        }
    }

    private static void change(
            String where, BiFunction<SQLException, MigrationException, StoreException> changing, Runnable change) {
        try {
            change.run();
        } catch (MigrationException e) {
            SQLException cause = RetryLoop.sqlCause(e);
            throw cause == null ? unusable(where, e) : changing.apply(cause, e);
        }
    }

    private static StoreException unusable(String where, MigrationException e) {
        return new StoreException.Misconfigured("The schema at " + where + " is not usable: " + e.getMessage(), e);
    }

    private static boolean isBehind(SchemaVersion version) {
        return version.fold(() -> true, current -> false, older -> true, newer -> false);
    }

    private static boolean journal(
            DataSource dataSource,
            @Nullable DataSource migrating,
            boolean migrate,
            boolean journal,
            String where,
            BiFunction<SQLException, MigrationException, StoreException> changing) {
        boolean on = ToolGateMigrations.journalIsOn(dataSource);
        if (journal && !on && !migrate) {
            throw new StoreException.Misconfigured("The journal at " + where
                    + " is off, and the store was opened with journal(true). Have a DBA run journal_on.sql of the SQL"
                    + " bundle, or let the store switch it on, with builder(...).migrate(true). Nothing was written");
        }
        if (journal == on || !migrate) {
            return true;
        }
        if (migrating == null) {
            return false;
        }
        change(where, changing, () -> ToolGateMigrations.switchJournal(migrating, journal));
        return true;
    }

    private static String absent(String where) {
        return "ToolGate's tables tg_idempotency and tg_store_info are missing at " + where
                + ". Either let the store create them, with builder(...).migrate(true) and a role that may create"
                + " tables, or have a DBA run the scripts of the SQL bundle (toolgate-migrations-<version>.zip). If"
                + " they are there already, in another schema: put that on the search path (currentSchema in the URL)"
                + " and grant USAGE on it. Nothing was written";
    }

    private static void warnOfOlder(String where, int version) {
        log.warn(
                "The schema at {} has version {}, and this library was made for version {}. Upgrade the schema: run the"
                        + " newer scripts of the SQL bundle, or 'toolgate migrate'",
                where,
                version,
                ToolGateMigrations.currentVersion());
    }

    private static @Nullable String newer(String where, int version) {
        if (version == ToolGateMigrations.currentVersion() + 1) {
            log.warn(
                    "The schema at {} has version {}, and this library was made for version {}. Versions that follow"
                            + " each other work together; upgrade the library before the schema is upgraded again",
                    where,
                    version,
                    ToolGateMigrations.currentVersion());
            return null;
        }
        return "The schema at " + where + " has version " + version + ", and this library knows versions up to "
                + ToolGateMigrations.currentVersion()
                + " and works with the one after. Use the library that upgraded it, or a newer one. Nothing was"
                + " written";
    }
}
