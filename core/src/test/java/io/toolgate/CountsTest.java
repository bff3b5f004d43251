package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ActionCounts;
import io.toolgate.store.contract.ModelStore.Operation;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Counts of a gate for the health view, and their reports to its store. */
class CountsTest extends GateFixture {
    private static final Duration OFTEN = Duration.ofMillis(2);

    private final PaidAction<String, String> action = Gates.counting(runs).build();

    private ToolGate.Builder builder() {
        return ToolGate.on(store).waitForInProgress(Gates.LONG).drainTimeout(Duration.ofSeconds(10));
    }

    private long sum(ToLongFunction<ActionCounts> kind) {
        return gates.database.counts().stream().mapToLong(kind).sum();
    }

    private void await(ToLongFunction<ActionCounts> kind, long expected) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> sum(kind) >= expected);
        assertThat(sum(kind)).isEqualTo(expected);
    }

    private static PaidAction<String, String> failing(Exception thrown) {
        return Gates.action((input, attempt) -> {
                    throw thrown;
                })
                .classify(e -> e instanceof ConnectException
                        ? Failure.notExecuted(e)
                        : e instanceof IOException ? Failure.unknown(e) : Failure.rejected("declined", "no money"))
                .build();
    }

    @Test
    void everyKindOfResultIsCountedPerActionAndReportedWhenTheGateIsClosed() {
        PaidAction<String, String> other = PaidAction.<String, String>named("refund")
                .run((input, attempt) -> "refund")
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .build();
        PaidAction<String, String> probing =
                probing(ProbeResult.happened("found")).build();
        try (ToolGate gate = builder().build()) {
            for (int i = 0; i < 4; i++) {
                assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
            }
            assertThat(gate.execute(action, KEY, "another")).isInstanceOf(Outcome.KeyConflict.class);
            assertThat(gate.execute(failing(new IllegalStateException()), IdempotencyKey.of("1"), "in"))
                    .isInstanceOf(Outcome.Rejected.class);
            assertThat(gate.execute(action, IdempotencyKey.of("1"), "in")).isInstanceOf(Outcome.Rejected.class);
            assertThat(gate.execute(failing(new ConnectException()), IdempotencyKey.of("2"), "in"))
                    .isInstanceOf(Outcome.Retryable.class);
            assertThat(gate.execute(failing(new IOException()), IdempotencyKey.of("3"), "in"))
                    .isInstanceOf(Outcome.InDoubt.class);
            assertThat(gate.execute(probing, IdempotencyKey.of("3"), "in").isCompleted())
                    .isTrue();
            assertThat(gate.execute(other, KEY, "in").isCompleted()).isTrue();
            assertThat(gates.database.counts()).as("counts before the report").isEmpty();
        }
        assertThat(gates.database.counts())
                .containsExactlyInAnyOrder(
                        // Three replays of the result, and one of the rejection.
                        new ActionCounts("charge-card", 1, 4, 1, 1, 1, 1, 1, 0),
                        new ActionCounts("refund", 1, 0, 0, 0, 0, 0, 0, 0));
        assertThat(store.hooks().calls(Operation.COUNT)).isEqualTo(1);
    }

    @Test
    void aReconcilePassCountsItsResults() {
        claimElsewhere(KEY);
        store.advance(Duration.ofSeconds(31));
        PaidAction<String, String> probing =
                probing(ProbeResult.happened("found")).build();
        try (ToolGate gate = builder().build()) {
            gate.reconcile(probing);
        }
        assertThat(gates.database.counts()).containsExactly(new ActionCounts("charge-card", 0, 0, 1, 0, 0, 0, 0, 0));
    }

    @Test
    void aFollowerOfARunCountsAsAReplay() throws Exception {
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> slow = Gates.stoppingAt(running, "receipt").build();
        try (ToolGate gate = builder().build()) {
            Future<Outcome<String>> leader = gates.start(() -> gate.execute(slow, KEY, "in"));
            running.awaitReached();
            List<Future<Outcome<String>>> joined =
                    List.of(gate.executeAsync(slow, KEY, "in"), gate.executeAsync(slow, KEY, "in"));
            running.resume();
            assertThat(Gates.get(leader).isCompleted()).isTrue();
            for (Future<Outcome<String>> each : joined) {
                assertThat(Gates.get(each).isCompleted()).isTrue();
            }
        }
        assertThat(gates.database.counts()).containsExactly(new ActionCounts("charge-card", 1, 2, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void onlyNewCountsAreReported() {
        try (ToolGate gate = builder().countsEvery(OFTEN).build()) {
            assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
            await(ActionCounts::executed, 1);
            assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
            await(ActionCounts::replayed, 1);
            // Without counts the gate would report far later than this.
            pass(50);
        }
        assertThat(gates.database.counts())
                .containsExactly(
                        new ActionCounts("charge-card", 1, 0, 0, 0, 0, 0, 0, 0),
                        new ActionCounts("charge-card", 0, 1, 0, 0, 0, 0, 0, 0));
        assertThat(store.hooks().calls(Operation.COUNT)).isEqualTo(2);
    }

    @Test
    void countsThatTheStoreFailedToAddAreReportedAgain() {
        store.hooks().failNext(Operation.COUNT, 3);
        try (ToolGate gate = builder().countsEvery(OFTEN).build()) {
            assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
            assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
            await(ActionCounts::executed, 1);
        }
        assertThat(sum(ActionCounts::executed)).isEqualTo(1);
        assertThat(sum(ActionCounts::replayed)).isEqualTo(1);
        assertThat(store.hooks().calls(Operation.COUNT)).isGreaterThanOrEqualTo(4);
    }

    @Test
    void aStoreThatFailsToCountFailsNoCall() {
        store.hooks().failNext(Operation.COUNT, Integer.MAX_VALUE, UnsupportedOperationException::new);
        try (ToolGate gate = builder().countsEvery(OFTEN).build()) {
            assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> store.hooks().calls(Operation.COUNT) > 2);
            assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        }
        assertThat(gates.database.counts()).isEmpty();
    }

    @Test
    void concurrentCallsAreCountedOnceEachWhileReportsAreSent() throws Exception {
        AtomicInteger reports = new AtomicInteger();
        store.hooks().before(Operation.COUNT, counts -> {
            // Every third is lost.
            if (reports.incrementAndGet() % 3 == 0) {
                throw new IllegalStateException("on purpose");
            }
        });
        try (ToolGate gate = builder().countsEvery(Duration.ofMillis(1)).build()) {
            assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
            List<Boolean> all = gates.together(8, () -> {
                boolean completed = true;
                for (int i = 0; i < 250; i++) {
                    completed &= gate.execute(action, KEY, "in").isCompleted();
                }
                return completed;
            });
            assertThat(all).containsOnly(true);
            await(ActionCounts::replayed, 2000);
        }
        assertThat(sum(ActionCounts::executed)).isEqualTo(1);
        assertThat(sum(ActionCounts::replayed)).isEqualTo(2000);
    }

    @Test
    void aStoreThatHangsDelaysCloseForTheDrainTimeoutAtMost() {
        CountDownLatch never = new CountDownLatch(1);
        store.hooks().before(Operation.COUNT, counts -> Gates.await(never));
        ToolGate gate = builder().drainTimeout(Duration.ofMillis(50)).build();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        long from = System.nanoTime();
        gate.close();
        gate.close();
        assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(10));
        assertThat(gates.database.counts()).isEmpty();
        never.countDown();
        await(ActionCounts::executed, 1);
    }

    @Test
    void aReportWithoutCountsIsNotSent() {
        try (ToolGate gate = builder().countsEvery(Duration.ZERO).build()) {
            assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        }
        assertThat(store.hooks().calls(Operation.COUNT)).isZero();
        assertThatThrownBy(() -> builder().countsEvery(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("countsEvery is PT-0.001S");
        assertThatThrownBy(() -> builder().countsEvery(Duration.ofNanos(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1 ms");
    }
}
