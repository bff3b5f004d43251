package io.toolgate.store.jdbc;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class SqliteRowTest extends RowRules {
    @TempDir
    Path directory;

    @Override
    Backend openBackend() {
        return Backend.sqlite(directory);
    }

    @Override
    List<String> withoutChecks(String spoil) {
        return List.of("PRAGMA ignore_check_constraints = ON", spoil);
    }

    @Override
    String[] refuseResults() {
        return new String[] {
            "CREATE TRIGGER no_results BEFORE UPDATE ON tg_idempotency WHEN new.result IS NOT NULL"
                    + " BEGIN SELECT raise(ABORT, 'no results here'); END"
        };
    }
}
