package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.RecordState;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.net.ConnectException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Claims that did not run are released as soon as the store answers, and a slow store does not hold their callers. */
class OrphanedClaimsTest extends GateFixture {
    private void awaitReleased() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> store.stored(id).state() == RecordState.RETRYABLE);
    }

    private void neverStarts(ToolGate gate, Duration lease) {
        assertThatThrownBy(() -> gate.execute(Gates.counting(runs).lease(lease).build(), KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class);
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(12)
    void aClaimAnsweredLateIsReleasedAfterAnOutageThatOutlastsItsLease() {
        store.hooks().afterClaim((request, answer) -> {
            pass(30);
            store.hooks().outage(true);
        });
        neverStarts(gate(5000), Duration.ofMillis(40));
        other.advance(Duration.ofSeconds(31));
        var unused = other.claim(claimRequest(id, "in", OnUnknown.HOLD));
        assertThat(store.stored(id).state()).as("found by another process").isEqualTo(RecordState.IN_DOUBT);
        store.hooks().outage(false);
        awaitReleased();
    }

    @Test
    @Rule(12)
    void aClaimWithoutAnAnswerIsReleasedHoweverOftenThatHasToBeTried() {
        store.hooks().loseAnswer(Operation.CLAIM, 1).failNext(Operation.FAIL, 5);
        neverStarts(gate(5000), Duration.ofSeconds(30));
        awaitReleased();
        assertThat(store.hooks().calls(Operation.FAIL)).isEqualTo(6);
    }

    @Test
    @Rule(12)
    void anUnexpectedExceptionOfTheStoreEndsNoRelease() {
        store.hooks()
                .loseAnswer(Operation.CLAIM, 1)
                .failNext(Operation.FAIL, 2, () -> new IllegalStateException("a bug, on purpose"));
        neverStarts(gate(5000), Duration.ofSeconds(30));
        awaitReleased();
    }

    @Test
    @Rule(12)
    void aFailureWithoutEffectThatTheStoreDidNotAcceptIsStoredLater() {
        store.hooks().failNext(Operation.FAIL, 2);
        PaidAction<String, String> refused = Gates.action((input, attempt) -> {
                    throw new ConnectException("refused");
                })
                .classify(Failure::notExecuted)
                .build();
        assertThatThrownBy(() -> gate(5000).execute(refused, KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("released as soon as the store answers");
        awaitReleased();
        assertThat(store.stored(id).failure().message()).contains("refused");
    }

    @Test
    @Rule({12, 16})
    void aClaimOfAReconcilerThatIsReleasedLateIsNoRefusal() {
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> ProbeResult.notHappened()))
                .build();
        claimElsewhere(KEY);
        store.advance(Duration.ofSeconds(31));
        store.hooks().failNext(Operation.FAIL, 1);
        var unused = gate(0).reconcile(action);
        awaitReleased();
        assertThat(store.hooks().calls(Operation.FAIL)).isEqualTo(2);
        assertThat(store.stored(id).failure().code()).isEqualTo(Failure.Codes.NOT_HAPPENED);
        assertThat(store.stored(id).numbers().refusals()).isZero();
    }

    @Test
    void aClosingGateMakesALastTry() {
        store.hooks().loseAnswer(Operation.CLAIM, 1);
        ToolGate gate = ToolGate.on(store).drainTimeout(Duration.ofSeconds(10)).build();
        neverStarts(gate, Duration.ofSeconds(30));
        gate.close();
        assertThat(store.stored(id).state()).isEqualTo(RecordState.RETRYABLE);
    }

    @Test
    @Rule(8)
    void aSlowStoreHoldsACallNoLongerThanItsWaitAndOneLease() {
        for (Operation each : new Operation[] {Operation.CLAIM, Operation.HEARTBEAT, Operation.FAIL}) {
            store.hooks().before(each, argument -> pass(650));
        }
        long start = System.nanoTime();
        neverStarts(gate(100), Duration.ofMillis(300));
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .as("one call of the store, which exceeded wait and lease")
                .isLessThan(Duration.ofMillis(1300));
        awaitReleased();
    }
}
