package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.RecordState;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing a gate, with runs, waiters and claims under way. */
class ClosingTest extends GateFixture {
    @Test
    void closeRefusesNewCallsAndRenewsLeasesUntilTheRunsHaveEnded() throws Exception {
        ToolGate gate = ToolGate.on(store).drainTimeout(Duration.ofSeconds(30)).build();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch beatsAfterClose = new CountDownLatch(3);
        AtomicBoolean closing = new AtomicBoolean();
        store.hooks().afterHeartbeat((leases, owned) -> {
            if (closing.get()) {
                beatsAfterClose.countDown();
            }
        });
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    running.countDown();
                    Gates.await(beatsAfterClose);
                    return "drained";
                })
                .heartbeat(Duration.ofMillis(10))
                .build();
        Future<Outcome<String>> call = gates.start(() -> gate.execute(action, KEY, "in"));
        Gates.await(running);
        closing.set(true);
        gate.close();
        assertThat(call).as("the drain waited for the run").succeedsWithin(Duration.ofSeconds(10));
        assertThat(Gates.get(call).valueOrThrow()).isEqualTo("drained");
        assertThatThrownBy(() -> gate.execute(action, IdempotencyKey.of("new"), "in"))
                .isInstanceOf(ToolGateException.Closed.class);
        assertThatThrownBy(() -> Gates.get(gate.executeAsync(action, IdempotencyKey.of("new"), "in")))
                .hasCauseInstanceOf(ToolGateException.Closed.class);
        assertThatThrownBy(() -> gate.find(action, KEY)).isInstanceOf(ToolGateException.Closed.class);
        gate.close();
    }

    @Test
    void closeEndsWaitingCallsWhenTheDrainTimeoutIsOver() throws Exception {
        ToolGate elsewhere = gates.gate(gates.store());
        ToolGate gate = ToolGate.on(store)
                .waitForInProgress(Gates.LONG)
                .drainTimeout(Duration.ofMillis(20))
                .build();
        CountDownLatch running = new CountDownLatch(2);
        CountDownLatch goOn = new CountDownLatch(1);
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    running.countDown();
                    Gates.await(goOn);
                    return "r";
                })
                .build();
        IdempotencyKey other = IdempotencyKey.of("other");
        Future<Outcome<String>> mine = gates.start(() -> gate.execute(action, KEY, "in"));
        Future<Outcome<String>> theirs = gates.start(() -> elsewhere.execute(action, other, "in"));
        Gates.await(running);
        CompletableFuture<Outcome<String>> joined = gate.executeAsync(action, KEY, "in");
        CompletableFuture<Outcome<String>> waiting = gate.executeAsync(action, other, "in");
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> store.hooks().calls(Operation.PEEK_ALL) > 0);
        gate.close();
        assertThatThrownBy(() -> Gates.get(waiting))
                .hasCauseInstanceOf(ToolGateException.Closed.class)
                .hasMessageContaining("did not run the action");
        goOn.countDown();
        assertThat(Gates.get(mine).isCompleted())
                .as("a result after close is stored")
                .isTrue();
        assertThatThrownBy(() -> Gates.get(joined)).hasCauseInstanceOf(ToolGateException.Closed.class);
        assertThat(Gates.get(theirs).isCompleted()).isTrue();
    }

    @Test
    void aClaimThatIsAnsweredAfterCloseIsReleasedAndDoesNotRun() throws Exception {
        Breakpoint claiming = new Breakpoint();
        store.hooks().afterClaim((r, a) -> claiming.stop());
        ToolGate gate = gate(5000);
        Future<Outcome<String>> call =
                gates.start(() -> gate.execute(Gates.counting(runs).build(), KEY, "in"));
        claiming.awaitReached();
        gate.close();
        claiming.resume();
        assertThatThrownBy(() -> Gates.get(call)).hasCauseInstanceOf(ToolGateException.Closed.class);
        assertThat(runs).hasValue(0);
        assertThat(store.stored(id).state()).as("the unused claim's record").isEqualTo(RecordState.RETRYABLE);
    }

    @Test
    void followersOfARunFailWhenTheGateIsClosed() throws Exception {
        Breakpoint running = new Breakpoint();
        ToolGate gate = gate(10_000);
        PaidAction<String, String> action = Gates.stoppingAt(running, "r").build();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(action, KEY, "in"));
        running.awaitReached();
        CompletableFuture<Outcome<String>> joiner = gate.executeAsync(action, KEY, "in");
        gate.close();
        assertThatThrownBy(() -> Gates.get(joiner)).hasCauseInstanceOf(ToolGateException.Closed.class);
        running.resume();
        assertThat(Gates.get(leader).isCompleted())
                .as("a result after close is stored")
                .isTrue();
    }

    @Test
    void aRunMayCloseItsOwnGate() {
        ToolGate gate = ToolGate.on(store).drainTimeout(Duration.ofMinutes(5)).build();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    gate.close();
                    return "last";
                })
                .build();
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("last");
    }

    private static void assertClosed(CompletableFuture<?> call) {
        assertThatThrownBy(() -> Gates.get(call)).hasCauseInstanceOf(ToolGateException.Closed.class);
    }

    @Test
    @Rule(8)
    void aCallThatPausesBetweenTwoAttemptsEndsWhenTheGateIsClosed() throws Exception {
        Breakpoint running = new Breakpoint();
        ToolGate gate = gate(10_000);
        PaidAction<String, String> refused = Gates.action((input, attempt) -> {
                    running.stop();
                    throw new java.net.ConnectException("refused");
                })
                .classify(Failure::notExecuted)
                .build();
        CompletableFuture<Outcome<String>> leader = gate.executeAsync(refused, KEY, "in");
        running.awaitReached();
        CompletableFuture<Outcome<String>> follower = gate.executeAsync(refused, KEY, "in");
        running.resume();
        assertThat(Gates.get(leader)).isInstanceOf(Outcome.Retryable.class);
        gate.close();
        assertClosed(follower);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 60_000})
    @Rule(8)
    void aCallThatNeverGotAThreadEndsWhenTheGateIsClosed(int waitMillis) {
        List<Runnable> submitted = new ArrayList<>();
        ToolGate gate = gates.gate(ToolGate.on(store)
                .waitForInProgress(Duration.ofMillis(waitMillis))
                .executor(submitted::add));
        CompletableFuture<Outcome<String>> call =
                gate.executeAsync(Gates.counting(runs).build(), KEY, "in");
        CompletableFuture<Outcome<String>> equal =
                gate.executeAsync(Gates.counting(runs).build(), KEY, "in");
        gate.close();
        assertClosed(call);
        assertClosed(equal);
        submitted.forEach(Runnable::run);
        assertThat(runs).as("answered that it did not run").hasValue(0);
    }
}
