package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Rows;
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
    private boolean hasTable;

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

    /** Statements past the stores. */
    abstract void run(String... statements);

    /** A query past the stores, whose rows' columns are joined by a bar. */
    abstract List<String> query(String sql);

    @Override
    public final Rows<?> row(String text) {
        if (!hasTable) {
            run("CREATE TABLE IF NOT EXISTS contract_row (text varchar(100))", "DELETE FROM contract_row");
            hasTable = true;
        }
        return new Rows<>(Connection.class, connection -> {
            try (var statement = connection.prepareStatement("INSERT INTO contract_row VALUES (?)")) {
                statement.setString(1, text);
                int unused = statement.executeUpdate();
            }
        });
    }

    @Override
    public final List<String> rows() {
        return hasTable ? query("SELECT text FROM contract_row") : List.of();
    }

    /** Hints come for what the same store did only. */
    @Override
    public final Set<Capability> capabilities() {
        return Set.of(Capability.WRITES_ROWS);
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
