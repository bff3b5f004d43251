package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Leases of runs: heartbeats, lost leases, frozen owners, and runs that exceed their limit. */
class LeaseTest extends GateFixture {
    /** Listener that records events about leases. */
    private static final class LeaseEvents implements ToolGateListener {
        final CountDownLatch leaseLost = new CountDownLatch(1);
        final CountDownLatch inDoubt = new CountDownLatch(1);
        final AtomicReference<@Nullable Object> staleValue = new AtomicReference<>();
        final AtomicReference<Event> stale = new AtomicReference<>();

        @Override
        public void leaseLost(Event event, String why) {
            leaseLost.countDown();
        }

        @Override
        public void inDoubt(Event event, Failure failure) {
            inDoubt.countDown();
        }

        @Override
        public void staleResult(Event event, @Nullable Object value) {
            staleValue.set(value);
            stale.set(event);
        }
    }

    /** Lets all leases end; then another process claims the key and completes its run. */
    private void takeOverElsewhere() {
        store.advance(Duration.ofSeconds(31));
        PaidAction<String, String> next =
                Gates.counting(runs).recovery(Recovery.rerun()).build();
        assertThat(gates.gate(other).execute(next, KEY, "in").valueOrThrow()).isEqualTo("receipt-1");
    }

    @Test
    @Rule(1)
    void aRunOfManyTimesItsLeaseRunsOnce() throws Exception {
        // On the real clock the run lasts for four leases; heartbeats are frequent enough that a machine which stalls
        // for half a second loses none.
        try (Gates real = new Gates(new ModelDatabase(InstantSource.system()))) {
            ModelStore store = real.store();
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch beats = new CountDownLatch(66);
            store.hooks().afterHeartbeat((leases, owned) -> beats.countDown());
            PaidAction<String, String> slow = Gates.action((input, attempt) -> {
                        begun.countDown();
                        Gates.await(beats);
                        return "receipt-" + runs.incrementAndGet();
                    })
                    .lease(Duration.ofMillis(800))
                    .heartbeat(Duration.ofMillis(50))
                    .recovery(Recovery.rerun())
                    .build();
            ToolGate gate = real.gate(store);
            Future<Outcome<String>> owner = real.start(() -> gate.execute(slow, KEY, "in"));
            // Only the heartbeats of this store are counted.
            Gates.await(begun);
            ToolGate elsewhere = real.gate(real.store());
            List<Outcome<String>> others = real.together(5, () -> elsewhere.execute(slow, KEY, "in"));
            assertThat(Gates.get(owner)).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
            assertThat(others)
                    .allSatisfy(outcome ->
                            assertThat(outcome).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED)));
            assertThat(runs).hasValue(1);
            assertThat(store.stored(id).fence()).isEqualTo(1);
        }
    }

    @Test
    @Rule(8)
    void allLeasesAreRenewedInOneRoundTripPerHeartbeat() throws Exception {
        ToolGate gate = gates.gate(store);
        CountDownLatch running = new CountDownLatch(20);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch beatOfAll = new CountDownLatch(1);
        store.hooks().afterHeartbeat((leases, owned) -> {
            if (running.getCount() == 0 && leases.size() == 20 && owned.size() == 20) {
                beatOfAll.countDown();
            }
        });
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    running.countDown();
                    Gates.await(goOn);
                    return "r";
                })
                .heartbeat(Duration.ofMillis(20))
                .build();
        List<CompletableFuture<Outcome<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            calls.add(gate.executeAsync(action, IdempotencyKey.of("k" + i), "in"));
        }
        Gates.await(running);
        Gates.await(beatOfAll);
        goOn.countDown();
        for (CompletableFuture<Outcome<String>> call : calls) {
            assertThat(Gates.get(call).isCompleted()).isTrue();
        }
    }

    @Test
    @Rule(4)
    void aStaleOwnerIsRefusedByTypeAndItsResultReachesTheListener() throws Exception {
        LeaseEvents events = new LeaseEvents();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(events));
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> frozen = Gates.action((input, attempt) -> {
                    running.stop();
                    return "late receipt of attempt " + attempt.number();
                })
                .recovery(Recovery.rerun())
                .build();
        Future<Outcome<String>> owner = gates.start(() -> gate.execute(frozen, KEY, "in"));
        running.awaitReached();
        takeOverElsewhere();
        IdempotencyRecord finished = store.stored(id);
        running.resume();

        Outcome<String> stale = Gates.get(owner);

        assertThat(stale).isEqualTo(new Outcome.LeaseLost<>(1, new Outcome.Completed<>("receipt-1", Origin.REPLAYED)));
        assertThatThrownBy(stale::valueOrThrow)
                .isInstanceOf(ToolGateException.LeaseLost.class)
                .hasMessageContaining("Attempt 1 lost its lease")
                .hasMessageContaining("call again with the same key");
        assertThat(events.staleValue).hasValue("late receipt of attempt 1");
        assertThat(events.stale.get().keyHash()).isEqualTo(id.toUuid());
        assertThat(store.stored(id)).isEqualTo(finished);
    }

    @Test
    @Rule(4)
    void ensureOwnerStopsAnOwnerThatWasReplaced() throws Exception {
        ToolGate gate = gates.gate(store);
        Breakpoint running = new Breakpoint();
        AtomicInteger effects = new AtomicInteger();
        AtomicReference<Attempt> thawed = new AtomicReference<>();
        PaidAction<String, String> frozen = Gates.action((input, attempt) -> {
                    running.stop();
                    thawed.set(attempt);
                    attempt.ensureOwner();
                    effects.incrementAndGet();
                    return "never";
                })
                .build();
        Future<Outcome<String>> owner = gates.start(() -> gate.execute(frozen, KEY, "in"));
        running.awaitReached();
        takeOverElsewhere();
        running.resume();
        assertThat(Gates.get(owner)).isInstanceOf(Outcome.LeaseLost.class);
        assertThat(effects).hasValue(0);
        assertThat(thawed.get().isOwner()).isFalse();
        assertThat(thawed.get().remaining()).isZero();
    }

    @Test
    void aRefusedHeartbeatNotifiesTheRunAndTheListener() throws Exception {
        LeaseEvents events = new LeaseEvents();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(events));
        CountDownLatch running = new CountDownLatch(1);
        AtomicReference<Boolean> ownerAfterwards = new AtomicReference<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    running.countDown();
                    Gates.await(events.leaseLost);
                    ownerAfterwards.set(attempt.isOwner());
                    return "late";
                })
                .lease(Duration.ofSeconds(30))
                .heartbeat(Duration.ofMillis(20))
                .recovery(Recovery.rerun())
                .build();
        // Delays heartbeats until the takeover is done, since they would keep the lease alive.
        CountDownLatch takenOver = new CountDownLatch(1);
        store.hooks().beforeHeartbeat(leases -> Gates.await(takenOver));
        Future<Outcome<String>> owner = gates.start(() -> gate.execute(action, KEY, "in"));
        Gates.await(running);
        takeOverElsewhere();
        takenOver.countDown();
        assertThat(Gates.get(owner)).isInstanceOf(Outcome.LeaseLost.class);
        assertThat(ownerAfterwards).hasValue(false);
    }

    @Test
    void aHeartbeatThatMeetsItsOwnCompletionIsNoLostLease() throws Exception {
        LeaseEvents events = new LeaseEvents();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(events));
        Breakpoint beating = new Breakpoint();
        CountDownLatch beatEnded = new CountDownLatch(1);
        store.hooks().beforeHeartbeat(leases -> beating.stop());
        store.hooks().afterHeartbeat((leases, owned) -> beatEnded.countDown());
        store.hooks().afterComplete((lease, answer) -> {
            beating.resume();
            Gates.await(beatEnded);
        });
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    beating.awaitReached();
                    return "r";
                })
                .heartbeat(Duration.ofMillis(10))
                .build();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        gate.close();
        assertThat(events.leaseLost.getCount()).isEqualTo(1);
    }

    private void aRunThatWaitsForARenewalCompletes(ToolGate gate, CountDownLatch failed) {
        CountDownLatch renewed = new CountDownLatch(1);
        store.hooks().afterHeartbeat((leases, owned) -> renewed.countDown());
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    Gates.await(failed);
                    Gates.await(renewed);
                    return "r";
                })
                .lease(Duration.ofMillis(300))
                .build();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
    }

    @Test
    void aFailedHeartbeatIsTriedAgainSoon() throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        ToolGate gate = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
            @Override
            public void heartbeatFailed(int leases, StoreException failure) {
                failed.countDown();
            }
        }));
        store.hooks().failNext(Operation.HEARTBEAT, 2);
        aRunThatWaitsForARenewalCompletes(gate, failed);
    }

    @Test
    void theHeartbeatThreadSurvivesAnUnexpectedExceptionOfTheStore() throws Exception {
        ToolGate gate = gates.gate(store);
        store.hooks().failNext(Operation.HEARTBEAT, 1, () -> new IllegalStateException("a bug, on purpose"));
        aRunThatWaitsForARenewalCompletes(gate, new CountDownLatch(0));
    }

    @Test
    @Rule(6)
    void aRunThatLastsTooLongFallsIntoDoubtAndItsLateResultIsTaken() throws Exception {
        LeaseEvents events = new LeaseEvents();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(events));
        AtomicReference<RecordState> meanwhile = new AtomicReference<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    Gates.await(events.inDoubt);
                    meanwhile.set(store.stored(id).state());
                    assertThat(attempt.isOwner()).isFalse();
                    return "late but true";
                })
                .lease(Duration.ofMillis(30))
                .maxRunTime(Duration.ofMillis(60))
                .build();
        assertThat(gate.execute(action, KEY, "in"))
                .isEqualTo(new Outcome.Completed<>("late but true", Origin.EXECUTED));
        assertThat(meanwhile).hasValue(RecordState.IN_DOUBT);
    }

    @Test
    @Rule(6)
    void aRunThatLastsTooLongFallsIntoDoubtWhileRunsOccupyAllThreadsOfTheGate() throws Exception {
        LeaseEvents events = new LeaseEvents();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(events));
        CountDownLatch running = new CountDownLatch(64);
        CountDownLatch goOn = new CountDownLatch(1);
        PaidAction<String, String> occupying = Gates.action((input, attempt) -> {
                    running.countDown();
                    Gates.await(goOn);
                    return "r";
                })
                .build();
        List<CompletableFuture<Outcome<String>>> others = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            others.add(gate.executeAsync(occupying, IdempotencyKey.of("occupying-" + i), "in"));
        }
        Gates.await(running);
        PaidAction<String, String> overlong = Gates.action((input, attempt) -> {
                    Gates.await(events.inDoubt);
                    return "late but true";
                })
                .lease(Duration.ofMillis(30))
                .maxRunTime(Duration.ofMillis(60))
                .build();
        assertThat(gate.execute(overlong, KEY, "in").isCompleted()).isTrue();
        goOn.countDown();
        for (CompletableFuture<Outcome<String>> other : others) {
            assertThat(Gates.get(other).isCompleted()).isTrue();
        }
    }

    @Test
    @Rule(7)
    void aClaimThatWasAnsweredTooLateIsRenewedBeforeTheActionStarts() {
        ToolGate gate = gates.gate(store);
        // The answer takes as long as the whole lease, by this process's monotonic clock.
        store.hooks().afterClaim((request, answer) -> pass(40));
        AtomicReference<Duration> remaining = new AtomicReference<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    remaining.set(attempt.remaining());
                    return "r";
                })
                .lease(Duration.ofMillis(40))
                .build();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(remaining.get()).isPositive();
        assertThat(store.hooks().calls(Operation.HEARTBEAT)).isPositive();
    }

    @Test
    @Rule(12)
    void aClaimWhoseRenewalFailsDoesNotStartTheAction() {
        ToolGate gate = gates.gate(store);
        store.hooks().afterClaim((request, answer) -> pass(40));
        store.hooks().failNext(Operation.HEARTBEAT, Integer.MAX_VALUE);
        PaidAction<String, String> action =
                Gates.counting(runs).lease(Duration.ofMillis(40)).build();
        assertThatThrownBy(() -> gate.execute(action, KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("did not run the action");
        assertThat(store.stored(id).state()).as("the unused claim's record").isEqualTo(RecordState.RETRYABLE);
        assertThat(runs).hasValue(0);
    }
}
