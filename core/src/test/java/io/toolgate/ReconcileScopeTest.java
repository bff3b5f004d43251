package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimRequest;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which records one pass of reconciliation finds and probes, and which it leaves alone. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class ReconcileScopeTest extends GateFixture {
    private final ToolGate gate = gates.gate(store);

    @Test
    void reconcileProbesEachRecordAndStoresTheResultsThatItFinds() throws Exception {
        for (String key : List.of("happened", "not", "unknown")) {
            claimElsewhere(IdempotencyKey.of(key));
        }
        store.advance(Duration.ofSeconds(30));
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> switch (attempt.key()) {
                    case "happened" -> ProbeResult.happened("found");
                    case "not" -> ProbeResult.notHappened();
                    default -> ProbeResult.unknown();
                }))
                .build();
        assertThat(gate.reconcile(action)).isEqualTo(new ReconcileReport(3, 1, 1, 1, 0, 0, 0, true));
        assertThat(runs).as("without its input nothing runs").hasValue(0);
        assertThat(gate.execute(action, IdempotencyKey.of("happened"), "in").valueOrThrow())
                .isEqualTo("found");
        assertThat(gate.execute(action, IdempotencyKey.of("not"), "in").valueOrThrow())
                .isEqualTo("receipt-1");
        assertThat(gate.reconcile(action)).isEqualTo(new ReconcileReport(1, 0, 0, 1, 0, 0, 0, true));
    }

    @Test
    void reconcilePutsRecordsWithoutAProbeInDoubt() throws Exception {
        claimElsewhere(KEY);
        store.advance(Duration.ofSeconds(30));
        assertThat(gate.reconcile(Gates.counting(runs).build()))
                .isEqualTo(new ReconcileReport(1, 0, 0, 1, 0, 0, 0, true));
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(gate.reconcile(
                        Gates.counting(runs).recovery(Recovery.rerun()).build()))
                .isEqualTo(new ReconcileReport(1, 0, 0, 1, 0, 0, 0, true));
        assertThat(store.stored(id).fence()).isEqualTo(1);
        assertThat(runs).hasValue(0);
    }

    @Test
    void reconcileLeavesOtherActionsAndLiveRunsAlone() throws Exception {
        PaidAction<String, String> action =
                probing(ProbeResult.happened("wrong")).build();
        PaidAction<String, String> outer = Gates.action((input, attempt) -> {
                    // Its heartbeats are late, and the same process reconciles meanwhile.
                    store.advance(Duration.ofSeconds(31));
                    assertThat(gate.reconcile(action)).isEqualTo(new ReconcileReport(0, 0, 0, 0, 0, 0, 0, true));
                    return "right";
                })
                .build();
        assertThat(gate.execute(outer, KEY, "in").valueOrThrow()).isEqualTo("right");
        assertThat(probes).hasValue(0);
        claimElsewhere(IdempotencyKey.of("other action"));
        store.advance(Duration.ofSeconds(31));
        PaidAction<String, String> other = PaidAction.<String, String>named("refund")
                .run((input, attempt) -> "x")
                .codec(ResultCodec.text())
                .build();
        assertThat(gate.reconcile(other)).isEqualTo(new ReconcileReport(0, 0, 0, 0, 0, 0, 0, true));
        assertThatThrownBy(() -> gate.reconcile(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void reconcileFindsARecordBehindAThousandOfOtherActions() {
        for (int i = 0; i < 1000; i++) {
            claimElsewhere(IdempotencyKey.of("k" + i).in("another-action"), "in", ClaimRequest.OnUnknown.HOLD);
        }
        other.advance(Duration.ofSeconds(1));
        claimElsewhere(KEY);
        other.advance(Duration.ofSeconds(60));
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(a -> ProbeResult.happened("r")))
                .build();
        ReconcileReport report = gate.reconcile(action);
        assertThat(report.recovered()).isEqualTo(1);
    }

    @Test
    void reconcileUsesUpNoAttemptOfALaterCall() {
        PaidAction<String, String> action = Gates.counting(runs)
                .maxAttempts(2)
                .recovery(Recovery.probe(a -> ProbeResult.notHappened()))
                .build();
        claimElsewhere(KEY);
        other.advance(Duration.ofSeconds(31));
        ReconcileReport report = gate.reconcile(action);
        Outcome<String> o = gate.execute(action, KEY, "in");
        assertThat(o.isCompleted()).isTrue();
    }

    @Test
    void reconcileContinuesAfterARecordThatFails() {
        for (int i = 0; i < 3; i++) {
            claimElsewhere(IdempotencyKey.of("k" + i));
        }
        other.advance(Duration.ofSeconds(60));
        store.hooks().beforeClaim(r -> {
            if (r.id().key().equals("k0")) {
                throw new StoreException.Corrupt("bad row", null);
            }
        });
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(a -> ProbeResult.happened("r")))
                .build();
        ReconcileReport report = gate.reconcile(action);
        assertThat(report.recovered()).isEqualTo(2);
    }
}
