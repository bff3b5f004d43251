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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A call whose own run ended in doubt, and whose record another process claimed before the call could recover it
 * itself.
 */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class DoubtTakenOverTest extends GateFixture {
    /** An action whose run ends in doubt, and whose record another process claims right after that. */
    private PaidAction<String, String> doubtTakenElsewhere(AtomicReference<Lease> taken) {
        store.hooks()
                .afterFail((lease, answer) ->
                        taken.compareAndSet(null, claimElsewhere(id, "in", ClaimRequest.OnUnknown.RERUN)));
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
    void aCallWhoseDoubtAnotherProcessClaimedWaitsForThatResult(boolean async) throws Exception {
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
    void aCallThatHasRunIsNotToldThatItDidNotWhenTheGateIsClosedBeforeItWaits(boolean async) throws Exception {
        AtomicReference<Lease> taken = new AtomicReference<>();
        PaidAction<String, String> action = doubtTakenElsewhere(taken);
        ToolGate gate = gate(20_000);
        store.hooks().afterClaim((request, answer) -> {
            if (answer instanceof io.toolgate.store.ClaimOutcome.Busy) {
                gate.close();
            }
        });
        assertThat(Gates.get(start(gate, action, async))).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(12)
    void aCallThatHasRunDoesNotRunAgainWhenAnotherProcessReleasesItsDoubt(boolean async) throws Exception {
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
    void aCallWhoseDoubtAnotherProcessClaimedWaitsUntilItsDeadline(boolean async) throws Exception {
        PaidAction<String, String> action = doubtTakenElsewhere(new AtomicReference<>());
        assertThat(Gates.get(start(gate(200), action, async))).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(12)
    void aCallThatHasRunIsInDoubtAndNotRefusedWhereThereAreTooManyWaiters(boolean async) throws Exception {
        PaidAction<String, String> action = doubtTakenElsewhere(new AtomicReference<>());
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofSeconds(20)).maxWaiters(1));
        claimElsewhere(IdempotencyKey.of("busy"));
        CompletableFuture<Outcome<String>> waiting = gate.executeAsync(action, IdempotencyKey.of("busy"), "in");
        awaitPolls();
        assertThat(Gates.get(start(gate, action, async))).isInstanceOf(Outcome.InDoubt.class);
        assertThat(waiting).isNotDone();
    }

    @Test
    @Rule(12)
    void aCallThatHasRunAndDoesNotWaitIsInDoubt() {
        store.hooks().afterFail((l, a) -> other.claim(claimRequest(id, "in", ClaimRequest.OnUnknown.RERUN)));
        PaidAction<String, String> action = Gates.action((in, a) -> {
                    runs.incrementAndGet();
                    throw new java.io.IOException("timeout after the charge");
                })
                .recovery(Recovery.rerun())
                .build();
        assertThat(gate(0).execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(gate(2000)
                        .execute(Gates.counting(new AtomicInteger()).build(), IdempotencyKey.of("other"), "in")
                        .isCompleted())
                .isTrue();
        assertThat(runs).hasValue(1);
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
