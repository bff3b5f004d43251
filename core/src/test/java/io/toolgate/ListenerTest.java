package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.ClaimMachine;
import io.toolgate.store.RecordState;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Listeners of a gate: what they are notified of, and those that throw or take long. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class ListenerTest extends GateFixture {
    @Test
    void aListenerIsNotifiedInOrderAndNeverOfTheKey() {
        List<String> events = new ArrayList<>();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
            private void note(String what, Event event) {
                events.add(what + " " + event.fence() + "/" + event.version());
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
                .classify(GateFixture::refusedIsNotExecuted)
                .recovery(Recovery.probe(attempt -> ProbeResult.happened("found")))
                .build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        store.advance(ClaimMachine.pauseAfter(1));
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.execute(action, KEY, "other")).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(events)
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
    @Rule(8)
    void anErrorOfAListenerLeavesNoFutureIncomplete() throws Exception {
        claimElsewhere(KEY);
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
    @Rule(8)
    void slowListenersDelayNoDeadline() throws Exception {
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
            claimElsewhere(k);
            all.add(gate.executeAsync(Gates.counting(runs).build(), k, "in"));
        }
        for (CompletableFuture<Outcome<String>> each : all) {
            assertThat(Gates.get(each)).isInstanceOf(Outcome.InProgress.class);
        }
        never.countDown();
    }

    @Test
    @Rule(8)
    void aSlowListenerDelaysNoFollower() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Breakpoint running = new Breakpoint();
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofMillis(500)).listener(new ToolGateListener() {
                    @Override
                    public void executed(Event e, Duration d) {
                        Gates.await(release);
                    }
                }));
        PaidAction<String, String> action = Gates.stoppingAt(running, "r").build();
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(action, KEY, "in"));
        running.awaitReached();
        CompletableFuture<Outcome<String>> joiner = gate.executeAsync(action, KEY, "in");
        running.resume();
        assertThat(Gates.get(joiner).isCompleted()).isTrue();
        release.countDown();
        assertThat(Gates.get(leader).isCompleted()).isTrue();
    }
}
