package io.toolgate.store.jdbc;

/** The same with every write sent as a shared commit. */
class PostgresSharedContractTest extends PostgresContractTest {
    @Override
    JdbcIdempotencyStore.Builder configured(JdbcIdempotencyStore.Builder builder) {
        return builder.everythingShared();
    }
}
