package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import org.junit.jupiter.api.AutoClose;

class PostgresJournalTest extends JournalRules {
    @AutoClose("drop")
    private static final TestDatabase OWN = TestPostgres.migrated();

    @Override
    Backend openBackend() {
        return Backend.postgres(OWN);
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
