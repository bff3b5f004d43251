package io.toolgate.store.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteTransactionTest extends TransactionRules {
    @TempDir
    Path directory;

    @Override
    Backend openBackend() {
        return Backend.sqlite(directory);
    }

    /**
     * Not commit, after which the driver begins another transaction at once, and would report its trouble as the
     * commit's.
     */
    @Override
    String callThatCommits() {
        return "setAutoCommit";
    }

    @Override
    boolean survivesAFailedStatement() {
        return true;
    }
}
