package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ActionCounts;
import io.toolgate.store.ForwardingStore;
import io.toolgate.store.Lease;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Late heartbeats, and leases that a heartbeat did not renew. */
class HeartbeatTest extends GateFixture {
    private final BlockingQueue<Duration> late = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> lost = new LinkedBlockingQueue<>();
    private final ToolGateListener events = new ToolGateListener() {
        @Override
        public void heartbeatLate(Event event, Duration since) {
            late.add(since);
        }

        @Override
        public void leaseLost(Event event, String why) {
            lost.add(why);
        }
    };

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(20, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @Test
    @Rule(8)
    void aHeartbeatThatHangsIsToldOnceAtHalfOfTheLeaseAndCounted() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        store.hooks().beforeHeartbeat(leases -> Gates.await(hanging));
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    Duration first = next(late);
                    assertThat(first).isBetween(Duration.ofMillis(300), Duration.ofMillis(590));
                    assertThat(late.poll(100, TimeUnit.MILLISECONDS))
                            .as("told again without a renewal")
                            .isNull();
                    CountDownLatch renewed = new CountDownLatch(1);
                    store.hooks().afterHeartbeat((leases, owned) -> renewed.countDown());
                    hanging.countDown();
                    Gates.await(renewed);
                    return "paid";
                })
                .lease(Duration.ofMillis(600))
                .build();
        try (ToolGate gate = ToolGate.on(store).listener(events).build()) {
            assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        }
        assertThat(gates.database.counts()).containsExactly(new ActionCounts("charge-card", 1, 0, 0, 0, 0, 0, 0, 1));
        assertThat(lost).isEmpty();
    }

    @Test
    @Rule(8)
    void anOutageIsToldAgainOnlyAfterARenewal() throws Exception {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    for (int outage = 0; outage < 2; outage++) {
                        store.hooks().outage(true);
                        Duration unused = next(late);
                        CountDownLatch renewed = new CountDownLatch(1);
                        store.hooks().afterHeartbeat((leases, owned) -> renewed.countDown());
                        store.hooks().outage(false);
                        Gates.await(renewed);
                    }
                    return "paid";
                })
                .lease(Duration.ofMillis(300))
                .build();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(events));
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(late).isEmpty();
    }

    @Test
    void aLostLeaseSaysThatAnotherAttemptTookTheKey() throws Exception {
        Lease[] next = new Lease[1];
        assertThat(lostAfter(() -> {
                    other.advance(Duration.ofSeconds(31));
                    next[0] = claimElsewhere(id, "in", io.toolgate.store.ClaimRequest.OnUnknown.RERUN);
                }))
                .contains("attempt 2 took the key over", "of elsewhere");
    }

    @Test
    void aLostLeaseSaysThatItsRecordIsInDoubt() throws Exception {
        assertThat(lostAfter(() -> {
                    other.advance(Duration.ofSeconds(31));
                    var unused = other.claim(claimRequest(id, "in", io.toolgate.store.ClaimRequest.OnUnknown.HOLD));
                }))
                .contains("was put in doubt");
    }

    @Test
    void aLostLeaseSaysThatItsRecordIsGone() throws Exception {
        assertThat(lostAfter(() -> gates.database.remove(id))).contains("its record is gone");
    }

    /** The reason for which a run loses its lease by {@code event}, which happens while heartbeats wait. */
    private String lostAfter(Runnable event) throws Exception {
        CountDownLatch happened = new CountDownLatch(1);
        store.hooks().beforeHeartbeat(leases -> Gates.await(happened));
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    event.run();
                    happened.countDown();
                    String why = next(lost);
                    assertThatThrownBy(attempt::ensureOwner)
                            .isInstanceOf(ToolGateException.LeaseLost.class)
                            .hasMessageContaining(why);
                    lost.add(why);
                    return "late";
                })
                .heartbeat(Duration.ofMillis(10))
                .recovery(Recovery.rerun())
                .build();
        ToolGate gate = gates.gate(ToolGate.on(store).listener(events));
        Outcome<String> unused = gate.execute(action, KEY, "in");
        return next(lost);
    }

    /** A store that skips the first heartbeats, as one does whose records are locked by other transactions. */
    private static final class LockedStore extends ForwardingStore {
        final AtomicInteger skipping = new AtomicInteger(3);

        LockedStore(io.toolgate.store.IdempotencyStore delegate) {
            super(delegate);
        }

        @Override
        public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
            return skipping.getAndDecrement() > 0 ? Set.of() : super.heartbeat(leases, lease);
        }
    }

    @Test
    @Rule(8)
    void aLeaseThatWasNotRenewedThoughTheRecordIsItsOwnIsNotLost() throws Exception {
        LockedStore locked = new LockedStore(store);
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    assertThatThrownBy(attempt::ensureOwner)
                            .isInstanceOf(StoreException.Unavailable.class)
                            .hasMessageContaining("locked");
                    while (store.hooks().calls(Operation.HEARTBEAT) == 0) {
                        assertThat(attempt.isOwner()).isTrue();
                    }
                    attempt.ensureOwner();
                    return "paid";
                })
                .lease(Duration.ofSeconds(3))
                .heartbeat(Duration.ofMillis(10))
                .build();
        ToolGate gate = gates.gate(ToolGate.on(locked).listener(events));
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(lost).isEmpty();
    }

    @Test
    @Rule(8)
    void hungActionsOnAllThreadsOfTheGateHoldUpNoBackgroundWork() throws Exception {
        CountDownLatch running = new CountDownLatch(64);
        CountDownLatch goOn = new CountDownLatch(1);
        PaidAction<String, String> hung = Gates.action((input, attempt) -> {
                    running.countDown();
                    Gates.await(goOn);
                    return "r";
                })
                .build();
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofMillis(200)).listener(events));
        List<CompletableFuture<Outcome<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            calls.add(gate.executeAsync(hung, IdempotencyKey.of("hung-" + i), "in"));
        }
        Gates.await(running);
        // A deadline: a call that gets no thread is answered by its own.
        assertThatThrownBy(() -> Gates.get(gate.executeAsync(hung, IdempotencyKey.of("later"), "in")))
                .hasCauseInstanceOf(ToolGateException.NotExecuted.class);
        // A claim whose answer was lost is released.
        store.hooks().loseAnswer(Operation.CLAIM, 1);
        assertThatThrownBy(() -> gate.execute(hung, KEY, "in")).isInstanceOf(ToolGateException.NotExecuted.class);
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> store.stored(id).state() == io.toolgate.store.RecordState.RETRYABLE);
        // What became of a lease is read.
        CountDownLatch happened = new CountDownLatch(1);
        store.hooks().beforeHeartbeat(leases -> Gates.await(happened));
        PaidAction<String, String> losing = Gates.action((input, attempt) -> {
                    gates.database.remove(KEY.in("charge-card"));
                    happened.countDown();
                    return next(lost);
                })
                .heartbeat(Duration.ofMillis(10))
                .build();
        Future<Outcome<String>> loser = gates.start(() -> gate.execute(losing, KEY, "in"));
        assertThat(Gates.get(loser)).isInstanceOf(Outcome.LeaseLost.class);
        goOn.countDown();
        for (CompletableFuture<Outcome<String>> call : calls) {
            assertThat(Gates.get(call).isCompleted()).isTrue();
        }
    }
}
