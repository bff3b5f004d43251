package io.toolgate;

import static io.toolgate.Gates.KEY;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.Rule;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A call whose own run ended without knowing, and whose record another process took up before the call could itself. */
class TakenDoubtsTest extends HardCases {
    /** An action whose charge may have happened, and whose doubt another process has taken up before it could itself. */
    private PaidAction<String, String> doubtTakenElsewhere(AtomicReference<Lease> taken) {
        store.hooks()
                .afterFail((lease, answer) ->
                        taken.compareAndSet(null, claimElsewhere(id, "in", ClaimRequest.OnUnknown.TAKE)));
        return Gates.action((in, a) -> {
                    runs.incrementAndGet();
                    throw new IOException("timeout after the charge");
                })
                .recovery(Recovery.rerun())
                .build();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(10)
    void aCallWhoseDoubtIsTakenUpElsewhereWaitsForWhatComesOfIt(boolean async) throws Exception {
        AtomicReference<Lease> taken = new AtomicReference<>();
        PaidAction<String, String> action = doubtTakenElsewhere(taken);
        CompletableFuture<Outcome<String>> call = start(gate(20_000), action, async);
        awaitPolls();
        assertThat(other.complete(taken.get(), Payload.of("text/1", "found".getBytes(UTF_8))))
                .isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(Gates.get(call)).isEqualTo(new Outcome.Completed<>("found", Outcome.Origin.REPLAYED));
        assertThat(runs).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(12)
    void aCallThatHasRunDoesNotLeadAgainWhateverComesOfItsDoubtElsewhere(boolean async) throws Exception {
        AtomicReference<Lease> taken = new AtomicReference<>();
        PaidAction<String, String> action = doubtTakenElsewhere(taken);
        CompletableFuture<Outcome<String>> released = start(gate(20_000), action, async);
        awaitPolls();
        assertThat(other.fail(taken.get(), Failure.notExecuted("not-happened", null)))
                .isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(Gates.get(released)).isInstanceOf(Outcome.Retryable.class);
        assertThat(runs).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(8)
    void aCallWhoseDoubtIsTakenUpElsewhereWaitsNoLongerThanOthers(boolean async) throws Exception {
        PaidAction<String, String> action = doubtTakenElsewhere(new AtomicReference<>());
        assertThat(Gates.get(start(gate(200), action, async))).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(12)
    void aCallThatHasRunIsNotRefusedBecauseTooManyWait(boolean async) throws Exception {
        PaidAction<String, String> action = doubtTakenElsewhere(new AtomicReference<>());
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofSeconds(20)).maxWaiters(1));
        claimElsewhere(IdempotencyKey.of("busy").in("charge-card"), "in", ClaimRequest.OnUnknown.HOLD);
        CompletableFuture<Outcome<String>> waiting = gate.executeAsync(action, IdempotencyKey.of("busy"), "in");
        awaitPolls();
        assertThat(Gates.get(start(gate, action, async))).isInstanceOf(Outcome.InDoubt.class);
        assertThat(waiting).isNotDone();
    }

    private static CompletableFuture<Outcome<String>> start(
            ToolGate gate, PaidAction<String, String> action, boolean async) {
        return async
                ? gate.executeAsync(action, KEY, "in")
                : CompletableFuture.supplyAsync(() -> gate.execute(action, KEY, "in"), task -> {
                    Thread caller = new Thread(task, "caller");
                    caller.setDaemon(true);
                    caller.start();
                });
    }
}
