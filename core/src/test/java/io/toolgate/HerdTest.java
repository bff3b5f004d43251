package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Ten thousand duplicates in one process share a few claims, however the run that they wait for ends. */
class HerdTest extends GateFixture {
    private static final int HERD = 10_000;

    private final ToolGate gate = gates.gate(store);

    private List<CompletableFuture<Outcome<String>>> herd(PaidAction<String, String> action) {
        List<CompletableFuture<Outcome<String>>> calls = new ArrayList<>();
        for (int i = 0; i < HERD; i++) {
            calls.add(gate.executeAsync(action, KEY, "in"));
        }
        return calls;
    }

    private static void assertReplayed(List<CompletableFuture<Outcome<String>>> calls) throws Exception {
        for (CompletableFuture<Outcome<String>> call : calls) {
            assertThat(Gates.get(call).valueOrThrow()).isEqualTo("receipt-1");
        }
    }

    private int claims() {
        return store.hooks().calls(Operation.CLAIM);
    }

    @Test
    @Rule(8)
    void duplicatesThatArriveBeforeTheFirstWaitsDoNotClaimToo() throws Exception {
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    running.stop();
                    return "receipt-" + runs.incrementAndGet();
                })
                .build();
        ToolGate elsewhere = gates.gate(gates.store());
        Future<Outcome<String>> owner = gates.start(() -> elsewhere.execute(action, KEY, "in"));
        running.awaitReached();
        List<CompletableFuture<Outcome<String>>> calls = herd(action);
        running.resume();
        assertReplayed(calls);
        assertThat(claims()).isEqualTo(1);
        assertThat(Gates.get(owner).isCompleted()).isTrue();
    }

    @Test
    @Rule(10)
    void whenTheOwnerDiesOneWaiterTakesOverAndTheOthersReceiveItsResult() throws Exception {
        PaidAction<String, String> action =
                Gates.counting(runs).recovery(Recovery.rerun()).build();
        ModelStore dead = gates.store();
        assertThat(dead.claim(claimRequest(KEY.in(action.name()), "in", ClaimRequest.OnUnknown.HOLD)))
                .isInstanceOf(ClaimOutcome.Acquired.class);
        List<CompletableFuture<Outcome<String>>> calls = herd(action);
        store.advance(Duration.ofHours(1));
        assertReplayed(calls);
        assertThat(claims())
                .as("claims: the first, the takeover, and a few concurrent ones")
                .isBetween(2, 10);
    }

    @Test
    @Rule(10)
    void whenTheRunIsReleasedOneWaiterRunsAndTheOthersReceiveItsResult() throws Exception {
        Breakpoint running = new Breakpoint();
        AtomicInteger attempts = new AtomicInteger();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    running.stop();
                    if (attempts.incrementAndGet() == 1) {
                        throw new IllegalStateException("not yet");
                    }
                    return "receipt-" + runs.incrementAndGet();
                })
                .classify(Failure::notExecuted)
                .build();
        List<CompletableFuture<Outcome<String>>> calls = herd(action);
        running.awaitReached();
        running.resume();
        assertThat(Gates.get(calls.get(0))).as("the call whose own run failed").isInstanceOf(Outcome.Retryable.class);
        store.advance(ClaimMachine.pauseAfter(1));
        assertReplayed(calls.subList(1, HERD));
        assertThat(attempts).hasValue(2);
        int before = claims();
        assertThat(before)
                .as("claims: two runs, and a few concurrent with the second")
                .isBetween(2, 10);
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        assertThat(claims() - before).as("claims of a later call").isEqualTo(1);
    }
}
