package io.toolgate.store.jdbc;

import static io.toolgate.store.jdbc.TestLatches.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ReplayCache;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.CountingDataSource.Hold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand duplicates in one process cost the database no more than a few: statements and connections are counted.
 */
abstract class HerdRules {
    private static final int HERD = 10_000;
    private static final IdempotencyKey KEY = IdempotencyKey.of("order-981");

    private final CountingDataSource counting = new CountingDataSource();
    private final AtomicInteger runs = new AtomicInteger();
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final PaidAction<String, String> action = PaidAction.<String, String>named("charge-card")
            .run((input, attempt) -> {
                running.countDown();
                await(goOn);
                return "receipt-" + runs.incrementAndGet();
            })
            .codec(ResultCodec.text())
            .fingerprint(Fingerprint.text())
            .build();

    private Backend backend;
    private JdbcIdempotencyStore store;
    private ToolGate gate;

    abstract Backend openBackend();

    @BeforeEach
    void open() {
        backend = openBackend();
        store = backend.builder().wrapper(counting::wrap).open();
        gate = builder().build();
        counting.reset();
    }

    /** Without counts for the health view, which are a statement every few seconds. */
    private ToolGate.Builder builder() {
        return ToolGate.on(store).waitForInProgress(Duration.ofSeconds(60)).countsEvery(Duration.ZERO);
    }

    @AfterEach
    void close() {
        gate.close();
        store.close();
        backend.close();
    }

    /** What one run without duplicates costs; its connection is there by then. */
    private int statementsOfOneRun() {
        counting.reset();
        assertThat(gate.execute("charge-card", IdempotencyKey.of("alone"), () -> "receipt")
                        .isCompleted())
                .isTrue();
        int statements = counting.statements();
        assertThat(statements).isBetween(2, 3);
        counting.reset();
        return statements;
    }

    private List<CompletableFuture<Outcome<String>>> herd(int count, String input) {
        List<CompletableFuture<Outcome<String>>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(gate.executeAsync(action, KEY, input));
        }
        return calls;
    }

    private static void assertReceipts(List<CompletableFuture<Outcome<String>>> calls) throws Exception {
        for (CompletableFuture<Outcome<String>> call : calls) {
            assertThat(call.get(60, TimeUnit.SECONDS).valueOrThrow()).isEqualTo("receipt-1");
        }
    }

    @Test
    @Rule(8)
    void duplicatesOfARunOfTheSameProcessExecuteNoStatement() throws Exception {
        int alone = statementsOfOneRun();
        List<CompletableFuture<Outcome<String>>> calls = herd(HERD / 2, "in");
        await(running);
        calls.addAll(herd(HERD / 2, "in"));
        goOn.countDown();
        assertReceipts(calls);
        assertThat(counting.statements()).isEqualTo(alone);
        assertThat(counting.mostConnections()).isEqualTo(1);
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(8)
    void duplicatesOfARunOfAnotherProcessClaimOnceAndSharePolls() throws Exception {
        try (JdbcIdempotencyStore other = backend.builder().open();
                ToolGate elsewhere = ToolGate.on(other).build()) {
            CompletableFuture<Outcome<String>> winner = elsewhere.executeAsync(action, KEY, "in");
            await(running);
            counting.reset();
            long from = System.nanoTime();
            List<CompletableFuture<Outcome<String>>> calls = herd(HERD, "in");
            goOn.countDown();
            assertReceipts(calls);
            // A claim, and polls that are rarer and rarer, every 75 ms at the most after a while.
            long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - from);
            assertThat(counting.statements()).isLessThanOrEqualTo((int) (10 + tookMillis / 75));
            assertThat(counting.mostConnections()).isLessThanOrEqualTo(4);
            assertThat(winner.get(60, TimeUnit.SECONDS).valueOrThrow()).isEqualTo("receipt-1");
        }
    }

    @Test
    @Rule(8)
    void concurrentDuplicatesOfAFinishedKeyShareOneRead() throws Exception {
        goOn.countDown();
        assertReceipts(herd(1, "in"));
        counting.reset();
        Hold read = counting.holdNext();
        List<CompletableFuture<Outcome<String>>> calls = herd(1, "in");
        await(read.reached());
        calls.addAll(herd(HERD - 1, "in"));
        read.goOn().countDown();
        assertReceipts(calls);
        assertThat(counting.statements()).isEqualTo(1);
        assertThat(counting.mostConnections()).isEqualTo(1);
    }

    @Test
    @Rule(9)
    void duplicatesWithAnotherInputClaimOnceAndAreRefused() throws Exception {
        int alone = statementsOfOneRun();
        List<CompletableFuture<Outcome<String>>> calls = herd(1, "in");
        await(running);
        Hold asked = counting.holdNext();
        List<CompletableFuture<Outcome<String>>> others = herd(1, "other");
        await(asked.reached());
        calls.addAll(herd(HERD / 2 - 1, "in"));
        others.addAll(herd(HERD / 2 - 1, "other"));
        asked.goOn().countDown();
        for (CompletableFuture<Outcome<String>> other : others) {
            assertThat(other.get(60, TimeUnit.SECONDS)).isInstanceOf(Outcome.KeyConflict.class);
        }
        goOn.countDown();
        assertReceipts(calls);
        assertThat(counting.statements()).isEqualTo(alone + 1);
    }

    @Test
    @Rule(2)
    void replaysFromTheCacheUseNoStatementAndNoConnection() throws Exception {
        goOn.countDown();
        gate.close();
        gate = builder()
                .replayCache(ReplayCache.bounded(1 << 20, Duration.ofMinutes(1)))
                .build();
        assertReceipts(herd(1, "in"));
        counting.reset();
        assertReceipts(herd(HERD, "in"));
        assertThat(counting.statements()).isZero();
        assertThat(counting.mostConnections()).isZero();
    }
}
