package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.contract.StoreUnderTest;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The store on PostgreSQL, for the contract. Time passes by moving every time in every row back. */
final class PostgresUnderTest implements StoreUnderTest {
    private final TestDatabase database;
    private final UnaryOperator<JdbcIdempotencyStore.Builder> how;
    private final List<JdbcIdempotencyStore> stores = new ArrayList<>();

    /** An empty store in {@code database}, opened as {@code how} says. */
    PostgresUnderTest(TestDatabase database, UnaryOperator<JdbcIdempotencyStore.Builder> how) {
        this.database = database;
        this.how = how;
        TestPostgres.clear(database);
    }

    @Override
    public IdempotencyStore open() {
        JdbcIdempotencyStore store = how.apply(
                        JdbcIdempotencyStore.builder(database.url()).poolSize(4))
                .open();
        stores.add(store);
        return store;
    }

    @Override
    public void advance(Duration step) {
        String interval = "INTERVAL '" + step.toMillis() + " milliseconds'";
        TestPostgres.shift(database, "- " + interval);
    }

    @Override
    public List<IdempotencyRecord> dump() {
        RecordReader reader = new RecordReader(Dialect.POSTGRESQL);
        List<IdempotencyRecord> records = new ArrayList<>();
        try (var connection = database.dataSource().getConnection();
                var statement = connection.createStatement();
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
