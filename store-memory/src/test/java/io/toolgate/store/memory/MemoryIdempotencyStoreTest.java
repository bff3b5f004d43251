package io.toolgate.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.Failure;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.Rows;
import io.toolgate.store.StoreException;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.UnfinishedPage;
import io.toolgate.store.contract.ManualClock;
import io.toolgate.store.contract.Race;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.contract.TestClaim;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The memory store beyond the contract: its bound, its clock and its hints. */
class MemoryIdempotencyStoreTest {
    private static final Payload RESULT = Payload.of("text", new byte[] {1});

    private final ManualClock clock = new ManualClock();
    private final AtomicInteger keys = new AtomicInteger();

    private MemoryIdempotencyStore bounded(int maxRecords) {
        return MemoryIdempotencyStore.builder()
                .maxRecords(maxRecords)
                .clock(clock)
                .build();
    }

    private RecordId freshId() {
        return RecordId.of("tenant", "action", "key-" + keys.incrementAndGet());
    }

    private static ClaimOutcome claim(MemoryIdempotencyStore store, RecordId id) {
        return store.claim(TestClaim.of(id).request());
    }

    @CanIgnoreReturnValue
    private Lease own(MemoryIdempotencyStore store) {
        return ((Acquired) claim(store, freshId())).lease();
    }

    @CanIgnoreReturnValue
    private Lease completed(MemoryIdempotencyStore store) {
        Lease lease = own(store);
        assertThat(store.complete(lease, RESULT)).isInstanceOf(Applied.class);
        return lease;
    }

    @Test
    @Rule(13)
    void aFullStoreRefusesNewKeysAndForgetsNothing() {
        MemoryIdempotencyStore store = bounded(3);
        Lease live = own(store);
        Lease doubtful = own(store);
        assertThat(store.fail(doubtful, Failure.unknown("timed-out", ""))).isInstanceOf(Applied.class);
        Lease done = completed(store);
        List<IdempotencyRecord> before = store.dump();

        RecordId refused = freshId();
        assertThatThrownBy(() -> claim(store, refused))
                .isInstanceOf(StoreException.Full.class)
                .hasMessageContaining("holds 3 records")
                .hasMessageContaining("raise maxRecords");
        assertThat(store.dump()).containsExactlyInAnyOrderElementsOf(before);
        assertThat(store.peek(refused)).isEmpty();

        assertThat(claim(store, done.id())).isInstanceOf(ClaimOutcome.Finished.class);
        assertThat(claim(store, live.id())).isInstanceOf(ClaimOutcome.Busy.class);
        assertThat(claim(store, doubtful.id())).isInstanceOf(ClaimOutcome.InDoubt.class);
        assertThat(store.complete(live, RESULT)).isInstanceOf(Applied.class);
    }

    @Test
    @Rule(13)
    void aFullStoreMakesRoomFromEndedRecordsPastTheirRetention() {
        MemoryIdempotencyStore store = bounded(3);
        Lease live = own(store);
        Lease done = completed(store);
        clock.advance(Duration.ofMinutes(30));
        Lease younger = completed(store);
        clock.advance(TestClaim.RETENTION.minusMinutes(30));

        Lease next = own(store);
        assertThat(store.dump())
                .extracting(IdempotencyRecord::id)
                .containsExactlyInAnyOrder(live.id(), younger.id(), next.id());
        assertThatThrownBy(() -> own(store)).isInstanceOf(StoreException.Full.class);
        assertThat(store.peek(done.id())).isEmpty();
    }

