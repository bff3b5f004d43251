package io.toolgate.store.jdbc;

import io.toolgate.store.contract.IdempotencyStoreContract;
import io.toolgate.store.contract.StoreUnderTest;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

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
        return new PostgresUnderTest(database);
    }
}
