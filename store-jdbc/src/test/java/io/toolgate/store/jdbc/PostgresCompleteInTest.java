package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;

class PostgresCompleteInTest extends CompleteInRules {
    private TestDatabase other;

    @Override
    Backend openBackend() {
        return Backend.postgres();
    }

    /** A copy: even its store_id is the same. */
    @Override
    DataSource elsewhere() {
        other = TestPostgres.migrated();
        return other.dataSource();
    }

    @AfterEach
    void drop() {
        if (other != null) {
            other.drop();
        }
    }
}
