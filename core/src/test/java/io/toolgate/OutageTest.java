package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.ForwardingStore;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A store that fails, listeners that throw, interrupts, and the end of a gate. */
class OutageTest {
    private final Gates gates = new Gates();
    private final ModelStore store = gates.store();
    private final AtomicInteger runs = new AtomicInteger();
    private final RecordId id = KEY.in("charge-card");

    @AfterEach
    void close() throws Exception {
        gates.close();
    }

    @Test
    @Rule(12)
    void beforeTheActionAnOutageKeepsItFromRunning() {
        ToolGate gate = gates.gate(store);
        store.hooks().outage(true);
        assertThatThrownBy(() -> gate.execute(Gates.counting(runs).build(), KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("did not run the action")
                .hasCauseInstanceOf(StoreException.Unavailable.class);
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(12)
    void afterTheActionAnOutageSaysThatTheEffectMayHaveHappenedAndCarriesTheValue() throws Exception {
        AtomicReference<RuntimeException> told = new AtomicReference<>();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
            @Override
            public void resultNotStored(Event event, RuntimeException failure) {
                told.set(failure);
            }
        }));
        store.hooks().failNext(Operation.COMPLETE, 1);
        PaidAction<String, String> action = Gates.counting(runs).build();
        ToolGateException.ResultNotStored notStored =
                catchThrowableOfType(ToolGateException.ResultNotStored.class, () -> gate.execute(action, KEY, "in"));
        assertThat(notStored)
                .hasMessageContaining("its effect may have happened")
                .hasCauseInstanceOf(StoreException.Unavailable.class);
        assertThat(notStored.value()).contains("receipt-1");
        assertThat(told.get()).isSameAs(notStored.getCause());
        store.advance(Duration.ofSeconds(31));
        assertThat(gate.execute(action, KEY, "in")).as("found later").isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(12)
    void aFailureThatCannotBeStoredKeepsItsOwnException() {
        ToolGate gate = gates.gate(store);
        store.hooks().failNext(Operation.FAIL, 2);
        PaidAction.Builder<String, String> action = Gates.action((input, attempt) -> {
            throw new java.net.ConnectException("refused");
        });
        assertThatThrownBy(() -> gate.execute(action.build(), IdempotencyKey.of("1"), "in"))
                .isInstanceOf(ToolGateException.ResultNotStored.class)
                .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("refused"));
        assertThatThrownBy(
                        () -> gate.execute(action.classify(Failure::notExecuted).build(), IdempotencyKey.of("2"), "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("failed before its effect");
    }

    @Test
    @Rule(12)
    void thoseWhoJoinedARunWhoseEndWasNotStoredAreToldWithoutItsValue() throws Exception {
        ToolGate gate = gates.gate(store);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    running.countDown();
                    Gates.await(goOn);
                    return "not durable";
                })
                .build();
        store.hooks().failNext(Operation.COMPLETE, 1);
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(action, KEY, "in"));
        Gates.await(running);
        CompletableFuture<Outcome<String>> joined = gate.executeAsync(action, KEY, "in");
        goOn.countDown();
        assertThatThrownBy(() -> Gates.get(leader)).hasCauseInstanceOf(ToolGateException.ResultNotStored.class);
        assertThatThrownBy(() -> Gates.get(joined))
                .cause()
                .isInstanceOfSatisfying(
                        ToolGateException.ResultNotStored.class,
                        e -> assertThat(e.value()).isEmpty());
    }

    @Test
    @Rule(14)
    void aLostAcknowledgementOfTheCompletionIsRecognised() {
        // A store that asks again by itself, as the SQL stores do, is given the same answer.
        ToolGate gate = gates.gate(new ForwardingStore(store) {
            @Override
            public io.toolgate.store.TransitionOutcome complete(
                    io.toolgate.store.Lease lease, io.toolgate.store.Payload result) {
                var lost = super.complete(lease, result);
                assertThat(lost).isInstanceOf(io.toolgate.store.TransitionOutcome.Applied.class);
                return super.complete(lease, result);
            }
        });
        assertThat(gate.execute(Gates.counting(runs).build(), KEY, "in"))
                .isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
    }

    @Test
    void aStoreWithABugBeforeTheActionKeepsItFromRunningToo() {
        ToolGate gate = gates.gate(store);
        store.hooks().failNext(Operation.CLAIM, 1, () -> new IllegalStateException("a bug, on purpose"));
        assertThatThrownBy(() -> gate.execute(Gates.counting(runs).build(), KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("a bug, on purpose");
        assertThat(runs).hasValue(0);
    }

    @Test
    void anInterruptDuringTheRunDoesNotKeepItsResultFromBeingStored() throws Exception {
        ToolGate gate = gates.gate(store);
        AtomicBoolean flagInStore = new AtomicBoolean(true);
        store.hooks()
                .beforeComplete(lease -> flagInStore.set(Thread.currentThread().isInterrupted()));
        AtomicBoolean flagAfterwards = new AtomicBoolean();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    Thread.currentThread().interrupt();
                    return "r";
                })
                .build();
        Future<Outcome<String>> call = gates.start(() -> {
            Outcome<String> outcome = gate.execute(action, KEY, "in");
            flagAfterwards.set(Thread.interrupted());
            return outcome;
        });
        assertThat(Gates.get(call).isCompleted()).isTrue();
        assertThat(flagInStore).isFalse();
        assertThat(flagAfterwards).isTrue();
    }

    @Test
    void anActionThatWasInterruptedKeepsTheFlag() throws Exception {
        ToolGate gate = gates.gate(store);
        AtomicBoolean flag = new AtomicBoolean();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    throw new InterruptedException();
                })
                .build();
        Future<Outcome<String>> call = gates.start(() -> {
            Outcome<String> outcome = gate.execute(action, KEY, "in");
            flag.set(Thread.interrupted());
            return outcome;
        });
        assertThat(Gates.get(call)).isInstanceOf(Outcome.InDoubt.class);
        assertThat(flag).isTrue();
    }

    // Listeners.

    @Test
    void aListenerThatThrowsChangesNothing() {
        ToolGateListener throwing = (ToolGateListener) java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ToolGateListener.class}, (proxy, method, arguments) -> {
                    throw method.getName().startsWith("r")
                            ? new IllegalStateException("on purpose")
                            : new AssertionError("on purpose");
                });
        ToolGate gate = gates.gate(ToolGate.on(store).listener(throwing));
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("receipt-1");
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("receipt-1");
        assertThat(gate.execute(action, KEY, "other")).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.COMPLETED);
    }

    @Test
    void aListenerIsToldWhatHappensInOrderWithoutTheKey() {
        List<String> told = new ArrayList<>();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
            private void note(String what, Event event) {
                told.add(what + " " + event.fence() + "/" + event.version());
                assertThat(event.toString()).doesNotContain(KEY.value());
                assertThat(event.keyHash()).isEqualTo(id.toUuid());
                assertThat(event.tenant()).isEqualTo("tenant");
                assertThat(event.elapsed()).isPositive();
            }

            @Override
            public void claimed(Event event) {
                note("claimed", event);
            }

            @Override
            public void takenOver(Event event) {
                note("taken over", event);
            }

            @Override
            public void released(Event event, Failure failure) {
                note("released", event);
            }

            @Override
            public void inDoubt(Event event, Failure failure) {
                note("in doubt", event);
            }

            @Override
            public void recovered(Event event) {
                note("recovered", event);
            }

            @Override
            public void executed(Event event, Duration run) {
                note("executed", event);
            }

            @Override
            public void replayed(Event event) {
                note("replayed", event);
            }

            @Override
            public void conflicted(Event event) {
                note("conflicted", event);
            }
        }));
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    if (attempt.number() == 1) {
                        throw new java.net.ConnectException("refused");
                    }
                    throw new java.net.SocketTimeoutException("timed out");
                })
                .classify(e -> e instanceof java.net.ConnectException ? Failure.notExecuted(e) : Failure.unknown(e))
                .recovery(Recovery.probe(attempt -> ProbeResult.happened("found")))
                .build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.execute(action, KEY, "other")).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(told)
                .containsExactly(
                        "claimed 1/1",
                        "released 1/2",
                        "claimed 2/3",
                        "taken over 3/5",
                        "in doubt 2/4",
                        "recovered 3/7",
                        "replayed 0/0",
                        "conflicted 3/7");
    }

    // Executors and the end.

    @Test
    void anExecutorThatRefusesEndsTheCallBeforeTheAction() {
        ToolGate gate = gates.gate(ToolGate.on(store).executor(task -> {
            throw new java.util.concurrent.RejectedExecutionException("full");
        }));
        assertThatThrownBy(
                        () -> Gates.get(gate.executeAsync(Gates.counting(runs).build(), KEY, "in")))
                .hasCauseInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("executor refused");
        assertThat(gate.execute(Gates.counting(runs).build(), KEY, "in").isCompleted())
                .as("the flight is cleared")
                .isTrue();
    }

    @Test
    void closingStopsNewWorkAndKeepsLeasesAliveUntilTheRunsHaveEnded() throws Exception {
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
    void closingGivesUpWhenTheDrainTimeIsOverAndTellsThoseWhoWait() throws Exception {
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
        assertThat(Gates.get(mine).isCompleted()).as("a late end is stored").isTrue();
        assertThatThrownBy(() -> Gates.get(joined)).hasCauseInstanceOf(ToolGateException.Closed.class);
        assertThat(Gates.get(theirs).isCompleted()).isTrue();
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

    @Test
    void theFutureOfARunThatThrowsAnErrorIsCompleted() {
        ToolGate gate = gates.gate(store);
        PaidAction<String, @Nullable String> action = PaidAction.<String, @Nullable String>named("charge-card")
                .run((input, attempt) -> {
                    throw new OutOfMemoryError("on purpose");
                })
                .codec(ResultCodec.text())
                .build();
        assertThatThrownBy(() -> Gates.get(gate.executeAsync(action, KEY, "in")))
                .hasCauseInstanceOf(OutOfMemoryError.class);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_DOUBT);
    }
}
