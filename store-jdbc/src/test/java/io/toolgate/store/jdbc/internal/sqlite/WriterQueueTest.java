package io.toolgate.store.jdbc.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.Lease;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.Ask;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestBuilders;
import java.io.BufferedReader;
import java.io.IOException;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Turns among the threads of a process and among processes; processes that die or are frozen during their turn. */
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

    /** A process that has the turn of {@code file}. */
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
        assertThat(process.inputReader().readLine()).isEqualTo("mine");
        return process;
    }

    private static void signal(Process process, String signal) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    private ProcessQueue turn(Duration patience) {
        return new ProcessQueue(FileLocks.inFile(directory.resolve("turn")), patience, System::nanoTime);
    }

    @Test
    void theNextWriterFollowsOneThatDied() throws Exception {
        Process holder = holder(directory.resolve("turn"));
        try (ProcessQueue turn = turn(LONG)) {
            CompletableFuture<Boolean> entered = CompletableFuture.supplyAsync(() -> {
                turn.enter();
                return turn.isOurs();
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
        Process holder = holder(directory.resolve("turn"));
        signal(holder, "-STOP");
        try (ProcessQueue turn = turn(Duration.ofMillis(50))) {
            turn.enter();
            assertThat(turn.isOurs()).isFalse();
            turn.exit();
            long before = System.nanoTime();
            for (int i = 0; i < 1000; i++) {
                turn.enter();
                assertThat(turn.isOurs()).isFalse();
                turn.exit();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .as("only the first waits")
                    .isLessThan(Duration.ofSeconds(5));
            signal(holder, "-CONT");
            holder.getOutputStream().write('\n');
            holder.getOutputStream().flush();
            assertThat(holder.inputReader().readLine()).isEqualTo("over");
            // The thread that still waits is given the turn, and gives it back; then there are turns again.
            long deadline = System.nanoTime() + LONG.toNanos();
            boolean ours = false;
            while (!ours && System.nanoTime() - deadline < 0) {
                turn.enter();
                ours = turn.isOurs();
                turn.exit();
                Thread.onSpinWait();
            }
            assertThat(ours).isTrue();
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
            Lease lease = Ask.acquired(store, Ask.hold(Ask.freshId()));
            done += store.complete(lease, Ask.result("paid")) instanceof Applied ? 1 : 0;
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
            assertThat(again.isOurs()).isTrue();
            again.exit();
        }
    }

    @Test
    void aNestedWriterKeepsItsPlaceUntilTheOuterOneEnds() {
        try (WriterQueue turn = WriterQueue.of(directory.resolve("store.db"))) {
            turn.enter();
            turn.enter();
            turn.exit();
            assertThat(turn.isOurs()).isTrue();
            turn.exit();
            assertThat(turn.isOurs()).isFalse();
        }
    }

    @Test
    void anInterruptedWriterKeepsTheInterruptAndTheQueueWorks() {
        try (WriterQueue turn = WriterQueue.of(directory.resolve("store.db"))) {
            Thread.currentThread().interrupt();
            turn.enter();
            turn.exit();
            assertThat(Thread.interrupted()).isTrue();
            turn.enter();
            assertThat(turn.isOurs()).isTrue();
            turn.exit();
        }
        try (ProcessQueue turn = turn(LONG)) {
            Thread.currentThread().interrupt();
            turn.enter();
            assertThat(turn.isOurs()).isTrue();
            turn.exit();
            assertThat(Thread.interrupted()).isTrue();
            turn.enter();
            assertThat(turn.isOurs()).isTrue();
        }
    }

    @Test
    void withoutAQueueFileWritersGoOnUnqueued() {
        try (ProcessQueue turn =
                new ProcessQueue(FileLocks.inFile(directory.resolve("missing/turn")), LONG, System::nanoTime)) {
            for (int i = 0; i < 3; i++) {
                turn.enter();
                assertThat(turn.isOurs()).isFalse();
                turn.exit();
            }
        }
    }

    @Test
    void closeEndsAWaitForAFileLock() throws Exception {
        Process holder = holder(directory.resolve("turn"));
        ProcessQueue turn = turn(LONG);
        CompletableFuture<Void> entered = CompletableFuture.runAsync(turn::enter);
        while (!turn.isWaiting()) {
            Thread.onSpinWait();
        }
        turn.close();
        assertThat(entered).succeedsWithin(LONG);
        assertThat(turn.isOurs()).isFalse();
        assertThat(holder.isAlive()).isTrue();
    }

    @Test
    void theLongestWaitingWriterIsNext() throws Exception {
        Process holder = holder(directory.resolve("turn"));
        try (BufferedReader output = holder.inputReader();
                ProcessQueue turn = turn(LONG)) {
            CompletableFuture<Boolean> entered = CompletableFuture.supplyAsync(() -> {
                turn.enter();
                boolean ours = turn.isOurs();
                turn.exit();
                return ours;
            });
            while (!turn.isWaiting()) {
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
