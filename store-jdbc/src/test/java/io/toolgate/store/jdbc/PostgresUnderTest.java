package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.contract.StoreUnderTest;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The store on PostgreSQL, for the contract. Time passes by moving every time in every row back. */
final class PostgresUnderTest implements StoreUnderTest {
    private final Connection past;
    private final Supplier<JdbcIdempotencyStore.Builder> how;
    private final List<JdbcIdempotencyStore> stores = new ArrayList<>();

    /**
     * An empty store, opened as {@code how} says; {@code past} leads to the same database past the store, for all
     * tests.
     */
    PostgresUnderTest(Connection past, Supplier<JdbcIdempotencyStore.Builder> how) {
        this.past = past;
        this.how = how;
        run(TestPostgres.CLEARING);
    }

    private void run(String sql) {
        try (var statement = past.createStatement()) {
            boolean unused = statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public IdempotencyStore open() {
        JdbcIdempotencyStore store = how.get().open();
        stores.add(store);
        return store;
    }

    @Override
    public void advance(Duration step) {
        for (String sql : Backend.shifts("- INTERVAL '" + step.toMillis() + " milliseconds'")) {
            run(sql);
        }
    }

    @Override
    public List<IdempotencyRecord> dump() {
        RecordMapper reader = new RecordMapper(Dialect.POSTGRESQL);
        List<IdempotencyRecord> records = new ArrayList<>();
        try (var statement = past.createStatement();
                var row = statement.executeQuery("SELECT *, statement_timestamp() AS read_at FROM tg_idempotency")) {
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
