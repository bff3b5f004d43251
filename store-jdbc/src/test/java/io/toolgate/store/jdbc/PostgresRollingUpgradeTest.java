package io.toolgate.store.jdbc;

import io.toolgate.migrations.Database;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;

class PostgresRollingUpgradeTest extends RollingUpgradeRules {
    private final TestDatabase database = version1();

    private static TestDatabase version1() {
        TestDatabase database = TestPostgres.empty();
        database.run(ToolGateMigrations.sql(Database.POSTGRESQL).get(0).sql());
        return database;
    }

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
    Database database() {
        return Database.POSTGRESQL;
    }

    @Override
    void run(String sql) {
        database.run(sql);
    }

    @Override
    void advance(Duration step) {
        database.run(Backend.shifts("- INTERVAL '" + step.toMillis() + " milliseconds'")[0]);
    }
}
