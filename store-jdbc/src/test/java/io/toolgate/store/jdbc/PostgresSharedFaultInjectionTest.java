package io.toolgate.store.jdbc;

/** The same with every write sent as a shared commit. */
class PostgresSharedFaultInjectionTest extends PostgresFaultInjectionTest {
    @Override
    JdbcIdempotencyStore.Builder configured(JdbcIdempotencyStore.Builder builder) {
        return builder.everythingShared();
    }
}
