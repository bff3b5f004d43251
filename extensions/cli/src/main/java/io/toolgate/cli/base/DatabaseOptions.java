package io.toolgate.cli.base;

import io.toolgate.cli.query.StoreReader;
import io.toolgate.migrations.MigrationException;
import io.toolgate.migrations.SchemaVersion;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.StoreAccess;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.Passwords;
import io.toolgate.support.UsageException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name a database, and access to it: plain connections, a reader of its tables, and the store. */
public final class DatabaseOptions {
    private static final String DEFAULT_FILE = "toolgate.db";

    /** The oldest schema version that has every table which commands read. */
    private static final int OLDEST_READ = 1;

    /** The store knows one version ahead of its own, so that the schema can be upgraded before the services. */
    private static final int NEWEST_READ = ToolGateMigrations.currentVersion() + 1;

    /** Few, because a person asks one thing at a time; two, because a store may read while it writes. */
    private static final int CONNECTIONS = 2;

    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);

    private final Environment environment;

    @Option(
            names = "--url",
            order = OutputOptions.ORDER - 1,
            paramLabel = "JDBC",
            description = "The database: jdbc:postgresql://HOST/DATABASE or jdbc:sqlite:FILE."
                    + " Default: toolgate.db in the working directory.")
    private @Nullable String url;

    @Option(names = "--user", order = OutputOptions.ORDER - 1, paramLabel = "USER", description = "The database user.")
    private @Nullable String user;

    @Option(
            names = "--password-env",
            order = OutputOptions.ORDER - 1,
            paramLabel = "NAME",
            description =
                    "The environment variable that holds the password. Default: TOOLGATE_PASSWORD; if that is not set,"
                            + " a terminal asks for the password.")
    private @Nullable String passwordVariable;

    private @Nullable DatabaseLogin login;

    /** The options of a command that runs in {@code environment}. */
    public DatabaseOptions(Environment environment) {
        this.environment = environment;
    }

    /**
     * The database that was named, or the default. The terminal asks for the password once.
     *
     * @throws UsageException if the options contradict each other
     */
    public DatabaseLogin login() {
        DatabaseLogin known = login;
        if (known == null) {
            known = resolve();
            login = known;
        }
        return known;
    }

    private DatabaseLogin resolve() {
        if (url == null) {
            if (user != null) {
                throw new UsageException("--user needs --url; without --url the SQLite file " + DEFAULT_FILE
                        + " is used, which has no users");
            }
            return DatabaseLogin.sqlite(environment.directory().resolve(DEFAULT_FILE));
        }
        DatabaseLogin named = new DatabaseLogin(url, user, null);
        String variable = passwordVariable == null ? Passwords.VARIABLE : passwordVariable;
        if (passwordVariable != null
                && named.usesPostgresql()
                && environment.variables().get(variable) == null) {
            throw new UsageException("the environment variable " + variable
                    + ", named by --password-env, is not set: set it to the password");
        }
        return named.withPassword(Passwords.find(named, variable, environment.variables(), environment.terminal()));
    }

    /** Connections to the database, which must exist. */
    public StoreAccess access() {
        DatabaseLogin named = login();
        try {
            return StoreAccess.to(named.url(), named.user(), named.password());
        } catch (StoreException.Misconfigured e) {
            throw new UsageException(
                    url != null || Files.exists(environment.directory().resolve(DEFAULT_FILE))
                            ? String.valueOf(e.getMessage())
                            : "There is no SQLite store at "
                                    + environment.directory().resolve(DEFAULT_FILE)
                                    + ": name a database with --url, or create a store there with 'toolgate migrate'",
                    e);
        }
    }

    /**
     * A reader of the database's tables.
     *
     * @throws UsageException if there is no schema, or one of a version that this program cannot read
     */
    public StoreReader reader() {
        StoreAccess access = access();
        String refusal = schemaVersion(access)
                .<@Nullable String>fold(
                        () -> "no ToolGate tables found at " + access.name()
                                + ": check --url (on PostgreSQL also currentSchema, if they are in another schema), or"
                                + " create them with 'toolgate migrate'",
                        current -> null,
                        older -> older.version() >= OLDEST_READ
                                ? null
                                : unreadable(access, older.version())
                                        + "upgrade the schema with 'toolgate migrate', or use the toolgate.jar of that"
                                        + " version",
                        newer -> newer.version() <= NEWEST_READ
                                ? null
                                : unreadable(access, newer.version()) + "use the toolgate.jar of that version");
        if (refusal != null) {
            throw new UsageException(refusal);
        }
        return new StoreReader(access);
    }

    private static String unreadable(StoreAccess access, int version) {
        return "the schema at " + access.name() + " has version " + version + ", expected " + OLDEST_READ + " to "
                + NEWEST_READ + ": ";
    }

    /** The schema version that is installed. */
    public static SchemaVersion schemaVersion(StoreAccess access) {
        try {
            return ToolGateMigrations.schemaVersion(access.connections());
        } catch (MigrationException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw access.explain(cause);
            }
            throw e;
        }
    }

    /** Calls the migrations; where the database fails them, the exception says why and what to do. */
    public static <T> T migrations(StoreAccess access, Function<DataSource, T> call) {
        try {
            return call.apply(access.connections());
        } catch (MigrationException e) {
            throw access.explain(e);
        }
    }

    /** A builder of the store, for commands that change records. */
    public JdbcIdempotencyStore.Builder store() {
        DatabaseLogin named = login();
        JdbcIdempotencyStore.Builder builder = JdbcIdempotencyStore.builder(named.url())
                .migrate(false)
                .poolSize(CONNECTIONS)
                .statementTimeout(STATEMENT_TIMEOUT);
        if (named.usesPostgresql()) {
            // A proxy may be in between. It costs a command nothing to be ready for that.
            builder.transactionPooling(true);
        }
        if (named.user() != null) {
            builder.user(named.user());
        }
        if (named.password() != null) {
            builder.password(named.password());
        }
        return builder;
    }
}
