package io.toolgate.cli;

import io.toolgate.cli.DatabaseOptions.Target;
import io.toolgate.migrations.MigrationException;
import io.toolgate.migrations.SchemaVersion;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.StoreAccess;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/** What all commands have that go to a database. */
abstract class StoreCommand extends CliCommand {
    /** Few, because people ask one thing at a time; two, because a store may read while it writes. */
    private static final int CONNECTIONS = 2;

    /** The oldest version of the schema that has all the tables which commands read. */
    private static final int OLDEST_READ = 2;

    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);

    @Mixin
    private DatabaseOptions options = new DatabaseOptions();

    private @Nullable Target target;

    StoreCommand(Environment environment) {
        super(environment);
    }

    /** The database that was named; the password is asked for once. */
    final Target target() {
        Target known = target;
        if (known == null) {
            known = options.target(environment());
            target = known;
        }
        return known;
    }

    /** The way to the database, which must exist. */
    final StoreAccess access() {
        Target named = target();
        try {
            return StoreAccess.to(named.url(), named.user(), named.password());
        } catch (StoreException.Misconfigured e) {
            throw new RefusedException(
                    named.named()
                            ? String.valueOf(e.getMessage())
                            : "There is no SQLite store at "
                                    + environment().directory().resolve(DatabaseOptions.DEFAULT_FILE)
                                    + ": name a database with --url, or make one here with 'toolgate migrate'",
                    e);
        }
    }

    /** Reads the database, once it is known to have a schema that this program can read. */
    final Reader reader() {
        StoreAccess access = access();
        String refusal = schemaVersion(access)
                .<@Nullable String>fold(
                        () -> "there are no tables of ToolGate's at " + access.name()
                                + ": name the database that has them (with PostgreSQL, their schema in currentSchema of the"
                                + " URL too), or create them with 'toolgate migrate'",
                        current -> null,
                        older -> older.version() >= OLDEST_READ
                                ? null
                                : "the schema at " + access.name() + " has version " + older.version()
                                        + ", and this program reads versions from " + OLDEST_READ
                                        + ": upgrade it with 'toolgate migrate', or use the program of that version",
                        newer -> newer.version() == ToolGateMigrations.currentVersion() + 1
                                ? null
                                : "the schema at " + access.name() + " has version " + newer.version()
                                        + ", and this program knows versions up to "
                                        + ToolGateMigrations.currentVersion()
                                        + ": use the program that belongs to it");
        if (refusal != null) {
            throw new RefusedException(refusal);
        }
        return new Reader(access);
    }

    /** Which schema is installed; failures to ask say what to do. */
    static SchemaVersion schemaVersion(StoreAccess access) {
        try {
            return ToolGateMigrations.schemaVersion(access.connections());
        } catch (MigrationException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw access.explain(cause);
            }
            throw e;
        }
    }

    /** How to open the database as a store, for what only a store may do. */
    final JdbcIdempotencyStore.Builder store() {
        Target named = target();
        JdbcIdempotencyStore.Builder builder = JdbcIdempotencyStore.builder(named.url())
                .migrate(false)
                .poolSize(CONNECTIONS)
                .statementTimeout(STATEMENT_TIMEOUT);
        if (named.user() != null) {
            builder.user(named.user());
        }
        if (named.password() != null) {
            builder.password(named.password());
        }
        return builder;
    }
}
