package io.toolgate.store.jdbc;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;

/** Broken calls, with every write in a commit that could be shared. */
class SqliteSharedFaultInjectionTest extends FaultInjectionRules {
    @TempDir
    Path directory;

    @Override
    Backend openBackend() {
        Backend backend = Backend.sqlite(directory);
        return new Backend() {
            @Override
            public JdbcIdempotencyStore.Builder builder() {
                return backend.builder().everythingShared();
            }

            @Override
            public DataSource dataSource() {
                return backend.dataSource();
            }

            @Override
            public SQLException brokenConnection() {
                return backend.brokenConnection();
            }

            @Override
            public SQLException aborted() {
                return backend.aborted();
            }

            @Override
            public void advance(Duration step) {
                backend.advance(step);
            }

            @Override
            public void close() {
                backend.close();
            }
        };
    }
}
