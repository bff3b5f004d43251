package io.toolgate.store.jdbc.internal.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimToken;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestRequests;
import io.toolgate.store.jdbc.internal.commit.GroupCommit.Limits;
import io.toolgate.store.jdbc.internal.commit.Write.Completed;
import io.toolgate.store.jdbc.internal.sql.SqlRunner.StatementFailed;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Who shares a commit with whom, who is told what, and when. The database is a list in memory that waits when told to.
 */
@Timeout(30)
class GroupCommitTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Database database = new Database();

    private @Nullable GroupCommit commits;

    @AfterEach
    void close() {
        database.release();
        if (commits != null) {
            commits.close();
        }
        threads.shutdownNow();
    }

    private GroupCommit open(int straight, int batch, int lanes, int capacity, Duration patience) {
        GroupCommit opened =
                new GroupCommit("lane", database, new Limits(straight, batch, batch, lanes, capacity, patience));
        commits = opened;
        return opened;
    }

    private GroupCommit allShare() {
        return open(0, 100, 1, 100, PATIENCE);
    }

    @Test
    void fewWritesAreExecutedOnTheirOwnThreads() {
        GroupCommit commits = open(2, 100, 1, 100, PATIENCE);
        assertThat(commits.run(end("a"))).isNotNull();
        assertThat(database.alone).containsExactly("a");
        assertThat(database.batches).isEmpty();
    }

    @Test
    void writesThatArriveDuringACommitShareTheNextOne() throws Exception {
        GroupCommit commits = allShare();
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        List<CompletableFuture<@Nullable Completed>> others =
                List.of(sharing(commits, "b"), sharing(commits, "c"), sharing(commits, "d"));
        awaitQueued(commits, 3);
        database.release();
        assertThat(first.get()).isNotNull();
        for (CompletableFuture<@Nullable Completed> other : others) {
            assertThat(other.get()).isNotNull();
        }
        assertThat(database.batches).hasSize(2);
        assertThat(database.batches.get(1)).containsExactlyInAnyOrder("b", "c", "d");
        assertThat(database.alone).isEmpty();
    }

    @Test
    @Rule(3)
    void noCallerIsAnsweredBeforeTheCommitOfItsWrite() throws Exception {
        GroupCommit commits = allShare();
        CompletableFuture<@Nullable Completed> call = sharing(commits, "a");
        assertThatThrownBy(() -> call.get(50, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        database.release();
        assertThat(call.get()).isNotNull();
    }

    @Test
    void afterAFailedSharedCommitItsWritesAreRetriedAloneAndTheBadOneFailsAlone() throws Exception {
        GroupCommit commits = allShare();
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        database.bad.add("c");
        CompletableFuture<@Nullable Completed> good = sharing(commits, "b");
        CompletableFuture<@Nullable Completed> bad = sharing(commits, "c");
        awaitQueued(commits, 2);
        database.release();
        assertThat(first.get()).isNotNull();
        assertThat(good.get()).isNotNull();
        assertThatThrownBy(bad::get).hasRootCauseInstanceOf(SQLException.class);
        assertThat(database.batches).hasSize(2);
        assertThat(database.alone).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    @Rule(14)
    void anUnknownCommitIsReportedToEachCallerAndNotRepeated() throws Exception {
        GroupCommit commits = allShare();
        database.broken = new SQLException("the connection broke", "08006");
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        database.release();
        assertThatThrownBy(first::get).hasCauseInstanceOf(StatementFailed.class);
        assertThat(database.alone).isEmpty();
    }

    @Test
    void twoWritesOfOneRecordNeverShareACommit() throws Exception {
        GroupCommit commits = allShare();
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        CompletableFuture<@Nullable Completed> second = sharing(commits, "b");
        awaitQueued(commits, 1);
        CompletableFuture<@Nullable Completed> third = sharing(commits, "b");
        CompletableFuture<@Nullable Completed> fourth = sharing(commits, "c");
        awaitQueued(commits, 3);
        database.release();
        for (CompletableFuture<@Nullable Completed> call : List.of(first, second, third, fourth)) {
            assertThat(call.get()).isNotNull();
        }
        assertThat(database.batches).hasSize(3);
        assertThat(database.batches.get(1)).containsExactlyInAnyOrder("b", "c");
        assertThat(database.batches.get(2)).containsExactly("b");
    }

    @Test
    void aFullBatchLeavesTheRestToTheNextOne() throws Exception {
        GroupCommit commits = open(0, 2, 1, 100, PATIENCE);
        List<CompletableFuture<@Nullable Completed>> calls = new ArrayList<>();
        calls.add(sharing(commits, "a"));
        for (String key : List.of("b", "c", "d", "e")) {
            calls.add(call(commits, end(key)));
        }
        awaitQueued(commits, 4);
        database.release();
        for (CompletableFuture<@Nullable Completed> call : calls) {
            assertThat(call.get()).isNotNull();
        }
        assertThat(database.batches).map(List::size).containsExactly(1, 2, 2);
        assertThat(database.batches.stream().flatMap(List::stream)).containsExactlyInAnyOrder("a", "b", "c", "d", "e");
    }

    @Test
    void largeResultsFillABatchByTheirBytes() throws Exception {
        GroupCommit commits = allShare();
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        List<CompletableFuture<@Nullable Completed>> large = new ArrayList<>();
        for (String key : List.of("b", "c", "d")) {
            large.add(call(commits, end(key, new byte[3 << 20])));
        }
        awaitQueued(commits, 3);
        database.release();
        assertThat(first.get()).isNotNull();
        for (CompletableFuture<@Nullable Completed> call : large) {
            assertThat(call.get()).isNotNull();
        }
        assertThat(database.batches).map(List::size).containsExactly(1, 2, 1);
    }

    @Test
    @Rule(8)
    void aBlockedLaneDelaysOnlyWritesOfItsOwnRecords() throws Exception {
        GroupCommit commits = open(0, 100, 2, 100, PATIENCE);
        database.onlyBlocked = "a";
        CompletableFuture<@Nullable Completed> stuck = sharing(commits, "a");
        CompletableFuture<@Nullable Completed> ofTheSame = call(commits, end("a"));
        assertThat(call(commits, end("b")).get(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(ofTheSame).isNotDone();
        assertThat(database.batches).containsExactly(List.of("a"), List.of("b"));
        database.release();
        assertThat(stuck.get()).isNotNull();
        assertThat(ofTheSame.get()).isNotNull();
        assertThat(database.batches).containsExactly(List.of("a"), List.of("b"), List.of("a"));
    }

    @Test
    void afterANonDatabaseErrorTheBatchIsRetriedAloneAndTheLaneContinues() throws Exception {
        GroupCommit commits = allShare();
        database.error = new OutOfMemoryError("on purpose");
        CompletableFuture<@Nullable Completed> unlucky = sharing(commits, "a");
        database.release();
        assertThat(unlucky.get()).isNotNull();
        assertThat(database.alone).containsExactly("a");
        database.error = null;
        assertThat(commits.run(end("b"))).isNotNull();
        assertThat(database.batches).containsExactly(List.of("a"), List.of("b"));
    }

    @Test
    void afterTheLanesAreClosedWritesAreExecutedAlone() {
        GroupCommit commits = allShare();
        commits.close();
        assertThat(commits.run(end("a"))).isNotNull();
        assertThat(database.alone).containsExactly("a");
    }

    @Test
    void anInterruptedCallerWithdrawsAnUnsentWriteAndKeepsTheInterrupt() throws Exception {
        GroupCommit commits = allShare();
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        BlockingQueue<Thread> waiting = new LinkedBlockingQueue<>();
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        threads.execute(() -> {
            waiting.add(Thread.currentThread());
            try {
                flag.completeExceptionally(new AssertionError("was written: " + commits.run(end("b"))));
            } catch (ConnectionException e) {
                flag.complete(Thread.currentThread().isInterrupted());
            }
        });
        Thread caller = waiting.take();
        awaitQueued(commits, 1);
        caller.interrupt();
        assertThat(flag.get()).isTrue();
        database.release();
        assertThat(first.get()).isNotNull();
        assertThat(commits.run(end("c"))).isNotNull();
        assertThat(database.batches.stream().flatMap(List::stream)).containsExactly("a", "c");
    }

    @Test
    void anInterruptedCallerReceivesTheAnswerOfASentWrite() throws Exception {
        GroupCommit commits = allShare();
        BlockingQueue<Thread> waiting = new LinkedBlockingQueue<>();
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        threads.execute(() -> {
            waiting.add(Thread.currentThread());
            Completed ended = commits.run(end("a"));
            flag.complete(ended != null && Thread.currentThread().isInterrupted());
        });
        database.entered.await();
        waiting.take().interrupt();
        assertThatThrownBy(() -> flag.get(50, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        database.release();
        assertThat(flag.get()).isTrue();
    }

    @Test
    @Rule(8)
    void aWriteThatIsNotTakenInTimeTimesOutUnsent() throws Exception {
        GroupCommit commits = open(0, 100, 1, 100, Duration.ofMillis(100));
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        assertThatThrownBy(() -> call(commits, end("b")).get()).hasCauseInstanceOf(ConnectionException.class);
        database.release();
        assertThat(first.get()).isNotNull();
        assertThat(database.batches).containsExactly(List.of("a"));
    }

    @Test
    void beyondTheCapacityClaimsAreRefusedAndCompletionsAreNot() throws Exception {
        GroupCommit commits = open(0, 100, 1, 1, PATIENCE);
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        assertThatThrownBy(() -> commits.run(new Write.Claim(TestRequests.hold(RecordId.of("t", "a", "k")))))
                .isInstanceOf(StoreException.Full.class)
                .hasMessageContaining("1 calls are waiting")
                .hasMessageContaining("Nothing was written");
        CompletableFuture<@Nullable Completed> end = call(commits, end("b"));
        awaitQueued(commits, 1);
        database.release();
        assertThat(first.get()).isNotNull();
        assertThat(end.get()).isNotNull();
    }

    @Test
    void beyondTheCapacityClaimsThatShareNoCommitAreRefusedToo() throws Exception {
        GroupCommit commits = open(0, 100, 1, 1, PATIENCE);
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        database.shares = false;
        assertThatThrownBy(() -> commits.run(new Write.Claim(TestRequests.hold(RecordId.of("t", "a", "k")))))
                .isInstanceOf(StoreException.Full.class);
        database.release();
        assertThat(first.get()).isNotNull();
    }

    @Test
    void aWriteOfARecordThatIsBeingWrittenAloneIsExecutedAloneToo() throws Exception {
        GroupCommit commits = allShare();
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        database.bad.add("b");
        database.blockAlone();
        CompletableFuture<@Nullable Completed> returned = call(commits, end("b"));
        awaitQueued(commits, 1);
        database.release();
        assertThat(first.get()).isNotNull();
        database.aloneEntered.await();
        CompletableFuture<@Nullable Completed> same = call(commits, end("b"));
        // A neighbour's commit goes on meanwhile.
        assertThat(commits.run(end("c"))).isNotNull();
        // Otherwise it may come when the first is over, and shares a commit rightly.
        awaitTrue("both write alone", () -> Collections.frequency(database.alone, "b") == 2);
        database.releaseAlone();
        assertThatThrownBy(returned::get).isInstanceOf(ExecutionException.class);
        assertThatThrownBy(same::get).isInstanceOf(ExecutionException.class);
        assertThat(database.batches).containsExactly(List.of("a"), List.of("b"), List.of("c"));
    }

    @Test
    @Rule(8)
    void noCallerSeesItsAnswerBeforeTheCallersThatItHasToWake() throws Exception {
        GroupCommit commits = allShare();
        CompletableFuture<@Nullable Completed> first = sharing(commits, "a");
        BlockingQueue<Thread> callers = new LinkedBlockingQueue<>();
        CountDownLatch returned = new CountDownLatch(1);
        List<CompletableFuture<@Nullable Completed>> calls = new ArrayList<>();
        for (String key : List.of("b", "c", "d", "e", "f")) {
            calls.add(CompletableFuture.supplyAsync(
                    () -> {
                        callers.add(Thread.currentThread());
                        Completed ended = commits.run(end(key));
                        returned.countDown();
                        return ended;
                    },
                    threads));
        }
        awaitQueued(commits, 5);
        database.afterFirstAnswer = () -> {
            callers.forEach(LockSupport::unpark);
            assertThat(waits(returned, 100)).as("a caller went on").isFalse();
        };
        database.release();
        assertThat(first.get()).isNotNull();
        for (CompletableFuture<@Nullable Completed> call : calls) {
            assertThat(call.get(10, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(database.alone).isEmpty();
    }

    private static boolean waits(CountDownLatch latch, long millis) {
        try {
            return latch.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void fiftyThousandWritesOfManyThreadsAreAllAnsweredOnce() throws Exception {
        GroupCommit commits = open(3, 32, 2, 1000, PATIENCE);
        database.release();
        List<CompletableFuture<Integer>> callers = new ArrayList<>();
        for (int c = 0; c < 50; c++) {
            int caller = c;
            callers.add(CompletableFuture.supplyAsync(
                    () -> {
                        int answered = 0;
                        for (int i = 0; i < 1000; i++) {
                            answered += commits.run(end(caller + "-" + i)) == null ? 0 : 1;
                        }
                        return answered;
                    },
                    threads));
        }
        for (CompletableFuture<Integer> caller : callers) {
            assertThat(caller.get()).isEqualTo(1000);
        }
        List<String> written = new ArrayList<>(database.alone);
        database.batches.forEach(written::addAll);
        assertThat(written).hasSize(50_000).doesNotHaveDuplicates();
    }

    private CompletableFuture<@Nullable Completed> call(GroupCommit commits, Write<Completed> write) {
        return CompletableFuture.supplyAsync(() -> commits.run(write), threads);
    }

    /** Makes a call; the first one is under way when this returns. */
    private CompletableFuture<@Nullable Completed> sharing(GroupCommit commits, String key)
            throws InterruptedException {
        CompletableFuture<@Nullable Completed> call = call(commits, end(key));
        database.entered.await();
        return call;
    }

    private static void awaitQueued(GroupCommit commits, int count) {
        awaitTrue(count + " writes queue", () -> commits.queued() >= count);
    }

    private static void awaitTrue(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static Write.Completion end(String key) {
        return end(key, new byte[] {1});
    }

    private static Write.Completion end(String key, byte[] result) {
        Lease lease = new Lease(RecordId.of("tenant", "charge", key), ClaimToken.of(new java.util.UUID(1, 2)), 1);
        return new Write.Completion(
                lease, RecordState.IN_PROGRESS, RecordState.COMPLETED, Payload.of("text/1", result), null, null);
    }

    /** What was written, and how. */
    private static final class Database implements WriteBackend {
        final List<List<String>> batches = Collections.synchronizedList(new ArrayList<>());
        final List<String> alone = new CopyOnWriteArrayList<>();
        final Set<String> bad = ConcurrentHashMap.newKeySet();
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch aloneEntered = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private volatile CountDownLatch aloneReleased = new CountDownLatch(0);
        volatile @Nullable SQLException broken;
        volatile @Nullable Error error;
        volatile boolean shares = true;

        volatile Runnable afterFirstAnswer = () -> {};

        /** Only commits with this key wait to be released, if it is set. */
        volatile @Nullable String onlyBlocked;

        void release() {
            released.countDown();
        }

        void blockAlone() {
            aloneReleased = new CountDownLatch(1);
        }

        void releaseAlone() {
            aloneReleased.countDown();
        }

        @Override
        @SuppressWarnings("unchecked")
        public <A> @Nullable A alone(Write<A> write) {
            String key = key(write);
            alone.add(key);
            aloneEntered.countDown();
            await(aloneReleased);
            if (bad.contains(key)) {
                throw new StatementFailed(refused());
            }
            return (A) new Completed(2, Instant.EPOCH);
        }

        @Override
        public boolean canShare(Write<?> write) {
            return shares;
        }

        @Override
        public void together(List<PendingWrite<?>> writes) throws SQLException {
            List<String> keys =
                    writes.stream().map(shared -> key(shared.write())).toList();
            batches.add(keys);
            entered.countDown();
            String blocked = onlyBlocked;
            if (blocked == null || keys.contains(blocked)) {
                await(released);
            }
            Error strange = error;
            if (strange != null) {
                throw strange;
            }
            SQLException breaks = broken;
            if (breaks != null) {
                throw breaks;
            }
            if (keys.stream().anyMatch(bad::contains)) {
                throw refused();
            }
            answer(writes.get(0));
            if (writes.size() > 1) {
                afterFirstAnswer.run();
            }
            writes.forEach(Database::answer);
        }

        @SuppressWarnings("unchecked")
        private static void answer(PendingWrite<?> shared) {
            ((PendingWrite<Completed>) shared).answer(new Completed(2, Instant.EPOCH));
        }

        private static SQLException refused() {
            return new SQLException("refused", "23514");
        }

        private static String key(Write<?> write) {
            return ((Write.Completion) write).lease().id().key();
        }

        private static void await(CountDownLatch latch) {
            try {
                if (!latch.await(20, TimeUnit.SECONDS)) {
                    throw new AssertionError("nobody released the database");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
