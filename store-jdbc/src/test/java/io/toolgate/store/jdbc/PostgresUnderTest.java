package io.toolgate.store.jdbc;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** The store on PostgreSQL, for the contract. Time passes by moving every time in every row back. */
final class PostgresUnderTest extends JdbcUnderTest {
    private final Connection past;
    private final Supplier<JdbcIdempotencyStore.Builder> how;

    /**
     * An empty store, opened as {@code how} says; {@code past} leads to the same database past the store, for all
     * tests.
     */
    PostgresUnderTest(Connection past, Supplier<JdbcIdempotencyStore.Builder> how) {
        this.past = past;
        this.how = how;
        TestSql.run(past, TestPostgres.CLEARING);
    }

    @Override
    JdbcIdempotencyStore.Builder builder() {
        return how.get();
    }

    @Override
    public void advance(Duration step) {
        TestSql.run(past, Backend.shifts("- INTERVAL '" + step.toMillis() + " milliseconds'"));
    }

    @Override
    public List<IdempotencyRecord> dump() {
        return dump(past, Dialect.POSTGRESQL, "statement_timestamp()");
    }

    @Override
    void run(String... statements) {
        TestSql.run(past, statements);
    }

    @Override
    List<String> query(String sql) {
        return TestSql.rows(past, sql);
    }
}
