package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.Lease;
import io.toolgate.store.RunEffect;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The executor of asynchronous calls: one that refuses, fails, is busy, or runs its tasks inline. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class ExecutorTest extends GateFixture {
    @Test
    void anExecutorThatRefusesEndsTheCallBeforeTheAction() {
        ToolGate gate = gates.gate(ToolGate.on(store).executor(task -> {
            throw new java.util.concurrent.RejectedExecutionException("full");
        }));
        assertThatThrownBy(
                        () -> Gates.get(gate.executeAsync(Gates.counting(runs).build(), KEY, "in")))
                .hasCauseInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("executor rejected");
        assertThat(gate.execute(Gates.counting(runs).build(), KEY, "in").isCompleted())
                .as("the next call starts a new flight")
                .isTrue();
    }

    @Test
    void anErrorOfTheExecutorLeavesNoFlightBehind() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofMillis(300)).executor(task -> {
                    if (broken.getAndSet(false)) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    new Thread(task).start();
                }));
        PaidAction<String, String> action = Gates.counting(runs).build();
        CompletableFuture<Outcome<String>> first = gate.executeAsync(action, KEY, "in");
        assertThat(first).isCompletedExceptionally();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
    }

    @Test
    @Rule(8)
    void aCallThatWaitsForAThreadEndsByItsDeadlineAndBlocksNoOther() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        CountDownLatch goOn = new CountDownLatch(1);
        one.execute(() -> Gates.await(goOn));
        AtomicInteger timeouts = new AtomicInteger();
        ToolGate gate = gates.gate(ToolGate.on(store)
                .waitForInProgress(Duration.ofMillis(1_500))
                .executor(one)
                .listener(new ToolGateListener() {
                    @Override
                    public void waitTimedOut(Event event) {
                        timeouts.incrementAndGet();
                    }
                }));
        PaidAction<String, String> action = Gates.counting(runs).build();
        CompletableFuture<Outcome<String>> queued = gate.executeAsync(action, KEY, "in");
        IdempotencyKey other = IdempotencyKey.of("other");
        CompletableFuture<Outcome<String>> another = gate.executeAsync(action, other, "in");
        CompletableFuture<Outcome<String>> follower = gate.executeAsync(action, other, "in");
        assertThat(gate.execute(action, KEY, "in").isCompleted())
                .as("the key has no owner, and this call needs no thread of the executor")
                .isTrue();
        for (CompletableFuture<Outcome<String>> call : List.of(another, follower)) {
            assertThatThrownBy(() -> Gates.get(call))
                    .as("a call whose wait ended before it had a thread, or the one that it followed")
                    .hasCauseInstanceOf(ToolGateException.NotExecuted.class)
                    .hasMessageContaining("No thread of the gate's executor was free")
                    .hasMessageContaining("PT1.5S")
                    .hasMessageContaining("did not run the action");
        }
        Awaitility.await("the listener, too, is told")
                .atMost(Duration.ofSeconds(10))
                .until(() -> timeouts.get() == 2);
        goOn.countDown();
        assertThat(Gates.get(queued).isCompleted())
                .as("the queued call, once it has a thread")
                .isTrue();
        one.shutdown();
        assertThat(one.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(8)
    void stagesThatHangHoldUpTheEndOfNoOtherCall() throws Exception {
        ToolGate gate = gate(500);
        PaidAction<String, String> action = Gates.counting(runs).build();
        CountDownLatch hanging = new CountDownLatch(9);
        CountDownLatch goOn = new CountDownLatch(1);
        for (int i = 0; i < 9; i++) {
            IdempotencyKey key = IdempotencyKey.of("k" + i);
            claimElsewhere(key);
            gate.executeAsync(action, key, "in").thenRun(() -> {
                hanging.countDown();
                Gates.await(goOn);
            });
        }
        claimElsewhere(KEY);
        assertThat(Gates.get(gate.executeAsync(action, KEY, "in"))).isInstanceOf(Outcome.InProgress.class);
        Gates.await(hanging);
        goOn.countDown();
    }

    @Test
    @Rule(8)
    void aStageThatHangsHoldsUpNoCloseOfTheGate() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        CountDownLatch goOn = new CountDownLatch(1);
        one.execute(() -> Gates.await(goOn));
        ToolGate gate = gates.gate(ToolGate.on(store).executor(one));
        PaidAction<String, String> action = Gates.counting(runs).build();
        CountDownLatch hanging = new CountDownLatch(1);
        gate.executeAsync(action, KEY, "in").whenComplete((outcome, closed) -> {
            hanging.countDown();
            Gates.await(goOn);
        });
        CompletableFuture<Outcome<String>> another = gate.executeAsync(action, IdempotencyKey.of("another"), "in");
        gate.close();
        Gates.await(hanging);
        assertThatThrownBy(() -> Gates.get(another)).hasCauseInstanceOf(ToolGateException.Closed.class);
        goOn.countDown();
        one.shutdown();
    }

    @Test
    void aCallThatWasCancelledBeforeItHadAThreadDoesNotRun() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        CountDownLatch goOn = new CountDownLatch(1);
        one.execute(() -> Gates.await(goOn));
        ToolGate gate = gates.gate(ToolGate.on(store).executor(one));
        CompletableFuture<Outcome<String>> queued =
                gate.executeAsync(Gates.counting(runs).build(), KEY, "in");
        assertThat(queued.cancel(true)).isTrue();
        goOn.countDown();
        one.shutdown();
        assertThat(one.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(0);
        assertThat(store.stored(id)).isNull();
    }

    @Test
    @Rule(8)
    void anExecutorThatRunsInlineDelaysNoDeadline() throws Exception {
        ToolGate gate = gates.gate(ToolGate.on(store)
                .waitForInProgress(Duration.ofMillis(1000))
                .executor(Runnable::run)); // or CallerRunsPolicy
        CountDownLatch goOn = new CountDownLatch(1);
        PaidAction<String, String> action = Gates.action((in, a) -> {
                    Gates.await(goOn);
                    return "r";
                })
                .build();
        List<CompletableFuture<Outcome<String>>> calls = new ArrayList<>();
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            IdempotencyKey k = IdempotencyKey.of("k" + i);
            leases.add(claimElsewhere(k));
            calls.add(gate.executeAsync(action, k, "in"));
        }
        IdempotencyKey last = IdempotencyKey.of("last");
        claimElsewhere(last);
        CompletableFuture<Outcome<String>> f = gate.executeAsync(action, last, "in");
        for (Lease l : leases) {
            other.fail(l, Failure.notExecuted("x", "y"), RunEffect.NOT_STARTED);
        }
        assertThat(Gates.get(f)).isInstanceOf(Outcome.InProgress.class);
        goOn.countDown();
        for (CompletableFuture<Outcome<String>> each : calls) {
            assertThat(Gates.get(each).isCompleted()).isTrue();
        }
    }
}
