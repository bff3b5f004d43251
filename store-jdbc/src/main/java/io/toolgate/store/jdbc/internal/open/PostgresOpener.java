package io.toolgate.store.jdbc.internal.open;

import io.toolgate.migrations.MigrationException;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.error.PostgresCause;
import io.toolgate.store.jdbc.internal.error.SafeSqlException;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.open.PostgresChecks.Server;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.StoreClock;
import io.toolgate.store.jdbc.internal.sql.WriteQueue;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/** Opens a PostgreSQL store: connects once, checks server, schema and role, and only then creates a pool. */
public final class PostgresOpener {
    private static final int CONNECT_SECONDS = 5;
    private static final int LOGIN_SECONDS = 8;
    static final int DEFAULT_POOL_SIZE = 10;

    /** An exception may be its own cause, some steps on. */
    private static final int DEEPEST_CAUSE = 100;

    /**
     * Race: a statement takes effect after its client has given up. So the client waits longer than the server, which
     * has ended the statement by then.
     */
    private static final Duration SOCKET_MARGIN = Duration.ofSeconds(3);

    private final StoreSettings settings;

    public PostgresOpener(StoreSettings settings) {
        this.settings = settings;
    }

    /** Opens by URL, with a pool of its own. */
    public OpenedDatabase open(StoreUrl url) {
        OptionalLibrary.requirePoolForFailovers(url.redacted());
        PGSimpleDataSource driver = driver(url, true);
        // Without a statement timeout: a migration may run longer than a statement of the store.
        Server server = PostgresChecks.run(
                driver, driver(url, false), settings, url.redacted(), !settings.transactionPooling());
        ReplicationWatch watch = new ReplicationWatch(driver, url.redacted());
        watch.found(server);
        int size = settings.poolSize() == 0 ? DEFAULT_POOL_SIZE : settings.poolSize();
        ConnectionPool pool = HikariPool.ofPostgresql(driver, size, !settings.transactionPooling());
        boolean opened = false;
        try {
            DataSource wrapped = settings.wrapper().apply(pool.connections());
            // LISTEN needs a session, which a transaction-pooling proxy does not keep; a store for purges has no
            // waiters.
            DataSource direct = settings.transactionPooling() || settings.purgeOnly() ? null : driver;
            OpenedDatabase database = new OpenedDatabase(
                    Dialect.POSTGRESQL,
                    wrapped,
                    WriteQueue.none(),
                    wrapped,
                    StoreClock.none(),
                    watch,
                    List.of(pool),
                    () -> {},
                    renewals(driver, !settings.transactionPooling()),
                    direct);
            opened = true;
            return database;
        } finally {
            if (!opened) {
                pool.close();
            }
        }
    }

    /** The connection for heartbeats: from where the store also listens, if that is given, else from {@code source}. */
    private @Nullable KeptConnection renewals(DataSource source, boolean readCommitted) {
        if (settings.purgeOnly()) {
            return null;
        }
        DataSource listener = settings.listener();
        return new KeptConnection(listener == null ? source : listener, readCommitted);
    }

    /** Opens a data source that the caller has configured, and closes. */
    public OpenedDatabase open(DataSource given) {
        DataSource wrapped = settings.wrapper().apply(given);
        Server server = PostgresChecks.run(wrapped, wrapped, settings, "the data source", false);
        ReplicationWatch watch = new ReplicationWatch(wrapped, "the data source");
        watch.found(server);
        KeptConnection renewals = renewals(given, false);
        if (renewals != null && settings.listener() == null) {
            takeNow(renewals, given);
        }
        return new OpenedDatabase(
                Dialect.POSTGRESQL,
                wrapped,
                WriteQueue.none(),
                wrapped,
                StoreClock.none(),
                watch,
                List.of(),
                () -> {},
                renewals,
                null);
    }

    /**
     * Takes the connection for heartbeats while the pool has one, and refuses a pool that has no other, or that leads
     * the threads which open them elsewhere than this one.
     */
    private void takeNow(KeptConnection renewals, DataSource given) {
        boolean taken = false;
        String store = PostgresChecks.identity(given, "the data source");
        try (KeptConnection another = new KeptConnection(given, false)) {
            take(renewals, store, "no connection");
            take(another, store, "one connection, which the store keeps for heartbeats, and no other");
            taken = true;
        } finally {
            if (!taken) {
                renewals.close();
            }
        }
    }

