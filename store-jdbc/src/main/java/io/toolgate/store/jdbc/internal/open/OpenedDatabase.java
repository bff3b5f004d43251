package io.toolgate.store.jdbc.internal.open;

import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.migrations.Database;
import io.toolgate.migrations.MigrationException;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.StoreClock;
import io.toolgate.store.jdbc.internal.sql.WriteQueue;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database that passed the checks of the start.
 *
 * @param dialect which SQL it speaks
 * @param writer where transitions go
 * @param turn what goes before each transition
 * @param reader where reads go; may be the same
 * @param clock the store's time, where the database has none of its own
 * @param guard throws if this is not the database any more that was opened; asked before every claim
 * @param pools what to close in the end
 * @param anchor what to close after that
 * @param direct connections past the pools, to hear on what other stores do; null where there can be none, or none that hears
 */
public record OpenedDatabase(
        Dialect dialect,
        DataSource writer,
        WriteQueue turn,
        DataSource reader,
        StoreClock clock,
        Runnable guard,
        List<HikariDataSource> pools,
        AutoCloseable anchor,
        @Nullable DataSource direct) {

    private static final Logger log = LoggerFactory.getLogger(OpenedDatabase.class);

    /** Opens the database behind one of {@code url} and {@code dataSource}, or refuses it. */
    public static OpenedDatabase open(@Nullable String url, @Nullable DataSource dataSource, StoreSettings settings) {
        OpenedDatabase opened = openPools(url, dataSource, settings);
        DataSource listener = settings.listener();
        if (listener == null) {
            return opened;
        }
        try {
            opened.checkListener(listener);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        return opened.listeningOn(listener);
    }

    private static OpenedDatabase openPools(
            @Nullable String url, @Nullable DataSource dataSource, StoreSettings settings) {
        if (dataSource != null) {
            refuseOthers(dataSource);
            return new PostgresOpener(settings).open(dataSource);
        }
        StoreUrl parsed = StoreUrl.parse(url);
        return parsed.file() == null
                ? new PostgresOpener(settings).open(parsed)
                : new SqliteOpener(settings).open(parsed.file());
    }

    private void checkListener(DataSource listener) {
        if (dialect != Dialect.POSTGRESQL) {
            throw new StoreException.Misconfigured(
                    "A SQLite store has nothing to listen to, since it looks at its file."
                            + " Open it without listener(…)");
        }
        PostgresChecks.checkListener(listener, writer);
    }

    private OpenedDatabase listeningOn(DataSource listener) {
        return new OpenedDatabase(dialect, writer, turn, reader, clock, guard, pools, anchor, listener);
    }

    private static void refuseOthers(DataSource given) {
        try (Connection connection = given.getConnection()) {
            if (Database.of(connection) == Database.SQLITE) {
                throw new StoreException.Misconfigured(
                        "A SQLite store must set up its connections itself. Open it by its"
                                + " URL, jdbc:sqlite:<path>, instead of by a data source");
            }
        } catch (MigrationException e) {
            throw new StoreException.Misconfigured(String.valueOf(e.getMessage()), e);
        } catch (SQLException e) {
            throw PostgresOpener.atOpening(e, "the data source");
        }
    }

    /** Closes what was opened; what does not close cleanly is only logged. */
    public void close() {
        pools.forEach(HikariDataSource::close);
        try {
            anchor.close();
        } catch (Exception e) {
            log.debug("The last connection did not close cleanly", e);
        }
    }
}
