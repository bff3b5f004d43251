package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Claims whose answer was lost, or came so late that the lease has to be renewed, or is lost, before the action starts.
 */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class LateClaimTest extends GateFixture {
    @Test
    @Rule(12)
    void aRenewalThatTakesLongerThanTheLeaseDoesNotStartTheAction() {
        store.hooks().afterClaim((r, a) -> pass(60));
        store.hooks().afterHeartbeat((l, o) -> pass(100));
        PaidAction<String, String> action =
                Gates.counting(runs).lease(Duration.ofMillis(60)).build();
        assertThatThrownBy(() -> gate(0).execute(action, KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("had to be renewed before the action could start");
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(5)
    void releasingAnUnusedTakeoverLeavesTheAttemptBeforeItInDoubt() {
        claimElsewhere(KEY);
        other.advance(Duration.ofSeconds(31));
        PaidAction<String, String> action = Gates.counting(runs)
                .lease(Duration.ofMillis(60))
                .recovery(Recovery.rerun())
                .build();
        store.hooks().afterClaim((r, a) -> pass(60));
        store.hooks().failNext(Operation.HEARTBEAT, Integer.MAX_VALUE);
        assertThatThrownBy(() -> gate(5000).execute(action, KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(6)
    void aClaimThatExpiredBeforeItsRunIsReleasedThoughItsRecordIsInDoubt() throws Exception {
        AtomicBoolean first = new AtomicBoolean(true);
        PaidAction<String, String> action =
                Gates.counting(runs).lease(Duration.ofMillis(60)).build();
        store.hooks().afterClaim((r, a) -> {
            if (first.getAndSet(false)) {
                pass(60);
                other.advance(Duration.ofSeconds(1)); // the lease ends …
                other.claim(claimRequest(id, "in", ClaimRequest.OnUnknown.HOLD)); // … and another process claims
            }
        });
        Outcome<String> o = gate(2000).execute(action, KEY, "in");
        assertThat(o.isCompleted()).isTrue();
    }

    @Test
    @Rule(4)
    void anAttemptThatLostItsLeaseWhileItProbedDoesNotStart() throws Exception {
        claimElsewhere(KEY);
        other.advance(Duration.ofSeconds(31));
        CountDownLatch probing = new CountDownLatch(1);
        CountDownLatch lost = new CountDownLatch(1);
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofSeconds(5)).listener(new ToolGateListener() {
                    @Override
                    public void leaseLost(Event e, String why) {
                        lost.countDown();
                    }
                }));
        PaidAction<String, String> action = Gates.action((in, attempt) -> {
                    runs.incrementAndGet();
                    return "r2";
                })
                .lease(Duration.ofMillis(100))
                .recovery(Recovery.probe(a -> {
                    probing.countDown();
                    Gates.await(lost);
                    return ProbeResult.notHappened();
                }))
                .build();
        Future<Outcome<String>> call = gates.start(() -> gate.execute(action, KEY, "in"));
        Gates.await(probing);
        Lease next;
        while (true) { // until heartbeats are late enough for another process to take over, which then completes
            other.advance(Duration.ofSeconds(1));
            if (other.claim(claimRequest(id, "in", ClaimRequest.OnUnknown.RERUN)) instanceof ClaimOutcome.Acquired a) {
                next = a.lease();
                break;
            }
        }
        other.complete(next, Payload.of("text/1", new byte[] {'x'}));
        Outcome<String> outcome = Gates.get(call);
        assertThat(runs).as("runs of an attempt known to have lost its lease").hasValue(0);
    }

    @Test
    @Rule(14)
    void aClaimWhoseAnswerWasLostIsReleased() {
        store.hooks().loseAnswer(Operation.CLAIM, 1);
        ToolGate gate = gate(0);
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThatThrownBy(() -> gate.execute(action, KEY, "in")).isInstanceOf(ToolGateException.NotExecuted.class);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_PROGRESS);
        other.advance(Duration.ofSeconds(31));
        assertThat(gate.execute(action, KEY, "in")).as("before it is released").isInstanceOf(Outcome.InDoubt.class);
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> store.stored(id).state() == RecordState.RETRYABLE);
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
    }
}
