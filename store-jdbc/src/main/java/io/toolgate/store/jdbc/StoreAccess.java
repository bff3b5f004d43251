package io.toolgate.store.jdbc;

import io.toolgate.migrations.Database;
import io.toolgate.migrations.MigrationException;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.open.OptionalLibrary;
import io.toolgate.store.jdbc.internal.open.PostgresOpener;
import io.toolgate.store.jdbc.internal.open.SqliteInstallation;
import io.toolgate.store.jdbc.internal.open.StoreSettings;
import io.toolgate.store.jdbc.internal.open.StoreUrl;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sqlite.BootClock;
import io.toolgate.store.jdbc.internal.sqlite.NativeLibrary;
import io.toolgate.store.jdbc.internal.sqlite.SqlitePlace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.sqlite.Function;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteOpenMode;

/**
 * Access to a store's database for tools that read it with statements of their own, such as the command line. It opens
 * no pool and never creates a SQLite file. Of the checks of an opening store it makes those of a SQLite file's place,
 * names and log, without which a tool would harm a store that runs. Immutable.
 */
public final class StoreAccess {
    /** Long enough to wait for a process that installs or migrates the file. */
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(10);

    /** Long enough for a process that opens or closes the file. */
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(1);

    private final StoreUrl url;
    private final DataSource connections;

    private StoreAccess(StoreUrl url, DataSource connections) {
        this.url = url;
        this.connections = connections;
    }

    /**
     * The database behind a URL such as {@link JdbcIdempotencyStore#open(String)} takes. A SQLite file is checked;
     * nothing else is connected to yet.
     *
     * @param user null to leave it to the URL
     * @param password null to leave it to the URL
     * @throws StoreException.Misconfigured if the URL leads nowhere, or to a SQLite file that does not exist, or
     *     that no store could use at its place or by its names, or whose log is not the one that its processes use; or
     *     if SQLite's native library cannot be loaded
     */
    public static StoreAccess to(String url, @Nullable String user, @Nullable String password) {
        StoreUrl parsed = StoreUrl.parse(url);
        if (parsed.file() == null) {
            return new StoreAccess(parsed, postgresql(parsed, user, password));
        }
        StoreSettings.defaults(user, password).refuseOnSqlite();
        OptionalLibrary.SQLITE_DRIVER.require(parsed.redacted());
        return new StoreAccess(parsed, sqlite(parsed.file()));
    }

    /** Which database it is. */
    public Database database() {
        return url.dialect() == Dialect.SQLITE ? Database.SQLITE : Database.POSTGRESQL;
    }

    /** The URL, without its secrets. */
    public String name() {
        return url.redacted();
    }

    /** Plain connections with autocommit on, each opened when it is asked for. */
    public DataSource connections() {
        return connections;
    }

    /**
     * A Jdbi for the caller's own statements. On SQLite they have the function
     * {@code tg_record_id(tenant, action, key)} that the schema brings on PostgreSQL. Its exceptions do not show bound
     * values.
     */
    public Jdbi jdbi() {
        return SqlRunner.jdbi(connections);
    }

    /**
     * The time by which a SQLite store makes and judges leases, without writing anything to it: after a boot that the
     * store has not seen yet, the time that it would begin with.
     *
     * @throws IllegalStateException for other databases, whose statements know the time themselves
     */
    public Instant sqliteNow() {
        if (url.dialect() != Dialect.SQLITE) {
            throw new IllegalStateException(
                    "only SQLite stores have a clock of their own; read the server's time in the statement that needs"
                            + " it");
        }
        try {
            return Instant.ofEpochMilli(BootClock.openReadOnly(connections).nowMillis());
        } catch (SQLException e) {
            throw explain(e);
        }
    }

    /** Translates an error from {@link #connections()} or {@link #jdbi()} into one that says what to do. */
    public StoreException explain(SQLException e) {
        return url.file() == null ? PostgresOpener.atOpening(e, name()) : SqliteInstallation.unusable(url.file(), e);
    }

    /**
     * As {@link #explain(SQLException)}; other exceptions than those that stand for an SQL error are thrown as they
     * are.
     */
    public StoreException explain(JdbiException e) {
        SQLException cause = RetryLoop.sqlCause(e);
        if (cause == null) {
            throw e;
        }
        return explain(cause);
    }

    /**
     * Adds to an error of the migrations what the database's part in it means, and what to do; one without such a part,
     * or on SQLite, is thrown as it is.
     */
    public StoreException explain(MigrationException e) {
        SQLException cause = RetryLoop.sqlCause(e);
        if (cause == null || url.file() != null) {
            throw e;
        }
        return PostgresOpener.atMigrating(cause, e, name());
    }

    private static DataSource postgresql(StoreUrl url, @Nullable String user, @Nullable String password) {
        // Without a time limit: reading a large table may take long, and an operator can stop it.
        return new PostgresOpener(StoreSettings.defaults(user, password)).driver(url, false);
    }

    private static DataSource sqlite(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new StoreException.Misconfigured(
                    "There is no SQLite store at " + file + ". Check the path, or create a store there first");
        }
        SqlitePlace.checkForReading(file);
        NativeLibrary.load();
        SqliteInstallation.checkLog(file, LOG_PATIENCE);
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        // A transaction that only reads must not take the lock of those that write.
        config.setTransactionMode(SQLiteConfig.TransactionMode.DEFERRED);
        config.setBusyTimeout((int) BUSY_TIMEOUT.toMillis());
        SQLiteDataSource dataSource = new SQLiteDataSource(config) {
            @Override
            public Connection getConnection() throws SQLException {
                Connection connection = super.getConnection();
                Function.create(connection, "tg_record_id", new RecordIdFunction(), 3, Function.FLAG_DETERMINISTIC);
                return connection;
            }
        };
        dataSource.setUrl("jdbc:sqlite:" + file);
        return dataSource;
    }

    /** What PostgreSQL's {@code tg_record_id} computes; NULL for texts that no record can have. */
    private static final class RecordIdFunction extends Function {
        @Override
        protected void xFunc() throws SQLException {
            byte[] id = id(value_text(0), value_text(1), value_text(2));
            if (id == null) {
                result();
            } else {
                result(id);
            }
        }

        private static byte @Nullable [] id(@Nullable String tenant, @Nullable String action, @Nullable String key) {
            if (tenant == null || action == null || key == null) {
                return null;
            }
            try {
                UUID id = RecordId.of(tenant, action, key).toUuid();
                return Dialect.bytes(id);
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
    }
}