    private void take(KeptConnection source, String store, String handedOut) {
        Duration patience = settings.attemptBudget();
        try {
            Connection connection = source.take(patience);
            try {
                PostgresChecks.checkSame(connection, store, "the data source");
            } finally {
                source.release(connection, null);
            }
        } catch (SQLException e) {
            if (e.getSQLState() != null) {
                throw atOpening(e, "the data source");
            }
            throw new StoreException.Misconfigured(
                    "The data source handed out " + handedOut + " within " + patience + " (" + SqlErrorKind.describe(e)
                            + "). Its pool needs at least two connections, one of which must be free when the store is"
                            + " opened. Raise its maximum size, or give the store listener(…), from which heartbeats"
                            + " then take their connection",
                    SafeSqlException.of(e));
        }
    }

    /** The driver with the store's settings, each of which a parameter in the URL overrides. */
    public PGSimpleDataSource driver(StoreUrl url, boolean limited) {
        PGSimpleDataSource driver = new PGSimpleDataSource();
        driver.setUrl(url.text());
        Properties given = Driver.parseURL(url.text(), new Properties());
        if (given == null) {
            throw new StoreException.Misconfigured(url.redacted() + " is a URL that the PostgreSQL driver cannot read");
        }
        if (settings.user() != null) {
            driver.setUser(settings.user());
        }
        if (settings.password() != null) {
            driver.setPassword(settings.password());
        }
        Duration socket = settings.statementTimeout().plus(SOCKET_MARGIN);
        set(driver, given, PGProperty.CONNECT_TIMEOUT, CONNECT_SECONDS);
        set(driver, given, PGProperty.LOGIN_TIMEOUT, LOGIN_SECONDS);
        set(driver, given, PGProperty.TCP_KEEP_ALIVE, true);
        set(driver, given, PGProperty.APPLICATION_NAME, "toolgate");
        // The server's detail quotes the values of a row it refuses, key included.
        set(driver, given, PGProperty.LOG_SERVER_ERROR_DETAIL, false);
        if (settings.transactionPooling() || !limited) {
            // A prepared statement belongs to one server connection, and the next transaction may get another. What is
            // not limited in time are tools and migrations, which may go through a proxy, too, and repeat little.
            set(driver, given, PGProperty.PREPARE_THRESHOLD, 0);
        }
        if (limited) {
            set(driver, given, PGProperty.SOCKET_TIMEOUT, (socket.toMillis() + 999) / 1000);
            if (!settings.transactionPooling()) {
                driver.setOptions(options(given.getProperty(PGProperty.OPTIONS.getName())));
            }
        }
        return driver;
    }

    /**
     * Settings of each session, behind those of the URL: a time limit for statements; the warning that the server no
     * longer waits for its synchronous standby, even where the role hides warnings; and a mark, by which
     * {@link PostgresChecks} sees that all of them arrived: a proxy may swallow them and say nothing.
     */
    private String options(@Nullable String given) {
        StringBuilder options = new StringBuilder();
        if (given != null) {
            options.append(given).append(' ');
        }
        if (given == null || !given.contains("statement_timeout")) {
            options.append("-c statement_timeout=")
                    .append(settings.statementTimeout().toMillis())
                    .append(' ');
        }
        return options.append("-c client_min_messages=warning -c toolgate.options=sent")
                .toString();
    }

    private static void set(PGSimpleDataSource driver, Properties given, PGProperty property, Object value) {
        if (given.getProperty(property.getName()) == null) {
            try {
                driver.setProperty(property, String.valueOf(value));
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException("the driver does not know " + property.getName(), e);
            }
        }
    }

    /** Translates an error of opening the store, before anything was written. */
    public static StoreException atOpening(SQLException e, String where) {
        SQLException safe = SafeSqlException.of(e);
        PostgresCause cause = PostgresCause.of(e);
        Throwable root = e;
        for (int depth = 0; root.getCause() != null && depth < DEEPEST_CAUSE; depth++) {
            root = root.getCause();
        }
        String message = cause.happened() + " (" + where + ": " + SqlErrorKind.describe(e)
                + (root instanceof SQLException ? "" : ": " + root.getClass().getSimpleName() + " " + root.getMessage())
                + "). Nothing was written. " + cause.remedy();
        return of(cause, message, safe);
    }

    /** Adds to {@code thrown}, an error of the migrations, where it was, and what {@code e}, its cause, means. */
    public static StoreException atMigrating(SQLException e, MigrationException thrown, String where) {
        PostgresCause cause = PostgresCause.of(e);
        return of(cause, thrown.getMessage() + " " + cause.happened() + " (" + where + "). " + cause.remedy(), thrown);
    }

    private static StoreException of(PostgresCause cause, String message, Exception thrown) {
        return switch (cause.opening()) {
            case MISCONFIGURED -> new StoreException.Misconfigured(message, thrown);
            case UNAVAILABLE -> new StoreException.Unavailable(message, thrown);
        };
    }
}
