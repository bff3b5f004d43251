package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import org.junit.jupiter.api.AutoClose;

/** The same with every write sent as a shared commit. */
class PostgresSharedFaultInjectionTest extends FaultInjectionRules {
    @AutoClose("drop")
    private static final TestDatabase OWN = TestPostgres.migrated();

    @Override
    Backend openBackend() {
        return Backend.postgres(OWN);
    }

    @Override
    JdbcIdempotencyStore.Builder heartbeating() {
        return JdbcIdempotencyStore.builder(faults.wrap(TestPostgres.pooled(OWN)));
    }

    @Override
    JdbcIdempotencyStore.Builder configured(JdbcIdempotencyStore.Builder builder) {
        return builder.everythingShared();
    }
}
