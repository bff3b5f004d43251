package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.sqlite.SQLiteDataSource;

/** One database of either kind, for tests that say the same of both. */
public interface Backend extends AutoCloseable {
    /** A store on it, not opened yet. */
    JdbcIdempotencyStore.Builder builder();

    /** The database itself, past the store. */
    DataSource dataSource();

    /** The same for statements of a moment, which a test makes many of. */
    default DataSource pooled() {
        return dataSource();
    }

    /** An error as its driver throws it when the way to the database breaks. */
    SQLException brokenConnection();

    /** An error as its driver throws it when a statement was certainly rolled back. */
    SQLException aborted();

    /** Moves every time in every row back. */
    void advance(Duration step);

    @Override
    void close();

    default void run(String... statements) {
        TestSql.run(pooled(), statements);
    }

    /** The rows of a query, their columns joined by a bar. */
    default List<String> rows(String query) {
        return TestSql.rows(pooled(), query);
    }

    default String one(String query) {
        List<String> rows = rows(query);
        if (rows.size() != 1) {
            throw new AssertionError("one row expected of " + query + ", got " + rows);
        }
        return rows.get(0);
    }

    /** The one database on the test server that all such tests share, one after another; emptied. */
    public static Backend postgres() {
        return postgres(TestPostgres.shared());
    }

    /** {@code database}, emptied. */
    public static Backend postgres(TestDatabase database) {
        TestPostgres.clear(database);
        return new Backend() {
            @Override
            public JdbcIdempotencyStore.Builder builder() {
                return JdbcIdempotencyStore.builder(database.url()).poolSize(2);
            }

            @Override
            public DataSource dataSource() {
                return database.dataSource();
            }

            @Override
            public DataSource pooled() {
                return TestPostgres.pooled(database);
            }

            @Override
            public SQLException brokenConnection() {
                return new SQLException("An I/O error occurred while sending to the backend.", "08006");
            }

            @Override
            public SQLException aborted() {
                return new SQLException("could not serialize access", "40001");
            }

            @Override
            public void advance(Duration step) {
                shift(this, "- INTERVAL '" + step.toMillis() + " milliseconds'");
            }

            @Override
            public void close() {}
        };
    }

    /** The file {@code store.db} in {@code directory}. */
    public static Backend sqlite(Path directory) {
        Path file = directory.resolve("store.db");
        String url = TestSqlite.installed(file);
        SQLiteDataSource dataSource = new SQLiteDataSource();
        dataSource.setUrl(url);
        return new Backend() {
            @Override
            public JdbcIdempotencyStore.Builder builder() {
                return JdbcIdempotencyStore.builder(url).migrate(false);
            }

            @Override
            public DataSource dataSource() {
                return dataSource;
            }

            @Override
            public SQLException brokenConnection() {
                return new org.sqlite.SQLiteException("disk I/O error", org.sqlite.SQLiteErrorCode.SQLITE_IOERR_FSYNC);
            }

            @Override
            public SQLException aborted() {
                return new org.sqlite.SQLiteException("busy", org.sqlite.SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT);
            }

            @Override
            public void advance(Duration step) {
                shift(this, "- " + step.toMillis());
            }

            @Override
            public void close() {}
        };
    }

    private static void shift(Backend backend, String by) {
        backend.run(shifts(by));
    }

    /** Statements that move every time in every row. */
    public static String[] shifts(String by) {
        return new String[] {
            shift("tg_idempotency", by, "lease_until", "created_at", "updated_at", "expires_at"),
            shift("tg_idempotency_checkpoint", by, "record_created_at", "written_at"),
            shift(
                    "tg_idempotency_history",
                    by,
                    "decided_at",
                    "forget_at",
                    "lease_until",
                    "created_at",
                    "updated_at",
                    "expires_at"),
            shift("tg_idempotency_journal", by, "at", "lease_until", "previous_lease_until")
        };
    }

    private static String shift(String table, String by, String... columns) {
        return Stream.of(columns)
                .map(column -> column + " = " + column + " " + by)
                .collect(Collectors.joining(", ", "UPDATE " + table + " SET ", ""));
    }
}
