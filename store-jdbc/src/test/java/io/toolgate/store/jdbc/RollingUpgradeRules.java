package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.migrations.Database;
import io.toolgate.migrations.SchemaVersion;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.ActionCounts;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.UnfinishedPage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

/**
 * This library on the schemas of versions before and of the version after, and while they are upgraded; on either
 * database.
 */
abstract class RollingUpgradeRules {
    private JdbcIdempotencyStore store;

    /** A store on a database that has version 1 of the schema, which it must not migrate; not opened yet. */
    abstract JdbcIdempotencyStore.Builder builder();

    /** The database past the store. */
    abstract DataSource dataSource();

    abstract Database database();

    /** Runs statements there. */
    abstract void run(String sql);

    /** Moves every time in every record back. */
    abstract void advance(Duration step);

    @BeforeEach
    void open() {
        store = builder().migrate(false).open();
    }

    @AfterEach
    void close() {
        assertThat(store.activeConnections()).isZero();
        store.close();
    }

    @Test
    void onVersion1ItsOwnFeaturesWork() {
        RecordId id = TestRequests.freshId();
        ClaimRequest request = TestRequests.take(id);
        Lease lease = TestRequests.acquired(store, request);
        assertThat(((Acquired) store.claim(request)).lease()).isEqualTo(lease);
        assertThat(store.claim(TestRequests.take(id))).isInstanceOf(ClaimOutcome.Busy.class);
        assertThat(store.heartbeat(List.of(lease), TestRequests.LEASE)).isEqualTo(Set.of(lease));
        assertThat(store.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
        assertThat(store.findUnfinished(Duration.ZERO, 10)).hasSize(1);
        UnfinishedPage page = store.scanUnfinished(Duration.ZERO, UnfinishedPage.START);
        assertThat(page.records()).extracting(record -> record.id()).containsExactly(id);
        assertThat(page.next()).isEmpty();
        Lease next = TestRequests.acquired(store, TestRequests.take(id));
        assertThat(next.fence()).isEqualTo(2);
        // Every takeover asks for it.
        assertThat(store.history(id, 10)).isEqualTo(KeyHistory.EMPTY);
        assertThat(store.complete(lease, TestRequests.result("late"))).isInstanceOf(LeaseLost.class);
        assertThat(store.complete(next, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        assertThat(store.complete(next, TestRequests.result("paid"))).isInstanceOf(AlreadyApplied.class);
        assertThat(store.claim(TestRequests.take(id))).isInstanceOf(ClaimOutcome.Finished.class);
        assertThat(store.peekAll(List.of(id))).containsOnlyKeys(id);
        advance(TestRequests.LEASE.plusSeconds(1));
        RecordId abandoned = TestRequests.freshId();
        Lease unused = TestRequests.acquired(store, TestRequests.hold(abandoned));
        advance(TestRequests.LEASE.plusSeconds(1));
        assertThat(store.claim(TestRequests.hold(abandoned))).isInstanceOf(ClaimOutcome.InDoubt.class);
        advance(TestRequests.RETENTION.multipliedBy(2));
        assertThat(store.purge(10)).isEqualTo(1);
        assertThat(store.peek(id)).isEmpty();
        assertThat(store.peek(abandoned)).isPresent();
    }

    @Test
    void onVersion1NewFeaturesAreRefusedWithARemedyAndNothingIsWritten() {
        RecordId id = TestRequests.freshId();
        Lease lease = TestRequests.acquired(store, TestRequests.take(id));
        assertThatThrownBy(() -> store.checkpoint(lease, "sent", TestRequests.result("1")))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("A checkpoint needs schema version 2")
                .hasMessageContaining("has version 1")
                .hasMessageContaining("V2__history_and_journal.sql");
        assertThat(store.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
        assertThatThrownBy(() -> store.resolve(TestRequests.decide(store, id, new Verdict.Retry())))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("A resolution needs schema version 2");
        assertThat(store.peek(id).orElseThrow().version()).isEqualTo(2);
        assertThat(store.journal(id)).isEmpty();
        store.count(List.of(new ActionCounts("charge", 1, 1, 1, 1, 1, 1, 1, 1)));
        assertThatThrownBy(() -> builder().migrate(false).journal(true).open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("journal_on.sql");
    }

    @Test
    void anOpenStoreHasNewFeaturesAsSoonAsTheMigrationCommits() {
        RecordId id = TestRequests.freshId();
        Lease lease = TestRequests.acquired(store, TestRequests.take(id));
        assertThat(store.history(id, 10)).isEqualTo(KeyHistory.EMPTY);
        assertThatThrownBy(() -> store.checkpoint(lease, "sent", TestRequests.result("1")))
                .isInstanceOf(StoreException.Misconfigured.class);
        var unused = ToolGateMigrations.migrate(dataSource());
        assertThat(store.checkpoint(lease, "sent", TestRequests.result("1"))).isInstanceOf(Applied.class);
        assertThat(store.history(id, 10).checkpoints()).hasSize(1);
        assertThat(store.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
        assertThat(store.resolve(TestRequests.decide(store, id, new Verdict.Retry())))
                .isInstanceOf(Resolved.class);
        assertThat(store.history(id, 10).entries()).hasSize(1);
        store.count(List.of(new ActionCounts("charge", 1, 1, 1, 1, 1, 1, 1, 1)));
        ToolGateMigrations.switchJournal(dataSource(), true);
        assertThat(TestRequests.acquired(store, TestRequests.take(id)).fence()).isEqualTo(2);
        assertThat(store.journal(id)).hasSize(1);
    }

    @Test
    void onVersion2EverythingWorksBeforeAndAfterTheUpgradeUnderIt() {
        run(ToolGateMigrations.sql(database()).get(1).sql());
        try (JdbcIdempotencyStore newer = builder().migrate(false).open()) {
            for (int version = 2; version <= 3; version++) {
                RecordId id = TestRequests.freshId();
                Lease lease = TestRequests.acquired(newer, TestRequests.take(id));
                assertThat(newer.heartbeat(List.of(lease), TestRequests.LEASE)).isEqualTo(Set.of(lease));
                assertThat(newer.checkpoint(lease, "sent", TestRequests.result("1")))
                        .isInstanceOf(Applied.class);
                assertThat(newer.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
                assertThat(newer.resolve(TestRequests.decide(newer, id, new Verdict.Retry())))
                        .isInstanceOf(Resolved.class);
                Lease next = TestRequests.acquired(newer, TestRequests.take(id));
                assertThat(newer.complete(next, TestRequests.result("paid"))).isInstanceOf(Applied.class);
                assertThat(newer.claim(TestRequests.take(id))).isInstanceOf(ClaimOutcome.Finished.class);
                assertThat(newer.history(id, 10).entries()).hasSize(1);
                assertThat(ToolGateMigrations.schemaVersion(dataSource()))
                        .isEqualTo(version == 2 ? new SchemaVersion.Older(2) : new SchemaVersion.Current(3));
                var unused = ToolGateMigrations.migrate(dataSource());
            }
        }
    }

    @Test
    void aSchemaOneVersionAheadIsAcceptedAndTwoAheadRefused() {
        var unused = ToolGateMigrations.migrate(dataSource());
        run("UPDATE tg_store_info SET schema_version = 4");
        for (boolean migrate : new boolean[] {true, false}) {
            try (JdbcIdempotencyStore newer = builder().migrate(migrate).open()) {
                Lease lease = TestRequests.acquired(newer, TestRequests.take(TestRequests.freshId()));
                assertThat(newer.checkpoint(lease, "sent", TestRequests.result("1")))
                        .isInstanceOf(Applied.class);
            }
        }
        run("UPDATE tg_store_info SET schema_version = 5");
        assertThatThrownBy(() -> builder().open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("has version 5");
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
            assertThat(ToolGateMigrations.migrate(dataSource()).toVersion()).isEqualTo(3);
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
