package io.toolgate.store.jdbc;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.contract.ManualClock;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The store on a SQLite file, for the contract, with a clock that moves when the contract says so. */
final class SqliteUnderTest extends JdbcUnderTest {
    private final String url;
    private final boolean everythingShared;
    private final ManualClock clock = new ManualClock();

    /** A new store in {@code file}. */
    SqliteUnderTest(Path file) {
        this(file, false);
    }

    /** A new store in {@code file}, all of whose writes share commits, or only those that come together. */
    SqliteUnderTest(Path file, boolean everythingShared) {
        this.url = TestSqlite.installed(file);
        this.everythingShared = everythingShared;
    }

    @Override
    JdbcIdempotencyStore.Builder builder() {
        JdbcIdempotencyStore.Builder builder =
                JdbcIdempotencyStore.builder(url).migrate(false).clock(clock::millis);
        return everythingShared ? builder.everythingShared() : builder;
    }

    @Override
    public void advance(Duration step) {
        clock.advance(step);
    }

    @Override
    public List<IdempotencyRecord> dump() {
        try (Connection connection = DriverManager.getConnection(url)) {
            return dump(connection, Dialect.SQLITE, Long.toString(clock.millis()));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public Optional<Instant> standingClock() {
        return Optional.of(clock.instant());
    }

    @Override
    void run(String... statements) {
        try (Connection connection = DriverManager.getConnection(url)) {
            TestSql.run(connection, statements);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    List<String> query(String sql) {
        try (Connection connection = DriverManager.getConnection(url)) {
            return TestSql.rows(connection, sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
