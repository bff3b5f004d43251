package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresFaultInjectionTest extends FaultInjectionRules {
    private static TestDatabase own;

    @BeforeAll
    static void createDatabase() {
        own = TestPostgres.migrated();
    }

    @AfterAll
    static void dropDatabase() {
        own.drop();
    }

    @Override
    Backend openBackend() {
        return Backend.postgres(own);
    }
}
