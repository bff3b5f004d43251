package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/**
 * Connections to one SQLite file with durable settings: WAL, a flush to disk at every commit, transactions that take
 * the write lock before they read. None creates the file; a later connection checks that it leads to the file that the
 * store was opened with.
 */
public final class SqliteConnections extends SQLiteDataSource {
    /**
     * Short, because SQLite's own wait has no jitter and starves unlucky processes; the store waits between its tries.
     */
    private static final Duration BUSY_TIMEOUT = Duration.ofMillis(100);

    /** An installation waits for another one, which holds the lock for a whole migration. */
    private static final Duration INSTALLING_BUSY_TIMEOUT = Duration.ofSeconds(10);

    private static final int WRITERS_CACHE_KIB = 16_384;

    private final String path;
    private final @Nullable SqliteFile expected;
    private final Set<String> texts;

    private SqliteConnections(String path, SQLiteConfig config, @Nullable SqliteFile expected, Set<String> texts) {
        super(config);
        this.path = path;
        this.expected = expected;
        this.texts = texts;
        setUrl("jdbc:sqlite:" + path);
    }

    /** Returns connections for an installation, to a file that is there and may be empty. */
    public static SqliteConnections installing(String path) {
        SQLiteConfig config = config(INSTALLING_BUSY_TIMEOUT);
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        return new SqliteConnections(path, config, null, Set.of());
    }

    /** Returns connections for an open store. */
    public static SqliteConnections to(SqliteFile file) {
        return to(file, config(BUSY_TIMEOUT));
    }

    /**
     * As {@link #to}, for a write that is not tried again: it waits for other writers as long as an installation does.
     */
    public static SqliteConnections patient(SqliteFile file) {
        return to(file, config(INSTALLING_BUSY_TIMEOUT));
    }

    /** As {@link #to}, for the writer: with a cache for the pages of the index, which writes touch in random order. */
    public static SqliteConnections writing(SqliteFile file) {
        SQLiteConfig config = config(BUSY_TIMEOUT);
        config.setCacheSize(-WRITERS_CACHE_KIB);
        return to(file, config);
    }

    private static SqliteConnections to(SqliteFile file, SQLiteConfig config) {
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        return new SqliteConnections(file.path().toString(), config, file, SqlRunner.texts(Dialect.SQLITE));
    }

    private static SQLiteConfig config(Duration busyTimeout) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setBusyTimeout((int) busyTimeout.toMillis());
        return config;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return getConnection(null, null);
    }

    @Override
    public SQLiteConnection getConnection(@Nullable String user, @Nullable String password) throws SQLException {
        // Before, because a connection without a log beside the file begins one; after, because it leads to what is
        // there then.
        refuseAnother();
        SQLiteConnection connection = new StatementCache(path, getConfig().toProperties(), texts);
        boolean same = false;
        try {
            refuseAnother();
            same = true;
        } finally {
            if (!same) {
                connection.close();
            }
        }
        return connection;
    }

    private void refuseAnother() throws SQLException {
        String problem = expected == null ? null : expected.connectionProblem();
        if (problem != null) {
            throw new SQLException(problem);
        }
    }

    /** Returns connections that read the file itself, without its log and without a lock, whatever writes to it. */
    public static SqliteConnections withoutLog(Path path) {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        return new SqliteConnections("file:" + path.toUri().getRawPath() + "?immutable=1", config, null, Set.of());
    }

    /** Returns connections that read a file as it is, and do not give it a log if it has none. */
    public static SqliteConnections asItIs(Path path) {
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setBusyTimeout((int) INSTALLING_BUSY_TIMEOUT.toMillis());
        return new SqliteConnections(path.toString(), config, null, Set.of());
    }

    /**
     * Whether a connection to the file is open, of any process and by any name and with any log. Takes the lock that
     * excludes all others, for a moment, and writes nothing. If SQLite does not say, the next to open the file is told.
     */
    public static boolean isInUse(Path path) {
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setBusyTimeout(0);
        // In this mode SQLite reads a file with a log only with that lock.
        config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
        SqliteConnections connections = new SqliteConnections(path.toString(), config, null, Set.of());
        try (Connection connection = connections.getConnection()) {
            return SqlRunner.first(connection, SqlFiles.load("sqlite_file/read_anything.sql"), row -> false);
        } catch (SQLException e) {
            return e instanceof SQLiteException sqlite && SqlErrorKind.isLockedFile(sqlite);
        }
    }
}
