package io.toolgate.store.jdbc;

import io.toolgate.store.contract.IdempotencyStoreContract;
import io.toolgate.store.contract.StoreUnderTest;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract with a commit for each write. */
class PostgresContractTest extends IdempotencyStoreContract {
    private static TestDatabase database;

    @BeforeAll
    static void createDatabase() {
        database = TestPostgres.migrated();
    }

    @AfterAll
    static void dropDatabase() {
        database.drop();
    }

    @Override
    protected StoreUnderTest newStore() {
        return new PostgresUnderTest(database, this::configured);
    }

    /** How the store is opened. */
    JdbcIdempotencyStore.Builder configured(JdbcIdempotencyStore.Builder builder) {
        return builder.groupCommit(false);
    }
}
