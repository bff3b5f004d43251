package io.toolgate.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.JsonCodec;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.ToolGateException;
import io.toolgate.ToolGateListener;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.Rule;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gate on a real database, with two stores on it where two processes would have one each. */
abstract class Scenarios {
    private static final Duration LONG = Duration.ofSeconds(20);
    // Long compared with the heartbeat interval, so that a machine that stalls for a second loses no lease.
    private static final Duration LEASE = Duration.ofMillis(1_500);
    private static final Duration HEARTBEAT = Duration.ofMillis(150);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final ExecutorService callers = Executors.newCachedThreadPool();
    private final AtomicInteger runs = new AtomicInteger();
    private final IdempotencyKey key =
            IdempotencyKey.of("scenarios", UUID.randomUUID().toString());
    private IdempotencyStore store;
    private ToolGate gate;
    private ToolGate elsewhere;

    /** Opens one more store on the database. */
    abstract IdempotencyStore openStore();

    @BeforeEach
    void openTwoOfEach() {
        store = openStore();
        IdempotencyStore second = openStore();
        gate = ToolGate.on(store).waitForInProgress(LONG).build();
        elsewhere = ToolGate.on(second).waitForInProgress(LONG).build();
        open.addAll(List.of(gate, elsewhere, store, second));
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        callers.shutdownNow();
    }

    private PaidAction.Builder<String, String> counting() {
        return action((input, attempt) -> "receipt-" + runs.incrementAndGet());
    }

    private static PaidAction.Builder<String, String> action(PaidAction.Run<String, String> run) {
        return PaidAction.<String, String>named("charge")
                .run(run)
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .lease(LEASE)
                .heartbeat(HEARTBEAT);
    }

