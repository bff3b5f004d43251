package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.ForwardingStore;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A store that fails before or after the action, and threads that are interrupted. */
class OutageTest extends GateFixture {
    @Test
    @Rule(12)
    void anOutageBeforeTheActionKeepsItFromRunning() {
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
    void anOutageAfterTheActionSaysThatTheEffectMayHaveHappenedAndCarriesTheValue() throws Exception {
        AtomicReference<RuntimeException> notified = new AtomicReference<>();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
            @Override
            public void resultNotStored(Event event, RuntimeException failure) {
                notified.set(failure);
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
        assertThat(notified.get()).isSameAs(notStored.getCause());
        store.advance(Duration.ofSeconds(31));
        assertThat(gate.execute(action, KEY, "in")).as("a later call").isInstanceOf(Outcome.InDoubt.class);
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
    void followersOfARunWhoseResultWasNotStoredFailWithoutItsValue() throws Exception {
        ToolGate gate = gates.gate(store);
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> action =
                Gates.stoppingAt(running, "not durable").build();
        store.hooks().failNext(Operation.COMPLETE, 1);
        Future<Outcome<String>> leader = gates.start(() -> gate.execute(action, KEY, "in"));
        running.awaitReached();
        CompletableFuture<Outcome<String>> joined = gate.executeAsync(action, KEY, "in");
        running.resume();
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
        // A store that retries by itself, as the SQL stores do, receives the same answer.
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
    void aRunThatWasInterruptedStillStoresItsResult() throws Exception {
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
