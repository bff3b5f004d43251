package io.toolgate.store.jdbc.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.Lease;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestBuilders;
import io.toolgate.store.jdbc.TestRequests;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The queue of the threads of a process and of processes; processes that die or are frozen at its head. */
@Timeout(120)
class WriterQueueTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly();
            int unused = process.waitFor();
        }
    }

    /** A process at the head of the queue that {@code file} orders. */
    private Process holder(Path file) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        QueueHolder.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        assertThat(process.inputReader().readLine()).isEqualTo("head");
        return process;
    }

    private static void signal(Process process, String signal) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    private ProcessQueue queue(Duration patience) {
        return new ProcessQueue(FileLocks.inFile(directory.resolve("queue")), patience, System::nanoTime);
    }

    /** A store is told from a shell by the lock, so it must not do without because somebody asked at that moment. */
    @Test
    void aStoreIsOpenAlthoughAProcessAskedJustThen() throws IOException {
        AtomicInteger tries = new AtomicInteger();
        WriterQueue.shareOpen(new FileLocks() {
            @Override
            public @Nullable Held tryShare(long number) {
                return tries.incrementAndGet() < 3 ? null : () -> {};
            }

            @Override
            public Held tryLock(long number) {
                throw new AssertionError("alone");
            }

            @Override
            public Held lock(long number) {
                throw new AssertionError("alone");
            }

            @Override
            public void close() {}
        });
        assertThat(tries).hasValue(3);
    }

    @Test
    void whoAsksWhetherAStoreIsOpenLeavesNothingAndTakesWhatItCannotReadForOpen() throws IOException {
        Path file = directory.resolve("store.db");
        Path lockFile = WriterQueue.lockFile(file);
        assertThat(WriterQueue.isOpen(file)).isFalse();
        assertThat(lockFile).doesNotExist();
        Path unused = Files.createDirectory(lockFile);
        assertThat(WriterQueue.isOpen(file)).isTrue();
    }

    @Test
    void theNextWriterFollowsOneThatDied() throws Exception {
        Process holder = holder(directory.resolve("queue"));
        try (ProcessQueue queue = queue(LONG)) {
            CompletableFuture<Boolean> entered = CompletableFuture.supplyAsync(() -> {
                queue.enter();
                return queue.isHead();
            });
            assertThat(holder.isAlive()).isTrue();
            assertThat(entered).isNotDone();
            holder.destroyForcibly();
            assertThat(entered.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    @Rule(8)
    void aWriterThatIsFrozenBlocksNoOther() throws Exception {
        Process holder = holder(directory.resolve("queue"));
        signal(holder, "-STOP");
        try (ProcessQueue queue = queue(Duration.ofMillis(50))) {
            queue.enter();
            assertThat(queue.isHead()).isFalse();
            queue.exit();
            long before = System.nanoTime();
            for (int i = 0; i < 1000; i++) {
                queue.enter();
                assertThat(queue.isHead()).isFalse();
                queue.exit();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .as("only the first waits")
                    .isLessThan(Duration.ofSeconds(5));
            signal(holder, "-CONT");
            holder.getOutputStream().write('\n');
            holder.getOutputStream().flush();
            assertThat(holder.inputReader().readLine()).isEqualTo("over");
            // The thread that still waits is granted the head, and releases it; then writers queue again.
            long deadline = System.nanoTime() + LONG.toNanos();
            boolean head = false;
            while (!head && System.nanoTime() - deadline < 0) {
                queue.enter();
                head = queue.isHead();
                queue.exit();
                Thread.onSpinWait();
            }
            assertThat(head).isTrue();
        }
    }

    @Test
    @Rule(8)
    void aStoreWritesWhileAFrozenProcessHeadsTheQueue() throws Exception {
        Path file = directory.resolve("store.db");
        JdbcIdempotencyStore.open("jdbc:sqlite:" + file).close();
        Process holder = holder(WriterQueue.lockFile(file));
        signal(holder, "-STOP");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (JdbcIdempotencyStore store = TestBuilders.everythingShared(
                        JdbcIdempotencyStore.builder("jdbc:sqlite:" + file))
                .open()) {
            List<Future<Integer>> writers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                writers.add(threads.submit(() -> writes(store, 5)));
            }
            for (Future<Integer> writer : writers) {
                assertThat(writer.get(30, TimeUnit.SECONDS)).isEqualTo(5);
            }
        } finally {
            threads.shutdown();
        }
    }

    private static int writes(JdbcIdempotencyStore store, int count) {
        int done = 0;
        for (int i = 0; i < count; i++) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            done += store.complete(lease, TestRequests.result("paid")) instanceof Applied ? 1 : 0;
        }
        return done;
    }

    @Test
    void twoStoresOfOneProcessOnOnePathShareOneQueue() throws Exception {
        Path file = directory.resolve("store.db");
        try (WriterQueue one = WriterQueue.of(file);
                WriterQueue two = WriterQueue.of(
                        directory.resolve(".").resolve("store.db").normalize())) {
            assertThat(two).isSameAs(one);
            one.enter();
            CountDownLatch arrived = new CountDownLatch(1);
            CompletableFuture<Void> second = CompletableFuture.runAsync(() -> {
                arrived.countDown();
                two.enter();
                two.exit();
            });
            assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
            one.exit();
            assertThat(second).succeedsWithin(LONG);
        }
        try (WriterQueue again = WriterQueue.of(file)) {
            again.enter();
            assertThat(again.isHead()).isTrue();
            again.exit();
        }
    }

    @Test
    void aNestedWriterKeepsItsPlaceUntilTheOuterOneEnds() {
        try (WriterQueue queue = WriterQueue.of(directory.resolve("store.db"))) {
            queue.enter();
            queue.enter();
            queue.exit();
            assertThat(queue.isHead()).isTrue();
            queue.exit();
            assertThat(queue.isHead()).isFalse();
        }
    }

    @Test
    void anInterruptedWriterKeepsTheInterruptAndTheQueueWorks() {
        try (WriterQueue queue = WriterQueue.of(directory.resolve("store.db"))) {
            Thread.currentThread().interrupt();
            queue.enter();
            queue.exit();
            assertThat(Thread.interrupted()).isTrue();
            queue.enter();
            assertThat(queue.isHead()).isTrue();
            queue.exit();
        }
        try (ProcessQueue queue = queue(LONG)) {
            Thread.currentThread().interrupt();
            queue.enter();
            assertThat(queue.isHead()).isTrue();
            queue.exit();
            assertThat(Thread.interrupted()).isTrue();
            queue.enter();
            assertThat(queue.isHead()).isTrue();
        }
    }

    @Test
    void withoutAQueueFileWritersGoOnUnqueued() {
        try (ProcessQueue queue =
                new ProcessQueue(FileLocks.inFile(directory.resolve("missing/queue")), LONG, System::nanoTime)) {
            for (int i = 0; i < 3; i++) {
                queue.enter();
                assertThat(queue.isHead()).isFalse();
                queue.exit();
            }
        }
    }

    @Test
    void closeEndsAWaitForAFileLock() throws Exception {
        Process holder = holder(directory.resolve("queue"));
        ProcessQueue queue = queue(LONG);
        CompletableFuture<Void> entered = CompletableFuture.runAsync(queue::enter);
        while (!queue.isWaiting()) {
            Thread.onSpinWait();
        }
        queue.close();
        assertThat(entered).succeedsWithin(LONG);
        assertThat(queue.isHead()).isFalse();
        assertThat(holder.isAlive()).isTrue();
    }

    @Test
    void theLongestWaitingWriterIsNext() throws Exception {
        Process holder = holder(directory.resolve("queue"));
        try (BufferedReader output = holder.inputReader();
                ProcessQueue queue = queue(LONG)) {
            CompletableFuture<Boolean> entered = CompletableFuture.supplyAsync(() -> {
                queue.enter();
                boolean head = queue.isHead();
                queue.exit();
                return head;
            });
            while (!queue.isWaiting()) {
                Thread.onSpinWait();
            }
            assertThat(entered).isNotDone();
            holder.getOutputStream().write('\n');
            holder.getOutputStream().flush();
            assertThat(output.readLine()).isEqualTo("over");
            assertThat(entered.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
