package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.UnfinishedPage;
import io.toolgate.store.contract.Rule;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rows that cannot be read back, values that are refused, threads that are interrupted, and the purge; on either
 * database.
 */
abstract class RowRules {
    private Backend backend;
    private JdbcIdempotencyStore store;

    abstract Backend openBackend();

    /** Statements that spoil the one row in a way that the schema's own checks may have to be out of the way for. */
    abstract List<String> withoutChecks(String spoil);

    @BeforeEach
    void open() {
        backend = openBackend();
        store = backend.builder().budget(Duration.ofSeconds(2)).open();
    }

    @AfterEach
    void close() {
        assertThat(store.activeConnections()).isZero();
        store.close();
        backend.close();
    }

    static List<String> spoilt() {
        return List.of(
                "status = 'PAUSED'",
                "idempotency_key = 'somebody-elses-order'",
                "tenant = 'another'",
                "action = 'refund'",
                "fence = 9",
                "result_codec = NULL, result = NULL",
                "status = 'REJECTED', result = NULL, result_codec = NULL",
                "fingerprint = substr(fingerprint, 1, 16)");
    }

    @ParameterizedTest
    @MethodSource("spoilt")
    @Rule(2)
    void anInvalidRowFailsClosedAndIsLeftUnchanged(String spoil) {
        RecordId id = TestRequests.freshId();
        assertThat(store.complete(
                        TestRequests.acquired(store, TestRequests.take(id)), TestRequests.result("secret-receipt")))
                .isInstanceOf(Applied.class);
        backend.run(withoutChecks("UPDATE tg_idempotency SET " + spoil).toArray(String[]::new));
        List<String> before = backend.rows("SELECT * FROM tg_idempotency");
        assertThatThrownBy(() -> store.claim(TestRequests.take(id)))
                .isInstanceOf(StoreException.Corrupt.class)
                .hasMessageContaining(id.toUuid().toString())
                .satisfies(e -> assertThat(everythingSaidBy(e))
                        .doesNotContain(id.key())
                        .doesNotContain("somebody-elses-order")
                        .doesNotContain("secret-receipt"));
        assertThatThrownBy(() -> store.peek(id)).isInstanceOf(StoreException.Corrupt.class);
        assertThat(backend.rows("SELECT * FROM tg_idempotency")).isEqualTo(before);
    }

    @Test
    void oneInvalidRowDoesNotPreventReadingTheOthers() {
        Lease good = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        Lease bad = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        backend.advance(TestRequests.LEASE.plusSeconds(1));
        backend.run(withoutChecks("UPDATE tg_idempotency SET owner = '', fence = 9 WHERE idempotency_key = '"
                        + bad.id().key() + "'")
                .toArray(String[]::new));
        assertThat(store.peekAll(List.of(good.id(), bad.id()))).containsOnlyKeys(good.id());
        assertThat(store.findUnfinished(Duration.ZERO, 10))
                .extracting(record -> record.id())
                .containsExactly(good.id());
        assertThat(store.scanUnfinished(Duration.ZERO, UnfinishedPage.START).records())
                .extracting(record -> record.id())
                .containsExactly(good.id());
    }

    @Test
    @Rule(11)
    void valuesThatTheDatabaseRefusesAreRefusedAtOnceAndNeverQuoted() {
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        backend.run(refuseResults());
        assertThatThrownBy(() -> store.complete(lease, TestRequests.result("secret-receipt")))
                .isInstanceOf(StoreException.Refused.class)
                .satisfies(e -> assertThat(everythingSaidBy(e))
                        .doesNotContain(lease.id().key())
                        .doesNotContain("secret-receipt"));
        // What the executor does then.
        assertThat(store.complete(lease, Payload.unavailable(io.toolgate.Failure.rejected("not-storable", ""))))
                .isInstanceOf(Applied.class);
    }

    /** Makes the database refuse results, by a rule of its own. */
    abstract String[] refuseResults();

