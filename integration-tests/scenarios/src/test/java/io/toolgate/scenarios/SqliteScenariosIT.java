package io.toolgate.scenarios;

import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteScenariosIT extends Scenarios {
    @TempDir
    static Path folder;

    @Override
    IdempotencyStore openStore() {
        return JdbcIdempotencyStore.open("jdbc:sqlite:" + folder.resolve("toolgate.db"));
    }
}
