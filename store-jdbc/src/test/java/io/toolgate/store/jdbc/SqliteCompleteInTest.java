package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.Lease;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

class SqliteCompleteInTest extends CompleteInRules {
    @TempDir
    Path directory;

    @Override
    Backend openBackend() {
        return Backend.sqlite(directory);
    }

    /** A copy: even its store_id is the same. */
    @Override
    DataSource elsewhere() {
        Path copy = directory.resolve("copy.db");
        try {
            Path unused = Files.copy(directory.resolve("store.db"), copy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SQLiteDataSource dataSource = new SQLiteDataSource();
        dataSource.setUrl("jdbc:sqlite:" + copy);
        return dataSource;
    }

    @Test
    @Rule(3)
    void aConnectionThatDoesNotFlushItsCommitsIsRefused() throws SQLException {
        SQLiteConfig lazy = new SQLiteConfig();
        lazy.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        SQLiteDataSource dataSource = new SQLiteDataSource(lazy);
        Backend backend = Backend.sqlite(directory);
        dataSource.setUrl("jdbc:sqlite:" + directory.resolve("store.db"));
        try (JdbcIdempotencyStore store = backend.builder().open();
                Connection connection = dataSource.getConnection()) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> store.completeIn(connection, lease, TestRequests.result("paid"), null))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("synchronous=FULL");
            connection.rollback();
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
    }

    /** Its connection writes to one of two logs, and the other processes may use the other. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(1)
    void aResultIsNotWrittenWhereTheLogWasExchanged(boolean connectedBefore) throws Exception {
        Backend backend = Backend.sqlite(directory);
        Path log = directory.resolve("store.db-wal");
        Path kept = directory.resolve("kept");
        try (JdbcIdempotencyStore store = backend.builder().open()) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            Connection early = connectedBefore ? backend.dataSource().getConnection() : null;
            Files.move(log, kept);
            Path unused = Files.createFile(log);
            try (Connection connection = early == null ? backend.dataSource().getConnection() : early) {
                connection.setAutoCommit(false);
                assertThatThrownBy(() -> store.completeIn(connection, lease, TestRequests.result("paid"), null))
                        .isInstanceOf(StoreException.Misconfigured.class)
                        .hasMessageContaining("store.db-wal was replaced by another file");
                connection.rollback();
                Files.move(kept, log, StandardCopyOption.REPLACE_EXISTING);
            }
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
    }
}
