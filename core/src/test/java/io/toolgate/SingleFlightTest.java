package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Single flight: concurrent callers of one process follow the run that is under way. */
class SingleFlightTest extends GateFixture {
    private final ToolGate gate = gates.gate(store);

    /** An action that reports its start and waits for a signal to continue. */
    private final class Gated {
        final Breakpoint running = new Breakpoint();
        final PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    running.stop();
                    return "receipt-" + runs.incrementAndGet();
                })
                .build();
    }

    @Test
    @Rule(1)
    void fiftyParallelCallsAreOneRunAndFiftyEqualResults() throws Exception {
        PaidAction<String, String> action = Gates.counting(runs).build();
        List<Outcome<String>> outcomes = gates.together(50, () -> gate.execute(action, KEY, "in"));
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(outcome.valueOrThrow()).isEqualTo("receipt-1"));
        assertThat(outcomes.stream().filter(o -> ((Outcome.Completed<String>) o).origin() == Origin.EXECUTED))
                .hasSize(1);
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(8)
    void tenThousandFollowersCallNoStoreAndHoldNoThread() throws Exception {
        Gated gated = new Gated();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(gated.action, KEY, "in"));
        gated.running.awaitReached();
        int before = Thread.activeCount();
        List<CompletableFuture<Outcome<String>>> joined = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            joined.add(gate.executeAsync(gated.action, KEY, "in"));
        }
        assertThat(Thread.activeCount() - before).isLessThan(20);
        gated.running.resume();
        assertThat(Gates.get(leader).valueOrThrow()).isEqualTo("receipt-1");
        for (CompletableFuture<Outcome<String>> each : joined) {
            assertThat(Gates.get(each)).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        }
        assertThat(store.hooks().calls(Operation.CLAIM)).isEqualTo(1);
        assertThat(store.hooks().calls(Operation.PEEK_ALL)).isZero();
    }

    @Test
    void keysDoNotBlockEachOther() throws Exception {
        Gated slow = new Gated();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(slow.action, KEY, "in"));
        slow.running.awaitReached();
        PaidAction<String, String> quick = Gates.counting(runs).build();
        assertThat(gate.execute(quick, IdempotencyKey.of("another"), "in").isCompleted())
                .isTrue();
        assertThat(leader).isNotDone();
        slow.running.resume();
        assertThat(Gates.get(leader).isCompleted()).isTrue();
    }

    @Test
    void threeKeysAreThreeRuns() throws Exception {
        PaidAction<String, String> action = Gates.counting(runs).build();
        AtomicInteger next = new AtomicInteger();
        List<Outcome<String>> outcomes = gates.together(
                30, () -> gate.execute(action, IdempotencyKey.of("key-" + next.getAndIncrement() % 3), "in"));
        assertThat(new HashSet<>(outcomes.stream().map(Outcome::valueOrThrow).toList()))
                .hasSize(3);
        assertThat(runs).hasValue(3);
    }

    @Test
    void aCallAfterAnErrorStartsANewFlight() {
        PaidAction<String, String> action = Gates.counting(runs).build();
        store.hooks().failNext(Operation.CLAIM, 1);
        assertThatThrownBy(() -> gate.execute(action, KEY, "in")).isInstanceOf(ToolGateException.NotExecuted.class);
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
    }

    @Test
    @Rule(12)
    void followersReceiveTheErrorOfTheClaim() throws Exception {
        Breakpoint claiming = new Breakpoint();
        store.hooks().beforeClaim(request -> {
            claiming.stop();
            throw new StoreException.Unavailable("down", null);
        });
        PaidAction<String, String> action = Gates.counting(runs).build();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(action, KEY, "in"));
        claiming.awaitReached();
        List<CompletableFuture<Outcome<String>>> joined = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            joined.add(gate.executeAsync(action, KEY, "in"));
        }
        claiming.resume();
        assertThatThrownBy(() -> Gates.get(leader)).hasCauseInstanceOf(ToolGateException.NotExecuted.class);
        for (CompletableFuture<Outcome<String>> each : joined) {
            assertThatThrownBy(() -> Gates.get(each))
                    .hasCauseInstanceOf(ToolGateException.NotExecuted.class)
                    .hasStackTraceContaining("down");
        }
        assertThat(store.hooks().calls(Operation.CLAIM)).isEqualTo(1);
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(9)
    void anotherInputJoinsNoFlightAndClaimsItself() throws Exception {
        Gated gated = new Gated();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(gated.action, KEY, "in"));
        gated.running.awaitReached();
        assertThat(gate.execute(gated.action, KEY, "other")).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(Gates.get(gate.executeAsync(gated.action, KEY, "other"))).isInstanceOf(Outcome.KeyConflict.class);
        gated.running.resume();
        assertThat(Gates.get(leader).isCompleted()).isTrue();
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(9)
    void theKeysOwnInputIsServedWhileAnotherOneIsRefused() throws Exception {
        // The current flight has the wrong input; a call with the right one must not follow it.
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThat(gate.execute(action, KEY, "right").isCompleted()).isTrue();
        Breakpoint wrongClaims = new Breakpoint();
        AtomicInteger claims = new AtomicInteger();
        store.hooks().beforeClaim(request -> {
            if (claims.getAndIncrement() == 0) {
                wrongClaims.stop();
            }
        });
        Future<Outcome<String>> wrong = gates.start(() -> gate.execute(action, KEY, "wrong"));
        wrongClaims.awaitReached();
        assertThat(gate.execute(action, KEY, "right").valueOrThrow()).isEqualTo("receipt-1");
        wrongClaims.resume();
        assertThat(Gates.get(wrong)).isInstanceOf(Outcome.KeyConflict.class);
    }

    @Test
    @Rule(10)
    void whenTheRunIsReleasedOneFollowerTakesOver() throws Exception {
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    if (runs.incrementAndGet() == 1) {
                        running.stop();
                        throw new java.net.ConnectException("refused");
                    }
                    return "receipt of attempt " + attempt.number();
                })
                .classify(Failure::notExecuted)
                .build();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(action, KEY, "in"));
        running.awaitReached();
        List<Future<Outcome<String>>> joined = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            joined.add(
                    i % 2 == 0
                            ? gate.executeAsync(action, KEY, "in")
                            : gates.start(() -> gate.execute(action, KEY, "in")));
        }
        running.resume();
        assertThat(Gates.get(leader)).isInstanceOf(Outcome.Retryable.class);
        store.advance(ClaimMachine.pauseAfter(1));
        for (Future<Outcome<String>> each : joined) {
            assertThat(Gates.get(each).valueOrThrow()).isEqualTo("receipt of attempt 2");
        }
        assertThat(runs).hasValue(2);
    }

    @Test
    void followersOfARunThatThrewAnErrorReadItsResultFromTheStore() throws Exception {
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    running.stop();
                    throw new StackOverflowError("on purpose");
                })
                .build();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(action, KEY, "in"));
        running.awaitReached();
        CompletableFuture<Outcome<String>> joined = gate.executeAsync(action, KEY, "in");
        running.resume();
        assertThatThrownBy(() -> Gates.get(leader)).hasCauseInstanceOf(StackOverflowError.class);
        assertThat(Gates.get(joined)).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(1);
    }

    @Test
    void followersOfARunInDoubtProbeOnceTogether() throws Exception {
        Breakpoint running = new Breakpoint();
        AtomicInteger probes = new AtomicInteger();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    running.stop();
                    throw new java.net.SocketTimeoutException("timed out");
                })
                .recovery(Recovery.probe(attempt -> {
                    probes.incrementAndGet();
                    return ProbeResult.unknown();
                }))
                .build();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(action, KEY, "in"));
        running.awaitReached();
        List<CompletableFuture<Outcome<String>>> joined = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            joined.add(gate.executeAsync(action, KEY, "in"));
        }
        running.resume();
        assertThat(Gates.get(leader)).isInstanceOf(Outcome.InDoubt.class);
        for (CompletableFuture<Outcome<String>> each : joined) {
            assertThat(Gates.get(each)).isInstanceOf(Outcome.InDoubt.class);
        }
        assertThat(probes).hasValue(1);
    }

    @Test
    void callsThatDoNotWaitAreAnsweredByTheStoreAtOnce() throws Exception {
        ToolGate impatient = gates.gate(ToolGate.on(store).waitForInProgress(Duration.ZERO));
        Gated gated = new Gated();
        Future<Outcome<String>> leader = gates.start(() -> impatient.execute(gated.action, KEY, "in"));
        gated.running.awaitReached();
        assertThat(impatient.execute(gated.action, KEY, "in"))
                .isEqualTo(new Outcome.InProgress<>(Duration.ofSeconds(1)));
        assertThat(Gates.get(impatient.executeAsync(gated.action, KEY, "in"))).isInstanceOf(Outcome.InProgress.class);
        gated.running.resume();
        assertThat(Gates.get(leader).isCompleted()).isTrue();
        assertThat(impatient.execute(gated.action, KEY, "in").valueOrThrow()).isEqualTo("receipt-1");
    }

    @Test
    void aRunThatCallsWithItsOwnKeyFailsFast() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    PaidAction<String, String> same = Gates.counting(runs).build();
                    return gate.execute(same, KEY, input).valueOrThrow();
                })
                .build();
        assertThat(gate.execute(action, KEY, "in"))
                .isInstanceOfSatisfying(
                        Outcome.InDoubt.class,
                        doubt -> assertThat(doubt.failure().message()).contains("would wait for itself"));
        assertThat(runs).hasValue(0);
    }

    @Test
    void aRunMayCallWithAnotherKey() {
        PaidAction<String, String> inner = Gates.counting(runs).build();
        PaidAction<String, String> outer = PaidAction.<String, String>named("outer")
                .run((input, attempt) ->
                        "outer of " + gate.execute(inner, KEY, input).valueOrThrow())
                .codec(ResultCodec.text())
                .build();
        assertThat(gate.execute(outer, KEY, "in").valueOrThrow()).isEqualTo("outer of receipt-1");
    }

    @Test
    void followersOfAFailedRunBackOffBeforeTheyRunAgain() throws Exception {
        CountDownLatch joined = new CountDownLatch(1);
        PaidAction<String, String> action = Gates.action((in, a) -> {
                    runs.incrementAndGet();
                    Gates.await(joined);
                    throw new java.net.ConnectException("refused");
                })
                .classify(Failure::notExecuted)
                .build();
        ToolGate gate = gates.gate(ToolGate.on(new ModelStore(new ModelDatabase(InstantSource.system())))
                .waitForInProgress(Duration.ofSeconds(1)));
        List<CompletableFuture<Outcome<String>>> all = Stream.generate(() -> gate.executeAsync(action, KEY, "in"))
                .limit(6)
                .toList();
        // All but the leader follow its run by now; a later call would not have to pause.
        long from = System.nanoTime();
        joined.countDown();
        List<Outcome<String>> outcomes = new ArrayList<>();
        for (CompletableFuture<Outcome<String>> one : all) {
            outcomes.add(Gates.get(one));
        }
        assertThat(outcomes).hasOnlyElementsOfType(Outcome.Retryable.class);
        assertThat(runs.get()).as("runs at 0, 100, 300 and 700 ms").isBetween(2, 4);
        assertThat(Duration.ofNanos(System.nanoTime() - from))
                .as("duration; the first pause is 100 ms")
                .isGreaterThanOrEqualTo(Duration.ofMillis(100));
    }
}
