package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresJournalTest extends JournalRules {
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

    @Override
    String refuseRows() {
        return "ALTER TABLE tg_idempotency_journal ADD CONSTRAINT no_rows CHECK (false) NOT VALID";
    }

    @Override
    String takeRowsAgain() {
        return "ALTER TABLE tg_idempotency_journal DROP CONSTRAINT no_rows";
    }
}
