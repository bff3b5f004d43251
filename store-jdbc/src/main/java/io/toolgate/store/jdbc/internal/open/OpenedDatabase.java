package io.toolgate.store.jdbc.internal.open;

import io.toolgate.migrations.Database;
import io.toolgate.migrations.MigrationException;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.StoreClock;
import io.toolgate.store.jdbc.internal.sql.WriteQueue;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database that has passed the checks of opening, with its pools.
 *
 * @param dialect the dialect of its SQL
 * @param writer lends the connections that write
 * @param queue the queue before each write
 * @param reader lends the connections that read; may be the same
 * @param clock the store's clock, where the database has none of its own
 * @param guard run before every claim: throws if this is no longer the database that was opened, or looks whether it is
 *     still what it was
 * @param pools closed with the store
 * @param anchor closed after the pools
 * @param renewals the connection for heartbeats; null where they take the same way as all writes, as on SQLite, which
 *     has one writer
 * @param direct connections past the pools, to listen on for notifications of other stores; null where that is not
 *     possible
 */
public record OpenedDatabase(
        Dialect dialect,
        DataSource writer,
        WriteQueue queue,
        DataSource reader,
        StoreClock clock,
        Runnable guard,
        List<ConnectionPool> pools,
        AutoCloseable anchor,
        @Nullable KeptConnection renewals,
        @Nullable DataSource direct) {

    private static final Logger log = LoggerFactory.getLogger(OpenedDatabase.class);

    /** Opens the database at {@code url}, or behind {@code dataSource} if that is given. */
    public static OpenedDatabase open(@Nullable String url, @Nullable DataSource dataSource, StoreSettings settings) {
        OpenedDatabase opened = openPools(url, dataSource, settings);
        DataSource listener = settings.listener();
        if (listener == null) {
            return opened;
        }
        boolean checked = false;
        try {
            PostgresChecks.checkListener(listener, opened.writer());
            checked = true;
        } finally {
            if (!checked) {
                opened.close();
            }
        }
        return opened.listeningOn(listener);
    }

    private static OpenedDatabase openPools(
            @Nullable String url, @Nullable DataSource dataSource, StoreSettings settings) {
        StoreUrl parsed = check(url, dataSource, settings);
        if (parsed == null) {
            DataSource given = Objects.requireNonNull(dataSource);
            refuseOthers(given);
            return new PostgresOpener(settings).open(given);
        }
        return parsed.file() == null
                ? new PostgresOpener(settings).open(parsed)
                : new SqliteOpener(settings).open(parsed.file());
    }

    /**
     * Checks what can be checked without a connection.
     *
     * @return the parsed URL; null if there is a data source
     * @throws StoreException.Misconfigured if no store can be opened with these settings
     */
    public static @Nullable StoreUrl check(
            @Nullable String url, @Nullable DataSource dataSource, StoreSettings settings) {
        if (dataSource != null) {
            settings.refuseBesideDataSource();
            return null;
        }
        StoreUrl parsed = StoreUrl.parse(url);
        if (parsed.file() != null) {
            settings.refuseOnSqlite();
            OptionalLibrary.SQLITE_DRIVER.require(parsed.redacted());
        }
        OptionalLibrary.POOL.require(parsed.redacted());
        return parsed;
    }

    private OpenedDatabase listeningOn(DataSource listener) {
        return new OpenedDatabase(dialect, writer, queue, reader, clock, guard, pools, anchor, renewals, listener);
    }

    private static void refuseOthers(DataSource given) {
        try (Connection connection = given.getConnection()) {
            if (Database.of(connection) == Database.SQLITE) {
                throw new StoreException.Misconfigured(
                        "A SQLite store must set up its connections itself. Open it by its"
                                + " URL, jdbc:sqlite:<path>, instead of a data source");
            }
        } catch (MigrationException e) {
            throw new StoreException.Misconfigured(String.valueOf(e.getMessage()), e);
        } catch (SQLException e) {
            throw PostgresOpener.atOpening(e, "the data source");
        }
    }

    /** Begins to open the connection for heartbeats, if there is one and that has not begun; does not wait for it. */
    public void beginRenewals() {
        if (renewals != null) {
            renewals.begin();
        }
    }

    /** Closes the connection for heartbeats, the pools and the anchor. Errors are only logged. */
    public void close() {
        if (renewals != null) {
            renewals.close();
        }
        pools.forEach(ConnectionPool::close);
        closeAnchor(anchor);
    }

    static void closeAnchor(AutoCloseable anchor) {
        try {
            anchor.close();
        } catch (Exception e) {
            log.debug("The anchor connection did not close cleanly", e);
        }
    }
}
