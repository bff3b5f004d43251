package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.contract.ManualClock;
import io.toolgate.store.contract.StoreUnderTest;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.sqlite.SQLiteDataSource;

/** The store on a SQLite file, for the contract, with a clock that moves when the contract says so. */
final class SqliteUnderTest implements StoreUnderTest {
    private final Path file;
    private final boolean everythingShared;
    private final ManualClock clock = new ManualClock();
    private final List<JdbcIdempotencyStore> stores = new ArrayList<>();

    /** A new store in {@code file}. */
    SqliteUnderTest(Path file) {
        this(file, false);
    }

    /** A new store in {@code file}, all of whose writes share commits, or only those that come together. */
    SqliteUnderTest(Path file, boolean everythingShared) {
        this.file = file;
        this.everythingShared = everythingShared;
        String unused = TestSqlite.installed(file);
    }

    @Override
    public IdempotencyStore open() {
        JdbcIdempotencyStore.Builder builder =
                JdbcIdempotencyStore.builder("jdbc:sqlite:" + file).clock(clock::millis);
        JdbcIdempotencyStore store = (everythingShared ? builder.everythingShared() : builder).open();
        stores.add(store);
        return store;
    }

    @Override
    public void advance(Duration step) {
        clock.advance(step);
    }

    @Override
    public List<IdempotencyRecord> dump() {
        SQLiteDataSource dataSource = new SQLiteDataSource();
        dataSource.setUrl("jdbc:sqlite:" + file);
        RecordMapper reader = new RecordMapper(Dialect.SQLITE);
        List<IdempotencyRecord> records = new ArrayList<>();
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT *, " + clock.millis() + " AS read_at FROM tg_idempotency")) {
            while (row.next()) {
                records.add(reader.read(row));
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return records;
    }

    /** Hints come for what the same store did only. */
    @Override
    public Set<Capability> capabilities() {
        return Set.of();
    }

    @Override
    public Optional<Instant> standingClock() {
        return Optional.of(clock.instant());
    }

    @Override
    public void check() {
        assertThat(stores)
                .allSatisfy(store -> assertThat(store.activeConnections())
                        .as("connections not given back")
                        .isZero());
    }

    @Override
    public void close() {
        stores.forEach(JdbcIdempotencyStore::close);
    }
}
