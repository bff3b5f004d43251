package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.Subscription;
import io.toolgate.store.contract.ForwardingStore;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Waits, threads, listeners and the end of a gate, where they are easily got wrong: each of these tests has failed once. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class HardWaitsTest extends HardCases {

    @Test
    @Rule(8)
    void anErrorOfAListenerHangsNoFuture() throws Exception {
        claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofMillis(200)).listener(new ToolGateListener() {
                    @Override
                    public void waited(Event e, Duration d) {
                        throw new Error("for example kotlin.NotImplementedError");
                    }
                }));
        CompletableFuture<Outcome<String>> f =
                gate.executeAsync(Gates.counting(runs).build(), KEY, "in");
        assertThat(f).succeedsWithin(Duration.ofSeconds(3));
    }

    @Test
    void anErrorOfAListenerKeepsNoRunFromStarting() {
        ToolGate gate = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
            @Override
            public void claimed(Event e) {
                throw new Error("for example kotlin.NotImplementedError");
            }
        }));
        assertThat(gate.execute(Gates.counting(runs).build(), KEY, "in").isCompleted())
                .isTrue();
        assertThat(store.stored(id).state()).isEqualTo(RecordState.COMPLETED);
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
    void aCallThatWaitsForAThreadEndsInTimeAndHoldsNobodyUp() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        CountDownLatch goOn = new CountDownLatch(1);
        one.execute(() -> Gates.await(goOn));
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofMillis(1_500)).executor(one));
        PaidAction<String, String> action = Gates.counting(runs).build();
        CompletableFuture<Outcome<String>> queued = gate.executeAsync(action, KEY, "in");
        CompletableFuture<Outcome<String>> another = gate.executeAsync(action, IdempotencyKey.of("another"), "in");
        assertThat(gate.execute(action, KEY, "in").isCompleted())
                .as("nobody owns the key; the caller's own thread is free")
                .isTrue();
        assertThat(Gates.get(another))
                .as("its time is over, and it never had a thread")
                .isInstanceOf(Outcome.InProgress.class);
        goOn.countDown();
        assertThat(Gates.get(queued).isCompleted())
                .as("it is replayed when it has one")
                .isTrue();
        one.shutdown();
        assertThat(one.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(1);
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
    void aSubscriptionThatFailsDoesNotStopThePolls() throws Exception {
        Lease lease = claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        ToolGate gate = gates.gate(ToolGate.on(new ForwardingStore(store) {
                    @Override
                    public Subscription subscribe(Consumer<RecordId> c) {
                        throw new UnsupportedOperationException("this store cannot push");
                    }
                })
                .waitForInProgress(Duration.ofSeconds(2)));
        Future<Outcome<String>> f =
                gates.start(() -> gate.execute(Gates.counting(runs).build(), KEY, "in"));
        awaitPolls();
        other.complete(lease, Payload.of("text/1", new byte[] {'x'}));
        assertThat(Gates.get(f).isCompleted()).isTrue();
    }

    @Test
    @Rule(8)
    void aSubscriptionThatHangsDoesNotStopThePolls() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Lease lease = claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        ToolGate gate = gates.gate(ToolGate.on(new ForwardingStore(store) {
                    @Override
                    public Subscription subscribe(Consumer<RecordId> c) {
                        Gates.await(never);
                        return super.subscribe(c);
                    }
                })
                .waitForInProgress(Duration.ofSeconds(2)));
        Future<Outcome<String>> f =
                gates.start(() -> gate.execute(Gates.counting(runs).build(), KEY, "in"));
        awaitPolls();
        other.complete(lease, Payload.of("text/1", new byte[] {'x'}));
        assertThat(Gates.get(f).isCompleted()).isTrue();
    }

    @Test
    @Rule(8)
    void aRowThatCannotBeReadKeepsTheNewsOfNoOtherKeyBack() throws Exception {
        IdempotencyKey bad = IdempotencyKey.of("tenant", "bad");
        RecordId badId = bad.in("charge-card");
        claimElsewhere(badId, "in", ClaimRequest.OnUnknown.HOLD);
        Lease good = claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        ToolGate gate = gates.gate(ToolGate.on(new ForwardingStore(store) {
                    @Override
                    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
                        if (ids.contains(badId)) {
                            throw new StoreException.Corrupt("a state of a newer version", null);
                        }
                        return super.peekAll(ids);
                    }

                    @Override
                    public Optional<IdempotencyRecord> peek(RecordId id) {
                        if (id.equals(badId)) {
                            throw new StoreException.Corrupt("a state of a newer version", null);
                        }
                        return super.peek(id);
                    }
                })
                .waitForInProgress(Duration.ofSeconds(2)));
        PaidAction<String, String> action = Gates.counting(runs).build();
        store.pushHints(false);
        CompletableFuture<Outcome<String>> unreadable = gate.executeAsync(action, bad, "in");
        CompletableFuture<Outcome<String>> f = gate.executeAsync(action, KEY, "in");
        other.complete(good, Payload.of("text/1", new byte[] {'x'}));
        assertThat(Gates.get(f).isCompleted()).isTrue();
        assertThat(unreadable)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .withMessageContaining("a state of a newer version");
    }

    @Test
    @Rule(8)
    void aRowThatIsLeftOutBecauseItCannotBeReadIsNotTakenForGone() throws Exception {
        IdempotencyKey bad = IdempotencyKey.of("tenant", "bad");
        RecordId badId = bad.in("charge-card");
        claimElsewhere(badId, "in", ClaimRequest.OnUnknown.HOLD);
        Lease good = claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        ToolGate gate = gates.gate(ToolGate.on(new ForwardingStore(store) {
                    @Override
                    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
                        if (ids.contains(badId)) {
                            Map<RecordId, IdempotencyRecord> readable = new HashMap<>(super.peekAll(ids));
                            readable.remove(badId);
                            return readable;
                        }
                        return super.peekAll(ids);
                    }

                    @Override
                    public Optional<IdempotencyRecord> peek(RecordId id) {
                        if (id.equals(badId)) {
                            throw new StoreException.Corrupt("a state of a newer version", null);
                        }
                        return super.peek(id);
                    }
                })
                .waitForInProgress(Duration.ofSeconds(2)));
        PaidAction<String, String> action = Gates.counting(runs).build();
        store.pushHints(false);
        CompletableFuture<Outcome<String>> unreadable = gate.executeAsync(action, bad, "in");
        CompletableFuture<Outcome<String>> f = gate.executeAsync(action, KEY, "in");
        other.complete(good, Payload.of("text/1", new byte[] {'x'}));
        assertThat(Gates.get(f).isCompleted()).isTrue();
        assertThat(unreadable)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .withMessageContaining("a state of a newer version");
    }

    @Test
    @Rule(8)
    void slowListenersDelayNobodysDeadline() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofMillis(200)).listener(new ToolGateListener() {
                    @Override
                    public void waitTimedOut(Event e) {
                        Gates.await(never);
                    }
                }));
        List<CompletableFuture<Outcome<String>>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            IdempotencyKey k = IdempotencyKey.of("k" + i);
            claimElsewhere(k.in("charge-card"), "in", ClaimRequest.OnUnknown.HOLD);
            all.add(gate.executeAsync(Gates.counting(runs).build(), k, "in"));
        }
        for (CompletableFuture<Outcome<String>> each : all) {
            assertThat(Gates.get(each)).isInstanceOf(Outcome.InProgress.class);
        }
        never.countDown();
    }

    @Test
    @Rule(8)
    void aSlowListenerDelaysNobodyWhoJoined() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch joined = new CountDownLatch(1);
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofMillis(500)).listener(new ToolGateListener() {
                    @Override
                    public void executed(Event e, Duration d) {
                        Gates.await(told);
                    }
                }));
        PaidAction<String, String> action = Gates.action((in, a) -> {
                    running.countDown();
                    Gates.await(joined);
                    return "r";
                })
                .build();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(action, KEY, "in"));
        Gates.await(running);
        CompletableFuture<Outcome<String>> joiner = gate.executeAsync(action, KEY, "in");
        joined.countDown();
        assertThat(Gates.get(joiner).isCompleted()).isTrue();
        told.countDown();
        assertThat(Gates.get(leader).isCompleted()).isTrue();
    }

    @Test
    @Rule(8)
    void anExecutorThatRunsInlineDelaysNobodysDeadline() throws Exception {
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
            leases.add(claimElsewhere(k.in("charge-card"), "in", ClaimRequest.OnUnknown.HOLD));
            calls.add(gate.executeAsync(action, k, "in"));
        }
        IdempotencyKey last = IdempotencyKey.of("last");
        claimElsewhere(last.in("charge-card"), "in", ClaimRequest.OnUnknown.HOLD);
        CompletableFuture<Outcome<String>> f = gate.executeAsync(action, last, "in");
        for (Lease l : leases) {
            other.fail(l, Failure.notExecuted("x", "y"));
        }
        assertThat(Gates.get(f)).isInstanceOf(Outcome.InProgress.class);
        goOn.countDown();
        for (CompletableFuture<Outcome<String>> each : calls) {
            assertThat(Gates.get(each).isCompleted()).isTrue();
        }
    }

    @Test
    void noActionStartsAfterTheGateIsClosed() throws Exception {
        CountDownLatch claiming = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        store.hooks().afterClaim((r, a) -> {
            claiming.countDown();
            Gates.await(answer);
        });
        ToolGate gate = gate(5000);
        Future<Outcome<String>> call =
                gates.start(() -> gate.execute(Gates.counting(runs).build(), KEY, "in"));
        Gates.await(claiming);
        gate.close();
        answer.countDown();
        assertThatThrownBy(() -> Gates.get(call)).hasCauseInstanceOf(ToolGateException.Closed.class);
        assertThat(runs).hasValue(0);
        assertThat(store.stored(id).state()).as("given back").isEqualTo(RecordState.RETRYABLE);
    }

    @Test
    void thoseWhoJoinedAFlightAreToldThatTheGateIsClosed() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ToolGate gate = gate(10_000);
        PaidAction<String, String> action = Gates.action((in, a) -> {
                    running.countDown();
                    Gates.await(goOn);
                    return "r";
                })
                .build();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(action, KEY, "in"));
        Gates.await(running);
        CompletableFuture<Outcome<String>> joiner = gate.executeAsync(action, KEY, "in");
        gate.close();
        assertThatThrownBy(() -> Gates.get(joiner)).hasCauseInstanceOf(ToolGateException.Closed.class);
        goOn.countDown();
        assertThat(Gates.get(leader).isCompleted()).as("a late end is stored").isTrue();
    }
}
