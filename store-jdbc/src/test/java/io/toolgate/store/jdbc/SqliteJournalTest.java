package io.toolgate.store.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalTest extends JournalRules {
    @TempDir
    Path directory;

    @Override
    Backend openBackend() {
        return Backend.sqlite(directory);
    }

    @Override
    String refuseRows() {
        return "CREATE TRIGGER no_rows BEFORE INSERT ON tg_idempotency_journal"
                + " BEGIN SELECT raise(ABORT, 'no rows here'); END";
    }

    @Override
    String takeRowsAgain() {
        return "DROP TRIGGER no_rows";
    }
}
