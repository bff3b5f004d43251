package io.toolgate.scenarios;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteProcessesIT extends Processes {
    @TempDir
    static Path folder;

    @Override
    String url() {
        return "jdbc:sqlite:" + folder.resolve("toolgate.db");
    }
}
