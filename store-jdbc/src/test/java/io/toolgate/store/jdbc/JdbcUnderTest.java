package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.contract.StoreUnderTest;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The store on one database, for the contract. */
abstract class JdbcUnderTest implements StoreUnderTest {
    private final List<JdbcIdempotencyStore> stores = new ArrayList<>();

    /** A store on the database, not opened yet. */
    abstract JdbcIdempotencyStore.Builder builder();

    @Override
    public final IdempotencyStore open() {
        JdbcIdempotencyStore store = builder().open();
        stores.add(store);
        return store;
    }

    /** How many stores were opened. */
    final int opened() {
        return stores.size();
    }

    /** All records, read at the time that the SQL expression {@code readAt} says. */
    static List<IdempotencyRecord> dump(Connection connection, Dialect dialect, String readAt) {
        RecordMapper mapper = new RecordMapper(dialect);
        List<IdempotencyRecord> records = new ArrayList<>();
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT *, " + readAt + " AS read_at FROM tg_idempotency")) {
            while (row.next()) {
                records.add(mapper.read(row));
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return records;
    }

    /** Hints come for what the same store did only. */
    @Override
    public final Set<Capability> capabilities() {
        return Set.of();
    }

    @Override
    public final void check() {
        assertThat(stores)
                .allSatisfy(store -> assertThat(store.activeConnections())
                        .as("connections not given back")
                        .isZero());
    }

    @Override
    public final void close() {
        stores.forEach(JdbcIdempotencyStore::close);
    }
}
