package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk, a busy file, and many writers. */
class SqliteTroubleTest {
    @TempDir
    Path directory;

    private Backend backend;

    @BeforeEach
    void open() {
        backend = Backend.sqlite(directory);
    }

    private static void limitPages(DataSource pool, String pages) {
        try (Connection connection = pool.getConnection();
                var statement = connection.createStatement()) {
            boolean unused = statement.execute("PRAGMA max_page_count = " + pages);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Rule(12)
    void aFullDiskBetweenEffectAndCompletionIsReportedAndLeavesNothingHalfWritten() {
        List<DataSource> pools = new ArrayList<>();
        try (JdbcIdempotencyStore store = backend.builder()
                .budget(Duration.ofMillis(400))
                .wrapper(pool -> {
                    pools.add(pool);
                    return pool;
                })
                .open()) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            // The limit is the one writer connection's own.
            limitPages(pools.get(0), "1");
            Payload large = Payload.of("bytes", new byte[500_000]);
            assertThatThrownBy(() -> store.complete(lease, large))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("It did not take effect")
                    .hasMessageContaining("SQLITE_FULL");
            assertThat(backend.one("SELECT status, version, result_codec FROM tg_idempotency"))
                    .isEqualTo("IN_PROGRESS|1|null");
            limitPages(pools.get(0), "1000000");
            assertThat(store.complete(lease, large)).isInstanceOf(Applied.class);
            assertThat(store.claim(TestRequests.hold(lease.id()))).isInstanceOf(Finished.class);
        }
    }

    @Test
    @Rule(14)
    void whileAnotherWriterLocksTheFileAClaimWaitsAndAReplayDoesNot() throws Exception {
        try (JdbcIdempotencyStore store = backend.builder().open();
                Connection blocker = backend.dataSource().getConnection();
                var statement = blocker.createStatement()) {
            Lease done = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(store.complete(done, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            int unused = statement.executeUpdate("BEGIN IMMEDIATE");
            assertThat(store.claim(TestRequests.hold(done.id()))).as("a replay").isInstanceOf(Finished.class);
            CompletableFuture<Lease> waiting = CompletableFuture.supplyAsync(
                    () -> TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId())));
            // Longer than SQLite's own patience, so that our own tries are needed.
            assertThatThrownBy(() -> waiting.get(400, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            int unused2 = statement.executeUpdate("COMMIT");
            assertThat(waiting.get(10, TimeUnit.SECONDS).fence()).isEqualTo(1);
        }
    }

    @Test
    @Rule(14)
    void aReplayThatWasExpectedToBeAClaimWritesNothingWhileTheFileIsLocked() throws Exception {
        try (JdbcIdempotencyStore store = backend.builder().open();
                Connection blocker = backend.dataSource().getConnection();
                var statement = blocker.createStatement()) {
            Lease done = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(store.complete(done, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            for (int held = 0; held < 2; held++) {
                for (int i = 0; i < 20; i++) {
                    Lease unused = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
                }
                long before = Files.size(directory.resolve("store.db-wal"));
                if (held == 1) {
                    int unused = statement.executeUpdate("BEGIN IMMEDIATE");
                }
                assertThat(store.claim(TestRequests.hold(done.id()))).isInstanceOf(Finished.class);
                assertThat(Files.size(directory.resolve("store.db-wal"))).isEqualTo(before);
            }
            int unused = statement.executeUpdate("COMMIT");
        }
    }

    @Test
    @Rule(8)
    void aFileThatStaysBusyTimesOut() throws Exception {
        try (JdbcIdempotencyStore store =
                        backend.builder().budget(Duration.ofMillis(300)).open();
                Connection blocker = backend.dataSource().getConnection();
                var statement = blocker.createStatement()) {
            int unused = statement.executeUpdate("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("It did not take effect")
                    .hasMessageContaining("SQLITE_BUSY")
                    .hasMessageContaining("do not call the store within a transaction of your own on that file");
            int unused2 = statement.executeUpdate("ROLLBACK");
        }
    }

    @Test
    @Rule(14)
    void aTransactionThatFoundTheFileBusyLeavesItsConnectionUsable() throws Exception {
        try (JdbcIdempotencyStore store = backend.builder()
                        .poolSize(1)
                        .budget(Duration.ofMillis(300))
                        .open();
                Connection blocker = backend.dataSource().getConnection();
                var statement = blocker.createStatement()) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            int unused = statement.executeUpdate("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> store.checkpoint(lease, "half-way", TestRequests.result("42")))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("SQLITE_BUSY");
            int unused2 = statement.executeUpdate("ROLLBACK");
            assertThat(store.checkpoint(lease, "half-way", TestRequests.result("42")))
                    .isInstanceOf(Applied.class);
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
    }

    @Test
    @Rule(14)
    void aTransactionalRunThatFoundTheFileBusyLeavesItsConnectionUsable() throws Exception {
        try (JdbcIdempotencyStore store =
                        backend.builder().budget(Duration.ofMillis(300)).open();
                Connection blocker = backend.dataSource().getConnection();
                var statement = blocker.createStatement()) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            int unused = statement.executeUpdate("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> store.runInTransaction(
                            TestRequests.freshId(),
                            TestRequests.fingerprint("input"),
                            handle -> TestRequests.result("paid")))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("SQLITE_BUSY");
            int unused2 = statement.executeUpdate("ROLLBACK");
            assertThat(store.heartbeat(List.of(lease), Duration.ofSeconds(10))).containsExactly(lease);
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
    }

    @Test
    @Rule(8)
    void sixteenStoresOnOneFileCompleteAllTheirWrites() throws Exception {
        List<JdbcIdempotencyStore> stores = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            for (int i = 0; i < 16; i++) {
                stores.add(backend.builder().poolSize(1).open());
            }
            List<Future<Integer>> writers = new ArrayList<>();
            for (JdbcIdempotencyStore store : stores) {
                writers.add(threads.submit(() -> {
                    int done = 0;
                    for (int i = 0; i < 20; i++) {
                        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
                        done += store.complete(lease, TestRequests.result("paid")) instanceof Applied ? 1 : 0;
                    }
                    return done;
                }));
            }
            for (Future<Integer> writer : writers) {
                assertThat(writer.get(60, TimeUnit.SECONDS)).isEqualTo(20);
            }
            assertThat(backend.one("SELECT count(*) FROM tg_idempotency WHERE status = 'COMPLETED'"))
                    .isEqualTo("320");
        } finally {
            threads.shutdown();
            stores.forEach(JdbcIdempotencyStore::close);
        }
    }

    @Test
    void theReadersCannotWrite() {
        List<DataSource> pools = new ArrayList<>();
        try (JdbcIdempotencyStore store = backend.builder()
                .wrapper(pool -> {
                    pools.add(pool);
                    return pool;
                })
                .open()) {
            assertThat(store.peek(TestRequests.freshId())).isEmpty();
            assertThatThrownBy(() -> {
                        try (Connection reader = pools.get(1).getConnection();
                                var statement = reader.createStatement()) {
                            int unused = statement.executeUpdate("DELETE FROM tg_idempotency");
                        }
                    })
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("readonly");
        }
    }
}