    private static String everythingSaidBy(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void aMissingTableIsMisconfiguredAndNothingRuns() {
        backend.run("ALTER TABLE tg_idempotency RENAME TO tg_gone");
        try {
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageMatching("(?s).*(Check that the schema is installed|A table of ToolGate is missing).*");
        } finally {
            backend.run("ALTER TABLE tg_gone RENAME TO tg_idempotency");
        }
    }

    @Test
    @Rule(8)
    void aSubscriberIsNotifiedOfEveryCompletionInThisStoreOnceItIsDurable() {
        List<RecordId> told = new java.util.ArrayList<>();
        try (var thrower = store.subscribe(id -> {
                    throw new IllegalStateException("a consumer's own trouble");
                });
                var subscription = store.subscribe(id -> {
                    assertThat(store.peek(id).orElseThrow().isLive()).isFalse();
                    told.add(id);
                })) {
            Lease completed = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            Lease released = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(told).isEmpty();
            assertThat(store.complete(completed, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            assertThat(store.fail(released, io.toolgate.Failure.notExecuted("refused", "")))
                    .isInstanceOf(Applied.class);
            assertThat(told).containsExactly(completed.id(), released.id());
            assertThat(store.complete(completed, TestRequests.result("paid"))).isNotInstanceOf(Applied.class);
            assertThat(told).as("a repetition is no news").hasSize(2);
            subscription.close();
            thrower.close();
        }
        Lease later = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        assertThat(store.complete(later, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        assertThat(told).as("after the end of the registration").hasSize(2);
    }

    @Test
    void anInterruptedThreadStillStoresItsResult() throws InterruptedException {
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        Lease other = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        AtomicReference<Throwable> broken = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            Thread.currentThread().interrupt();
            try {
                assertThat(store.heartbeat(List.of(lease, other), Duration.ofMinutes(1)))
                        .hasSize(2);
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                assertThat(store.fail(other, io.toolgate.Failure.unknown("x", "")))
                        .isInstanceOf(Applied.class);
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            } catch (Throwable e) {
                broken.set(e);
            }
        });
        thread.start();
        thread.join();
        assertThat(broken).hasNullValue();
    }

    @Test
    @Rule(13)
    void aPurgeOfManyDeletesExactlyTheEndedRecords() {
        for (int i = 0; i < 40; i++) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            if (i % 4 != 0) {
                assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            }
        }
        assertThat(store.purge(1000)).as("before their time").isZero();
        backend.advance(TestRequests.RETENTION);
        CompletableFuture<Integer> one = CompletableFuture.supplyAsync(() -> store.purge(1000));
        CompletableFuture<Integer> two = CompletableFuture.supplyAsync(() -> store.purge(1000));
        assertThat(one.join() + two.join()).isEqualTo(30);
        assertThat(backend.one("SELECT count(*) FROM tg_idempotency WHERE status = 'IN_PROGRESS'"))
                .isEqualTo("10");
    }

    @Test
    @Rule(1)
    void aClaimAgainstAPurgeRunsOnce() {
        for (int round = 0; round < 30; round++) {
            RecordId id = TestRequests.freshId();
            assertThat(store.complete(TestRequests.acquired(store, TestRequests.hold(id)), TestRequests.result("paid")))
                    .isInstanceOf(Applied.class);
            backend.advance(TestRequests.RETENTION);
            ClaimRequest request = TestRequests.hold(id);
            CompletableFuture<Integer> purge = CompletableFuture.supplyAsync(() -> store.purge(10));
            Lease lease = TestRequests.acquired(store, request);
            int unused = purge.join();
            assertThat(store.claim(TestRequests.hold(id)))
                    .as("the claim survived the purge")
                    .isInstanceOf(Busy.class);
            assertThat(((Acquired) store.claim(request)).lease()).isEqualTo(lease);
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
    }

    /** Spreads the one record of each of these ids over the table, so that a walk has several parts. */
    abstract void spread(List<RecordId> ids);

    @Test
    void aScanOfManyPagesReturnsEachUnfinishedRecordOnce() {
        List<RecordId> ids = List.of(TestRequests.freshId(), TestRequests.freshId(), TestRequests.freshId());
        spread(ids);
        List<RecordId> found = new ArrayList<>();
        int parts = 0;
        OptionalLong next = OptionalLong.of(UnfinishedPage.START);
        while (next.isPresent()) {
            UnfinishedPage page = store.scanUnfinished(Duration.ZERO, next.getAsLong());
            page.records().forEach(record -> found.add(record.id()));
            next = page.next();
            parts++;
        }
        assertThat(found).containsExactlyElementsOf(ids);
        assertThat(parts).isBetween(2, 5);
        assertThat(store.scanUnfinished(Duration.ofDays(1), UnfinishedPage.START)
                        .records())
                .isEmpty();
        assertThat(store.scanUnfinished(Duration.ZERO, Long.MAX_VALUE).records())
                .isEmpty();
        assertThat(store.scanUnfinished(Duration.ZERO, Long.MAX_VALUE).next()).isEmpty();
        assertThatThrownBy(() -> store.scanUnfinished(Duration.ZERO, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Rule(13)
    void aDecisionThatOutlivesItsRecordIsPurgedWhenItMayBeForgotten() {
        RecordId id = TestRequests.freshId();
        Lease lease = TestRequests.acquired(store, TestRequests.hold(id));
        assertThat(store.fail(lease, io.toolgate.Failure.unknown("timeout", "")))
                .isInstanceOf(Applied.class);
        assertThat(store.resolve(TestRequests.decide(store, id, new Verdict.Retry())))
                .isInstanceOf(Resolved.class);
        backend.run("UPDATE tg_idempotency_history SET forget_at = expires_at + (expires_at - created_at) * 2");
        backend.advance(TestRequests.RETENTION);
        assertThat(store.purge(10)).isEqualTo(1);
        assertThat(store.history(id, 10).entries()).hasSize(1);
        backend.advance(TestRequests.RETENTION);
        assertThat(store.purge(10)).isZero();
        assertThat(store.history(id, 10).entries()).as("not yet").hasSize(1);
        backend.advance(TestRequests.RETENTION);
        Lease claimed = TestRequests.acquired(store, TestRequests.hold(id));
        assertThat(store.purge(10)).isZero();
        assertThat(store.history(id, 10).entries())
                .as("while the key has a record")
                .hasSize(1);
        assertThat(store.complete(claimed, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        backend.advance(TestRequests.RETENTION);
        assertThat(store.purge(10)).isEqualTo(1);
        assertThat(store.history(id, 10).entries()).isEmpty();
    }

    @Test
    void valuesThatNoStoreCanKeepAreRefused() {
        RecordId id = TestRequests.freshId();
        Lease lease = TestRequests.acquired(store, TestRequests.hold(id));
        assertThatThrownBy(() -> store.checkpoint(lease, "", TestRequests.result("1")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.checkpoint(lease, "x".repeat(256), TestRequests.result("1")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        store.checkpoint(lease, "sent", Payload.unavailable(io.toolgate.Failure.rejected("gone", ""))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unavailable");
        assertThatThrownBy(() -> store.history(id, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(store.peek(id).orElseThrow().version()).isEqualTo(1);
        assertThat(store.history(id, 0)).isEqualTo(KeyHistory.EMPTY);
    }
}
