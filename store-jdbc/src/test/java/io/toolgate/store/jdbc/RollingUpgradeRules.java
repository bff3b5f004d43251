package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** This library on the schema of the version after its own, and while a schema is upgraded; on either database. */
abstract class RollingUpgradeRules {
    private JdbcIdempotencyStore store;

    /** A store on a database that has the current schema; not opened yet. */
    abstract JdbcIdempotencyStore.Builder builder();

    /** The database past the store. */
    abstract DataSource dataSource();

    /** Runs a statement there. */
    abstract void run(String sql);

    /** What a next version may do under running services: a column and a table that this one does not know. */
    private void upgrade() {
        run("ALTER TABLE tg_idempotency ADD COLUMN next text");
        run("CREATE TABLE tg_idempotency_next (next text)");
        run("UPDATE tg_store_info SET schema_version = 2");
    }

    @BeforeEach
    void open() {
        store = builder().open();
    }

    @AfterEach
    void close() {
        assertThat(store.activeConnections()).isZero();
        store.close();
    }

    @Test
    void aSchemaOneVersionAheadIsAcceptedAndTwoAheadRefused() {
        upgrade();
        for (boolean migrate : new boolean[] {true, false}) {
            try (JdbcIdempotencyStore newer = builder().migrate(migrate).open()) {
                Lease lease = TestRequests.acquired(newer, TestRequests.take(TestRequests.freshId()));
                assertThat(newer.checkpoint(lease, "sent", TestRequests.result("1")))
                        .isInstanceOf(Applied.class);
            }
        }
        run("UPDATE tg_store_info SET schema_version = 3");
        assertThatThrownBy(() -> builder().open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("has version 3");
    }

    /**
     * Threads run keys one after another, while the schema is upgraded and the journal switched on and off under them.
     */
    @Test
    void anUpgradeUnderLoadBlocksNoCallAndLosesNothing() throws Exception {
        int threads = 4;
        CountDownLatch underWay = new CountDownLatch(threads);
        CountDownLatch upgraded = new CountDownLatch(1);
        ConcurrentLinkedQueue<RecordId> ran = new ConcurrentLinkedQueue<>();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        List<CompletableFuture<Void>> work = new ArrayList<>();
        try {
            for (int i = 0; i < threads; i++) {
                work.add(CompletableFuture.runAsync(
                        () -> {
                            for (int after = 0; after < 20; ) {
                                ran.add(runOne());
                                underWay.countDown();
                                after += upgraded.getCount() == 0 ? 1 : 0;
                            }
                        },
                        executor));
            }
            underWay.await();
            upgrade();
            ToolGateMigrations.switchJournal(dataSource(), true);
            ToolGateMigrations.switchJournal(dataSource(), false);
            ToolGateMigrations.switchJournal(dataSource(), true);
            upgraded.countDown();
            for (CompletableFuture<Void> each : work) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            upgraded.countDown();
            executor.shutdownNow();
        }
        for (RecordId id : ran) {
            assertThat(store.peek(id).orElseThrow().version()).isEqualTo(2);
            assertThat(store.journal(id)).extracting(JournalEntry::version).isSubsetOf(1L, 2L);
        }
        RecordId last = runOne();
        assertThat(store.journal(last))
                .extracting(JournalEntry::version)
                .isEqualTo(LongStream.of(1, 2).boxed().toList());
    }

    private RecordId runOne() {
        RecordId id = TestRequests.freshId();
        Lease lease = TestRequests.acquired(store, TestRequests.take(id));
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        return id;
    }
}
