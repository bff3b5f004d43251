package io.toolgate.store.jdbc;

import io.toolgate.store.contract.IdempotencyStoreContract;
import io.toolgate.store.contract.StoreUnderTest;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract with every write sent as a shared commit, by URL. */
class PostgresSharedContractTest extends IdempotencyStoreContract {
    private static TestDatabase database;
    private static Connection past;

    @BeforeAll
    static void createDatabase() throws SQLException {
        database = TestPostgres.migrated();
        past = database.dataSource().getConnection();
    }

    @AfterAll
    static void dropDatabase() throws SQLException {
        past.close();
        database.drop();
    }

    @Override
    protected StoreUnderTest newStore() {
        return new PostgresUnderTest(
                past,
                () -> JdbcIdempotencyStore.builder(database.url()).poolSize(4).everythingShared());
    }
}