    private <T> List<T> together(int count, Callable<T> first, Callable<T> second) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(count);
        List<Future<T>> futures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Callable<T> call = i % 2 == 0 ? first : second;
            futures.add(callers.submit(() -> {
                barrier.await(10, TimeUnit.SECONDS);
                return call.call();
            }));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            results.add(get(future));
        }
        return results;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    }

    private IdempotencyRecord stored() {
        return store.peek(key.in("charge")).orElseThrow();
    }

    @Test
    @Rule(1)
    void fiftyParallelEqualCallsAreOneRunAndFiftyEqualResults() throws Exception {
        PaidAction<String, String> action = counting().build();
        Callable<Outcome<String>> call = () -> gate.execute(action, key, "in");
        List<Outcome<String>> outcomes = together(50, call, call);
        assertThat(outcomes).allSatisfy(o -> assertThat(o.valueOrThrow()).isEqualTo("receipt-1"));
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(1)
    void twoStoresOnOneDatabaseRaceAndOneRuns() throws Exception {
        PaidAction<String, String> action = counting().build();
        List<Outcome<String>> outcomes =
                together(50, () -> gate.execute(action, key, "in"), () -> elsewhere.execute(action, key, "in"));
        assertThat(outcomes).allSatisfy(o -> assertThat(o.valueOrThrow()).isEqualTo("receipt-1"));
        assertThat(outcomes.stream().filter(o -> ((Outcome.Completed<String>) o).origin() == Origin.EXECUTED))
                .hasSize(1);
        assertThat(runs).hasValue(1);
    }

    @Test
    void threeDifferentKeysAreThreeRuns() throws Exception {
        PaidAction<String, String> action = counting().build();
        AtomicInteger next = new AtomicInteger();
        List<Outcome<String>> outcomes = together(
                30,
                () -> gate.execute(action, IdempotencyKey.of(key.value(), "k" + next.getAndIncrement() % 3), "in"),
                () -> elsewhere.execute(
                        action, IdempotencyKey.of(key.value(), "k" + next.getAndIncrement() % 3), "in"));
        assertThat(new HashSet<>(outcomes.stream().map(Outcome::valueOrThrow).toList()))
                .containsExactlyInAnyOrder("receipt-1", "receipt-2", "receipt-3");
        assertThat(runs).hasValue(3);
    }

    @Test
    @Rule(10)
    void oneOfTenWaitersTakesOverWhenTheWinnerFails() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        PaidAction<String, String> action = action((input, attempt) -> {
                    if (runs.incrementAndGet() == 1) {
                        running.countDown();
                        await(goOn);
                        throw new ConnectException("refused");
                    }
                    return "receipt of attempt " + attempt.number();
                })
                .classify(e -> e instanceof ConnectException ? Failure.notExecuted(e) : Failure.unknown(e))
                .build();
        Future<Outcome<String>> winner = callers.submit(() -> gate.execute(action, key, "in"));
        await(running);
        List<CompletableFuture<Outcome<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            waiting.add((i % 2 == 0 ? gate : elsewhere).executeAsync(action, key, "in"));
        }
        goOn.countDown();
        assertThat(get(winner)).isInstanceOf(Outcome.Retryable.class);
        for (CompletableFuture<Outcome<String>> each : waiting) {
            assertThat(get(each).valueOrThrow()).isEqualTo("receipt of attempt 2");
        }
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(10)
    void aWaiterTakesOverWhenTheDeadOwnersLeaseEndsWithinItsWait() throws Exception {
        DeadOwner.claim(store, key.in("charge"), LEASE);
        PaidAction<String, String> action =
                counting().recovery(Recovery.rerun()).build();
        List<Outcome<String>> outcomes =
                together(6, () -> gate.execute(action, key, "in"), () -> elsewhere.execute(action, key, "in"));
        assertThat(outcomes).allSatisfy(o -> assertThat(o.valueOrThrow()).isEqualTo("receipt-1"));
        assertThat(stored().fence()).isEqualTo(2);
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(1)
    void anActionOfFourTimesItsLeaseRunsOnce() throws Exception {
        // The run ends when its record has been renewed past four leases from its start, as the database counts.
        PaidAction<String, String> slow = action((input, attempt) -> {
                    runs.incrementAndGet();
                    java.time.Instant start = stored().createdAt();
                    Awaitility.await()
                            .atMost(Duration.ofSeconds(60))
                            .pollInterval(Duration.ofMillis(50))
                            .until(() -> stored().readAt().isAfter(start.plus(LEASE.multipliedBy(4))));
                    return "slow receipt";
                })
                .recovery(Recovery.rerun())
                .build();
        Future<Outcome<String>> owner = callers.submit(() -> gate.execute(slow, key, "in"));
        Future<Outcome<String>> other = callers.submit(() -> elsewhere.execute(slow, key, "in"));
        assertThat(get(owner).valueOrThrow()).isEqualTo("slow receipt");
        assertThat(get(other).valueOrThrow()).isEqualTo("slow receipt");
        assertThat(runs).hasValue(1);
        assertThat(stored().fence()).isEqualTo(1);
    }

    @Test
    @Rule(4)
    void aStaleOwnerIsRefusedByType() throws Exception {
        AtomicReference<@Nullable Object> staleValue = new AtomicReference<>();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        IdempotencyStore frozenStore = new SilentStore(openStore());
        ToolGate frozenGate = ToolGate.on(frozenStore)
                .waitForInProgress(LONG)
                .listener(new ToolGateListener() {
                    @Override
                    public void staleResult(Event event, @Nullable Object value) {
                        staleValue.set(value);
                    }
                })
                .build();
        open.addAll(List.of(frozenGate, frozenStore));
        PaidAction<String, String> frozen = action((input, attempt) -> {
                    running.countDown();
                    await(goOn);
                    return "stale receipt";
                })
                .recovery(Recovery.rerun())
                .build();
        Future<Outcome<String>> stale = callers.submit(() -> frozenGate.execute(frozen, key, "in"));
        await(running);
        PaidAction<String, String> next = counting().recovery(Recovery.rerun()).build();
        assertThat(elsewhere.execute(next, key, "in").valueOrThrow()).isEqualTo("receipt-1");
        IdempotencyRecord finished = stored();
        goOn.countDown();

        Outcome<String> outcome = get(stale);

        assertThat(outcome)
                .isEqualTo(new Outcome.LeaseLost<>(1, new Outcome.Completed<>("receipt-1", Origin.REPLAYED)));
        assertThatThrownBy(outcome::valueOrThrow).isInstanceOf(ToolGateException.LeaseLost.class);
        assertThat(staleValue).hasValue("stale receipt");
        assertThat(stored()).usingRecursiveComparison().ignoringFields("readAt").isEqualTo(finished);
    }

    @Test
    @Rule({5, 6})
    void holdPutsAVanishedOwnersRecordInDoubtAndItsLateResultIsAccepted() throws Exception {
        Lease vanished = DeadOwner.claim(store, key.in("charge"), Duration.ofMillis(1));
        PaidAction<String, String> action = counting().build();
        assertThat(gate.execute(action, key, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(elsewhere.execute(action, key, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(store.complete(vanished, Payload.of("text/1", new byte[] {'o', 'k'})))
                .isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(elsewhere.execute(action, key, "in").valueOrThrow()).isEqualTo("ok");
        assertThat(runs).hasValue(0);
    }

    @ParameterizedTest
    @EnumSource(RecordState.class)
    @Rule(9)
    void aDuplicateWithAnotherInputIsAConflictInEveryState(RecordState state) throws Exception {
        Lease lease = DeadOwner.claim(store, key.in("charge"), Duration.ofMinutes(1));
        switch (state) {
            case COMPLETED -> assertApplied(store.complete(lease, Payload.of("text/1", new byte[0])));
            case REJECTED -> assertApplied(store.fail(lease, Failure.rejected("c", "m")));
            case RETRYABLE -> assertApplied(store.fail(lease, Failure.notExecuted("c", "m")));
            case IN_DOUBT -> assertApplied(store.fail(lease, Failure.unknown("c", "m")));
            case IN_PROGRESS -> {}
        }
        IdempotencyRecord before = stored();
        assertThat(before.state()).isEqualTo(state);
        PaidAction<String, String> action =
                counting().recovery(Recovery.rerun()).build();
        assertThat(gate.execute(action, key, "other input")).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(get(elsewhere.executeAsync(action, key, "other input"))).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(stored()).usingRecursiveComparison().ignoringFields("readAt").isEqualTo(before);
        assertThat(runs).hasValue(0);
    }

    private static void assertApplied(TransitionOutcome outcome) {
        assertThat(outcome).isInstanceOf(TransitionOutcome.Applied.class);
    }

    record Receipt(String id, @Nullable String note) {}

    @Test
    @Rule(11)
    void nullEmptyAndLargeResultsAreReplayedByAnotherProcess() {
        PaidAction<String, @Nullable Receipt> json = PaidAction.<String, @Nullable Receipt>named("json")
                .run((input, attempt) -> {
                    runs.incrementAndGet();
                    return switch (input) {
                        case "null" -> null;
                        case "large" -> new Receipt("r", "ä😀".repeat(60_000));
                        default -> new Receipt("r", null);
                    };
                })
                .codec(JsonCodec.of(Receipt.class))
                .build();
        for (String input : List.of("null", "large", "small")) {
            IdempotencyKey each = IdempotencyKey.of(key.value(), input);
            Receipt ran = gate.execute(json, each, input).valueOrThrow();
            assertThat(elsewhere.execute(json, each, input)).isEqualTo(new Outcome.Completed<>(ran, Origin.REPLAYED));
        }
        PaidAction<String, String> empty = action((input, attempt) -> "").build();
        assertThat(gate.execute(empty, key, "in").valueOrThrow()).isEmpty();
        assertThat(elsewhere.execute(empty, key, "in").valueOrThrow()).isEmpty();
        assertThat(runs).hasValue(3);
    }

    @Test
    @Rule(11)
    void tooLargeAndUnencodableResultsAreDoneButUnavailable() {
        PaidAction<String, String> action = action((input, attempt) -> {
                    runs.incrementAndGet();
                    return input.equals("too large") ? "x".repeat(1_001) : "\uD83D";
                })
                .maxResultBytes(1_000)
                .build();
        for (String input : List.of("too large", "unencodable")) {
            IdempotencyKey each = IdempotencyKey.of(key.value(), input);
            String code =
                    input.equals("too large") ? Failure.Codes.RESULT_TOO_LARGE : Failure.Codes.RESULT_NOT_ENCODABLE;
            for (ToolGate one : List.of(gate, elsewhere, gate)) {
                assertThat(one.execute(action, each, input))
                        .isInstanceOfSatisfying(
                                Outcome.Unavailable.class,
                                u -> assertThat(u.reason().code()).isEqualTo(code));
            }
        }
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(12)
    void aStoreThatIsClosedKeepsTheActionFromRunning() {
        IdempotencyStore closed = openStore();
        closed.close();
        ToolGate onClosed = ToolGate.on(closed).build();
        open.add(onClosed);
        assertThatThrownBy(() -> onClosed.execute(counting().build(), key, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("did not run the action");
        assertThat(runs).hasValue(0);
    }
}
