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
}