    @Test
    @Rule(13)
    void roomIsMadeAsSoonAsARecordExpires() {
        MemoryIdempotencyStore store = bounded(2);
        Lease live = own(store);
        Lease done = completed(store);
        assertThatThrownBy(() -> own(store)).isInstanceOf(StoreException.Full.class);
        clock.advance(TestClaim.RETENTION.minusMillis(1));
        assertThatThrownBy(() -> own(store)).isInstanceOf(StoreException.Full.class);
        clock.advance(Duration.ofMillis(1));
        Lease next = own(store);
        assertThat(store.peek(done.id())).isEmpty();
        assertThatThrownBy(() -> own(store)).isInstanceOf(StoreException.Full.class);
        // A record that ended past its retention is kept for a whole retention.
        assertThat(store.complete(live, RESULT)).isInstanceOf(Applied.class);
        assertThatThrownBy(() -> own(store)).isInstanceOf(StoreException.Full.class);
        clock.advance(TestClaim.RETENTION.minusMillis(1));
        assertThatThrownBy(() -> own(store)).isInstanceOf(StoreException.Full.class);
        clock.advance(Duration.ofMillis(1));
        own(store);
        assertThat(store.dump()).extracting(IdempotencyRecord::id).contains(next.id());
        assertThat(store.size()).isEqualTo(2);
    }

    @Test
    @Rule(13)
    void aShorterRetentionIsNotOverlooked() {
        MemoryIdempotencyStore store = bounded(2);
        completed(store);
        RecordId last = freshId();
        ClaimOutcome claimed = store.claim(new ClaimRequest(
                last,
                TestClaim.of(last).request().token(),
                "owner",
                TestClaim.input("input-1"),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                OnUnknown.HOLD,
                1));
        assertThatThrownBy(() -> own(store)).isInstanceOf(StoreException.Full.class);
        assertThat(store.complete(((Acquired) claimed).lease(), RESULT)).isInstanceOf(Applied.class);
        assertThatThrownBy(() -> own(store)).isInstanceOf(StoreException.Full.class);
        clock.advance(Duration.ofSeconds(2));
        own(store);
        assertThat(store.peek(last)).isEmpty();
    }

