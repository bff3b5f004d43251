package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;

class PostgresRollingUpgradeTest extends RollingUpgradeRules {
    private final TestDatabase database = TestPostgres.migrated();

    @AfterEach
    void drop() {
        database.abandon();
    }

    @Override
    JdbcIdempotencyStore.Builder builder() {
        return JdbcIdempotencyStore.builder(database.url()).poolSize(4);
    }

    @Override
    DataSource dataSource() {
        return database.dataSource();
    }

    @Override
    void run(String sql) {
        database.run(sql);
    }
}
