package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.Outcome.Origin;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of an attempt that may have had its effect. */
class RecoveryTest {
    private final Gates gates = new Gates();
    private final ModelStore store = gates.store();
    private final ToolGate gate = gates.gate(store);
    private final AtomicInteger runs = new AtomicInteger();
    private final AtomicInteger probes = new AtomicInteger();
    private final RecordId id = KEY.in("charge-card");

    @AfterEach
    void close() throws Exception {
        gates.close();
    }

    /** The claim of a process that dies right after it. */
    @CanIgnoreReturnValue
    private Lease vanishedOwner(IdempotencyKey key) throws Exception {
        ClaimRequest request = new ClaimRequest(
                key.in("charge-card"),
                ClaimToken.random(new SecureRandom()),
                "dead process",
                InputFingerprint.ofCanonical(Fingerprint.text().canonical("in")),
                Duration.ofSeconds(30),
                Duration.ofDays(7),
                OnUnknown.HOLD,
                5);
        return ((ClaimOutcome.Acquired) store.claim(request)).lease();
    }

    private PaidAction.Builder<String, String> probing(ProbeResult<String> answer) {
        return Gates.counting(runs).recovery(Recovery.probe(attempt -> {
            probes.incrementAndGet();
            return answer;
        }));
    }

    @Test
    @Rule(5)
    void holdIsTheDefaultAndWaitsForSomebodyWhoKnows() throws Exception {
        Lease vanished = vanishedOwner(KEY);
        store.advance(Duration.ofSeconds(30));
        PaidAction<String, String> action = Gates.counting(runs).build();
        Outcome<String> outcome = gate.execute(action, KEY, "in");
        assertThat(outcome).isInstanceOfSatisfying(Outcome.InDoubt.class, doubt -> {
            assertThat(doubt.failure().code()).isEqualTo("owner-vanished");
            assertThat(doubt.failure().message()).contains("attempt 1", "dead process");
            assertThat(doubt.since()).isEqualTo(gates.database.clock().instant());
        });
        store.advance(Duration.ofDays(30));
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(outcome);
        assertThat(runs).hasValue(0);
        assertThat(store.complete(vanished, Payload.of("text/1", "late".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(gate.execute(action, KEY, "in").isCompleted())
                .as("retention, from the claim, is over")
                .isTrue();
    }

    @Test
    @Rule(6)
    void theLateResultOfAnOwnerInDoubtIsReplayed() throws Exception {
        Lease vanished = vanishedOwner(KEY);
        store.advance(Duration.ofSeconds(30));
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(store.complete(vanished, Payload.of("text/1", "late".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("late", Origin.REPLAYED));
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(5)
    void rerunRunsAgainWithTheNextFenceAndTheSameProviderKey() throws Exception {
        vanishedOwner(KEY);
        store.advance(Duration.ofSeconds(30));
        PaidAction<String, String> action = Gates.action(
                        (input, attempt) -> attempt.number() + " " + attempt.providerKey())
                .recovery(Recovery.rerun())
                .build();
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("2 " + id.providerKey());
    }

    @Test
    @Rule(5)
    void aProbeThatFindsTheEffectEndsTheRecordWithoutARun() throws Exception {
        vanishedOwner(KEY);
        store.advance(Duration.ofSeconds(30));
        PaidAction<String, String> action =
                probing(ProbeResult.happened("receipt at the provider")).build();
        assertThat(gate.execute(action, KEY, "in"))
                .isEqualTo(new Outcome.Completed<>("receipt at the provider", Origin.RECOVERED));
        assertThat(gate.execute(action, KEY, "in"))
                .isEqualTo(new Outcome.Completed<>("receipt at the provider", Origin.REPLAYED));
        assertThat(probes).hasValue(1);
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(5)
    void aProbeThatFindsNothingLeadsToARun() throws Exception {
        vanishedOwner(KEY);
        store.advance(Duration.ofSeconds(30));
        assertThat(gate.execute(probing(ProbeResult.notHappened()).build(), KEY, "in"))
                .isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
        assertThat(probes).hasValue(1);
    }

    @Test
    @Rule(5)
    void aProbeThatDoesNotKnowLeavesTheRecordInDoubt() throws Exception {
        vanishedOwner(KEY);
        store.advance(Duration.ofSeconds(30));
        assertThat(gate.execute(probing(ProbeResult.unknown()).build(), KEY, "in"))
                .isInstanceOfSatisfying(
                        Outcome.InDoubt.class,
                        doubt -> assertThat(doubt.failure().toString())
                                .contains("probe-unknown", "does not know", "attempt 1"));
        assertThat(runs).hasValue(0);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_DOUBT);
    }

    @Test
    @Rule(5)
    void aProbeThatThrowsOrAnswersNothingDoesNotKnow() throws Exception {
        IdempotencyKey second = IdempotencyKey.of("second");
        vanishedOwner(KEY);
        vanishedOwner(second);
        store.advance(Duration.ofSeconds(30));
        PaidAction<String, String> throwing = Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> {
                    throw new java.net.ConnectException("provider is down");
                }))
                .build();
        assertThat(gate.execute(throwing, KEY, "in"))
                .isInstanceOfSatisfying(
                        Outcome.InDoubt.class,
                        doubt -> assertThat(doubt.failure().message()).contains("provider is down"));
        PaidAction<String, String> silent =
                Gates.counting(runs).recovery(Recovery.probe(attempt -> null)).build();
        assertThat(gate.execute(silent, second, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(5)
    void anOwnFailureWithoutKnowingIsProbedAtOnce() {
        List<Long> attempts = new ArrayList<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    throw new java.net.SocketTimeoutException("read timed out");
                })
                .recovery(Recovery.probe(attempt -> {
                    attempts.add(attempt.number());
                    return ProbeResult.happened("found");
                }))
                .build();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("found", Origin.RECOVERED));
        assertThat(attempts).containsExactly(2L);
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(5)
    void anOwnFailureWithoutKnowingIsRerunOnceAndNotInALoop() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    throw new java.net.SocketTimeoutException("read timed out");
                })
                .recovery(Recovery.rerun())
                .build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(12)
    void aRecoveryThatCannotStartDoesNotHideTheDoubt() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    // From now on the store takes no claims; the end of this run it takes.
                    store.hooks().failNext(Operation.CLAIM, Integer.MAX_VALUE);
                    throw new java.net.SocketTimeoutException("read timed out");
                })
                .recovery(Recovery.rerun())
                .build();
        assertThat(gate.execute(action, KEY, "in"))
                .isInstanceOfSatisfying(
                        Outcome.InDoubt.class,
                        doubt -> assertThat(doubt.failure().message()).contains("read timed out"));
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(5)
    void afterTheLastAttemptADoubtIsHeldWhateverIsDeclared() throws Exception {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    throw new java.net.SocketTimeoutException("read timed out");
                })
                .recovery(Recovery.rerun())
                .maxAttempts(3)
                .build();
        for (int i = 0; i < 4; i++) {
            assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        }
        assertThat(runs).hasValue(3);
        assertThat(store.stored(id).fence()).isEqualTo(3);
    }

    @Test
    @Rule(9)
    void anotherInputDoesNotTakeOver() throws Exception {
        vanishedOwner(KEY);
        store.advance(Duration.ofSeconds(30));
        PaidAction<String, String> action =
                Gates.counting(runs).recovery(Recovery.rerun()).build();
        assertThat(gate.execute(action, KEY, "other")).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(runs).hasValue(0);
    }

    // Reconciling.

    @Test
    void reconcileAsksAboutEachAndSettlesWhatItCan() throws Exception {
        for (String key : List.of("happened", "not", "unknown")) {
            vanishedOwner(IdempotencyKey.of(key));
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
    void reconcileMarksWhatItMayNotAskAbout() throws Exception {
        vanishedOwner(KEY);
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
                    // Its heartbeats are late, and a sweep comes along in the same process.
                    store.advance(Duration.ofSeconds(31));
                    assertThat(gate.reconcile(action)).isEqualTo(new ReconcileReport(0, 0, 0, 0, 0, 0, 0, true));
                    return "right";
                })
                .build();
        assertThat(gate.execute(outer, KEY, "in").valueOrThrow()).isEqualTo("right");
        assertThat(probes).hasValue(0);
        vanishedOwner(IdempotencyKey.of("other action"));
        store.advance(Duration.ofSeconds(31));
        PaidAction<String, String> other = PaidAction.<String, String>named("refund")
                .run((input, attempt) -> "x")
                .codec(ResultCodec.text())
                .build();
        assertThat(gate.reconcile(other)).isEqualTo(new ReconcileReport(0, 0, 0, 0, 0, 0, 0, true));
        assertThatThrownBy(() -> gate.reconcile(null)).isInstanceOf(NullPointerException.class);
    }
}