    @Test
    @Rule(13)
    void theBoundHoldsUnderManyClaimers() throws Exception {
        int max = 500;
        int threads = 8;
        MemoryIdempotencyStore store = bounded(max);
        AtomicInteger highest = new AtomicInteger();
        List<Callable<Integer>> claimers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            claimers.add(() -> {
                int acquired = 0;
                for (int k = 0; k < max; k++) {
                    try {
                        own(store);
                        acquired++;
                    } catch (StoreException.Full e) {
                        highest.accumulateAndGet(store.size(), Math::max);
                    }
                }
                return acquired;
            });
        }
        assertThat(together(claimers)).isEqualTo(max);
        assertThat(store.size()).isEqualTo(max);
        assertThat(store.dump()).hasSize(max);
        assertThat(highest.get()).isEqualTo(max);
    }

    @Test
    @Rule(1)
    void theLastPlaceGoesToOneKeyAndItsOtherClaimersAreBusyNotRefused() throws Exception {
        for (int round = 0; round < 200; round++) {
            MemoryIdempotencyStore store = bounded(1);
            RecordId id = freshId();
            List<Callable<Integer>> claimers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                claimers.add(() -> claim(store, id) instanceof Acquired ? 1 : 0);
            }
            assertThat(together(claimers)).isEqualTo(1);
        }
    }

    @Test
    @Rule(13)
    void roomIsMadeAndTakenByManyAtOnce() throws Exception {
        int max = 64;
        MemoryIdempotencyStore store = bounded(max);
        List<Callable<Integer>> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            workers.add(() -> {
                int done = 0;
                for (int k = 0; k < 2000; k++) {
                    try {
                        completed(store);
                        done++;
                    } catch (StoreException.Full e) {
                        clock.advance(TestClaim.RETENTION);
                    }
                }
                return done;
            });
        }
        assertThat(together(workers)).isGreaterThan(max);
        assertThat(store.size()).isEqualTo(store.dump().size()).isLessThanOrEqualTo(max);
    }

    /** The sum of the results of tasks that start together. */
    private static int together(List<Callable<Integer>> tasks) throws Exception {
        try (Race race = new Race(tasks.size())) {
            return race.<Integer>run(tasks).stream().mapToInt(Integer::intValue).sum();
        }
    }

    @Test
    @Rule(8)
    void aConsumerThatBlocksDelaysNoTransition() throws Exception {
        MemoryIdempotencyStore store = bounded(20_000);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (Subscription stuck = store.subscribe(id -> {
            entered.countDown();
            boolean released = awaitQuietly(release);
            assertThat(released).isTrue();
        })) {
            completed(store);
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
            // More hints than are queued for a slow consumer.
            for (int i = 0; i < 12_000; i++) {
                completed(store);
            }
            assertThat(store.size()).isEqualTo(12_001);
        } finally {
            release.countDown();
        }
        Set<RecordId> notified = ConcurrentHashMap.newKeySet();
        try (Subscription next = store.subscribe(notified::add)) {
            Lease lease = completed(store);
            await().until(() -> {
                // The queue of the blocked consumer may still be full and drop a hint; a later one is delivered.
                completed(store);
                return !notified.isEmpty();
            });
            assertThat(store.peek(lease.id())).isPresent();
        }
        store.close();
    }

    private static boolean awaitQuietly(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    @Rule(8)
    void aConsumerThatSubscribedTwiceIsNotifiedTwice() {
        MemoryIdempotencyStore store = bounded(10);
        AtomicInteger notified = new AtomicInteger();
        Consumer<RecordId> consumer = id -> notified.incrementAndGet();
        Subscription first = store.subscribe(consumer);
        Subscription second = store.subscribe(consumer);
        completed(store);
        await().until(() -> notified.get() == 2);
        first.close();
        completed(store);
        await().until(() -> notified.get() == 3);
        second.close();
    }

    @Test
    @Rule(12)
    void aClosedStoreRefusesEverythingAndClosesTwice() {
        MemoryIdempotencyStore store = bounded(10);
        Lease lease = own(store);
        store.close();
        store.close();
        assertThatThrownBy(() -> store.complete(lease, RESULT)).isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> own(store)).isInstanceOf(StoreException.Closed.class);
    }

    @Test
    @Rule(7)
    void theStoresOwnClockCountsOnFromWhenItWasMade() {
        SteadyClock steady = new SteadyClock();
        Instant before = steady.instant();
        Instant wall = Instant.now();
        Instant after = steady.instant();
        assertThat(before).isBeforeOrEqualTo(after);
        assertThat(Duration.between(before, wall).abs()).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    @Rule(13)
    void ofAKeysDecisionsTheNewestAreKeptAndAttemptsStillCountFromTheLatestRetirement() {
        MemoryIdempotencyStore store = bounded(1);
        RecordId id = freshId();
        int decisions = StoredKey.MAX_ENTRIES + 5;
        for (int i = 0; i < decisions; i++) {
            Lease lease = ((Acquired) claim(store, id)).lease();
            if (i == 0) {
                assertThat(store.complete(lease, RESULT)).isInstanceOf(Applied.class);
                decide(store, id, new Verdict.Retire());
            } else {
                assertThat(store.fail(lease, Failure.unknown("timed-out", ""))).isInstanceOf(Applied.class);
                decide(store, id, new Verdict.Retry());
            }
        }
        KeyHistory history = store.history(id, Integer.MAX_VALUE);
        assertThat(history.entries())
                .extracting(entry -> entry.before().fence())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(6, decisions).boxed().toList());
        assertThat(store.peek(id).orElseThrow().numbers().providerKey())
                .as("whatever history is kept")
                .isEqualTo(1);
    }

    /** The transaction of the rows may fail at its very end, while others read the key. */
    @Test
    @Rule({3, 18})
    void aResultIsSeenOnceItsRowsAreCommittedAndNotAtAllIfTheyAreNot() {
        List<RecordState> seenAtCommit = new ArrayList<>();
        MemoryIdempotencyStore[] store = new MemoryIdempotencyStore[1];
        RecordId id = freshId();
        store[0] = MemoryIdempotencyStore.builder()
                .clock(clock)
                .transactions(StringBuilder.class, new MemoryTransactions<>() {
                    @Override
                    public StringBuilder begin() {
                        return new StringBuilder();
                    }

                    @Override
                    public void commit(StringBuilder connection) {
                        seenAtCommit.add(store[0].peek(id).orElseThrow().state());
                        if (seenAtCommit.size() == 1) {
                            throw new IllegalStateException("the commit fails, on purpose");
                        }
                    }
                })
                .build();
        Lease lease = ((Acquired) claim(store[0], id)).lease();
        IdempotencyRecord claimed = store[0].peek(id).orElseThrow();
        Rows<?> rows = new Rows<>(StringBuilder.class, connection -> connection.append("paid"));
        assertThatThrownBy(() -> store[0].complete(lease, RESULT, rows)).isInstanceOf(StoreException.RowsFailed.class);
        assertThat(store[0].peek(id)).hasValue(claimed);
        assertThat(store[0].complete(lease, RESULT, rows)).isInstanceOf(Applied.class);
        assertThat(seenAtCommit).containsExactly(RecordState.IN_PROGRESS, RecordState.IN_PROGRESS);
    }

    private static void decide(MemoryIdempotencyStore store, RecordId id, Verdict verdict) {
        IdempotencyRecord seen = store.peek(id).orElseThrow();
        ResolveRequest request = new ResolveRequest(
                id, seen.fence(), seen.version(), TestClaim.of(id).request().token(), verdict, "operator", "a reason");
        assertThat(store.resolve(request)).isInstanceOf(Resolved.class);
    }

    @Test
    @Rule(13)
    void checkpointsAndDecisionsAreDeletedWithTheirRecordWhenRoomIsMade() {
        MemoryIdempotencyStore store = bounded(1);
        Lease first = own(store);
        assertThat(store.checkpoint(first, "sent", RESULT)).isInstanceOf(Applied.class);
        assertThat(store.fail(first, Failure.unknown("timed-out", ""))).isInstanceOf(Applied.class);
        decide(store, first.id(), new Verdict.Completed(RESULT));
        assertThat(store.history(first.id(), 10).checkpoints()).hasSize(1);
        assertThat(store.history(first.id(), 10).entries()).hasSize(1);
        clock.advance(TestClaim.RETENTION);
        own(store);
        assertThat(store.history(first.id(), 10)).isEqualTo(KeyHistory.EMPTY);
        assertThat(store.size()).isEqualTo(1);
    }

    @Test
    void aScanHasOnePage() {
        MemoryIdempotencyStore store = bounded(10);
        Lease doubtful = own(store);
        assertThat(store.fail(doubtful, Failure.unknown("timed-out", ""))).isInstanceOf(Applied.class);
        UnfinishedPage page = store.scanUnfinished(Duration.ZERO, UnfinishedPage.START);
        assertThat(page.records()).extracting(IdempotencyRecord::id).containsExactly(doubtful.id());
        assertThat(page.next()).isEmpty();
        assertThatThrownBy(() -> store.scanUnfinished(Duration.ZERO, 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from is 7");
    }

    @Test
    void defaultsAreUsableAndInvalidSettingsAreRefused() {
        try (MemoryIdempotencyStore store = MemoryIdempotencyStore.create()) {
            Lease lease = completed(store);
            assertThat(store.peek(lease.id()).orElseThrow().state()).isEqualTo(RecordState.COMPLETED);
        }
        assertThatThrownBy(() -> MemoryIdempotencyStore.builder().maxRecords(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxRecords is 0; it must be at least 1");
        assertThatThrownBy(() -> MemoryIdempotencyStore.builder().clock(null)).isInstanceOf(NullPointerException.class);
    }
}
