package io.toolgate.store.jdbc;

/** The same with every write sent as a shared commit. */
class SqliteSharedFaultInjectionTest extends SqliteFaultInjectionTest {
    @Override
    JdbcIdempotencyStore.Builder configured(JdbcIdempotencyStore.Builder builder) {
        return builder.everythingShared();
    }
}
