package io.toolgate.store.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Rows that belong to a result, on SQLite. */
class SqliteStoredRowsTest extends StoredRowsRules {
    @TempDir
    Path directory;

    @Override
    Backend openBackend() {
        return Backend.sqlite(directory);
    }
}
