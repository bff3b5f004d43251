package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.store.contract.IdempotencyStoreContract;
import io.toolgate.store.contract.StoreUnderTest;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The contract with a commit for each write, on a data source of the caller's. */
class PostgresContractTest extends IdempotencyStoreContract {
    private static TestDatabase database;
    private static Connection past;
    private static HikariDataSource pool;

    @BeforeAll
    static void createDatabase() throws SQLException {
        database = TestPostgres.migrated();
        past = database.dataSource().getConnection();
        HikariConfig config = new HikariConfig();
        config.setDataSource(database.dataSource());
        config.setMaximumPoolSize(8);
        pool = new HikariDataSource(config);
    }

    @AfterAll
    static void dropDatabase() throws SQLException {
        assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                .as("connections not given back by closed stores")
                .isZero();
        pool.close();
        past.close();
        database.drop();
    }

    private PostgresUnderTest tested;

    @Override
    protected StoreUnderTest newStore() {
        tested = new PostgresUnderTest(past, () -> configured(JdbcIdempotencyStore.builder(pool)));
        return tested;
    }

    JdbcIdempotencyStore.Builder configured(JdbcIdempotencyStore.Builder builder) {
        return builder.groupCommit(false);
    }

    /** The index of records without their result is by a column that each statement has to keep. */
    @AfterEach
    void theColumnOfUnavailableResultsIsTrue() throws SQLException {
        try (var statement = past.createStatement();
                var wrong = statement.executeQuery("SELECT count(*) FROM tg_idempotency"
                        + " WHERE result_unavailable <> (status = 'COMPLETED' AND failure_code IS NOT NULL)")) {
            assertThat(wrong.next()).isTrue();
            assertThat(wrong.getLong(1))
                    .as("records of which result_unavailable is not true")
                    .isZero();
        }
    }

    @AfterEach
    void allConnectionsAreBack() {
        assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                .as("connections not given back, but for the one that each open store keeps for heartbeats")
                .isLessThanOrEqualTo(tested.opened());
    }
}
