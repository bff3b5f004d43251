package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Recovery of an attempt whose effect is unknown: hold, probe or rerun. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class RecoveryTest extends GateFixture {
    private final ToolGate gate = gates.gate(store);

    /** The claim of an owner elsewhere, whose lease has just ended. */
    private Lease vanishedOwner() {
        Lease lease = claimElsewhere(KEY);
        store.advance(Duration.ofSeconds(30));
        return lease;
    }

    /** An action whose first run has an unknown effect, and whose later ones have none. */
    private static PaidAction.Builder<String, String> timingOutThenRefused() {
        return Gates.action((input, attempt) -> {
                    if (attempt.number() == 1) {
                        throw new java.io.IOException("timeout after the charge");
                    }
                    throw new java.net.ConnectException("refused");
                })
                .classify(GateFixture::refusedIsNotExecuted)
                .recovery(Recovery.rerun());
    }

    @Test
    @Rule(5)
    void holdIsTheDefaultAndTheDoubtStaysUntilItIsResolved() throws Exception {
        Lease vanished = vanishedOwner();
        PaidAction<String, String> action = Gates.counting(runs).build();
        Outcome<String> outcome = gate.execute(action, KEY, "in");
        assertThat(outcome).isInstanceOfSatisfying(Outcome.InDoubt.class, doubt -> {
            assertThat(doubt.failure().code()).isEqualTo("owner-vanished");
            assertThat(doubt.failure().message()).contains("attempt 1", "elsewhere");
            assertThat(doubt.since()).isEqualTo(gates.database.clock().instant());
        });
        store.advance(Duration.ofDays(30));
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(outcome);
        assertThat(runs).hasValue(0);
        assertThat(store.complete(vanished, Payload.of("text/1", "late".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(gate.execute(action, KEY, "in").isCompleted())
                .as("a late result is kept for a whole retention")
                .isTrue();
    }

    @Test
    @Rule(6)
    void theLateResultOfAnOwnerInDoubtIsReplayed() throws Exception {
        Lease vanished = vanishedOwner();
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
        vanishedOwner();
        PaidAction<String, String> action = Gates.action(
                        (input, attempt) -> attempt.number() + " " + attempt.providerKey())
                .recovery(Recovery.rerun())
                .build();
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("2 " + id.providerKey());
    }

    @Test
    @Rule(5)
    void aProbeThatFindsTheEffectEndsTheRecordWithoutARun() throws Exception {
        vanishedOwner();
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
        vanishedOwner();
        assertThat(gate.execute(probing(ProbeResult.notHappened()).build(), KEY, "in"))
                .isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
        assertThat(probes).hasValue(1);
    }

    @Test
    @Rule(5)
    void aProbeThatAnswersUnknownLeavesTheRecordInDoubt() throws Exception {
        vanishedOwner();
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
    void aProbeThatThrowsOrReturnsNullLeavesTheRecordInDoubt() throws Exception {
        IdempotencyKey second = IdempotencyKey.of("second");
        claimElsewhere(KEY);
        claimElsewhere(second);
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
    void aCallWhoseOwnRunEndedInDoubtProbesAtOnce() {
        List<Long> attempts = new ArrayList<>();
        PaidAction<String, String> action = timingOut()
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
    void aCallWhoseOwnRunEndedInDoubtRerunsOnceAndNotInALoop() {
        PaidAction<String, String> action =
                timingOut().recovery(Recovery.rerun()).build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(12)
    void aRecoveryThatCannotStartDoesNotHideTheDoubt() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    // From now on claims fail; the result of this run is stored.
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
        PaidAction<String, String> action =
                timingOut().recovery(Recovery.rerun()).maxAttempts(3).build();
        for (int i = 0; i < 4; i++) {
            assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        }
        assertThat(runs).hasValue(3);
        assertThat(store.stored(id).fence()).isEqualTo(3);
    }

    @Test
    @Rule(9)
    void anotherInputDoesNotTakeOver() throws Exception {
        vanishedOwner();
        PaidAction<String, String> action =
                Gates.counting(runs).recovery(Recovery.rerun()).build();
        assertThat(gate.execute(action, KEY, "other")).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(5)
    void aRerunWithoutEffectLeavesTheAttemptBeforeItInDoubt() {
        PaidAction<String, String> action =
                timingOutThenRefused().maxAttempts(2).build();
        Outcome<String> outcome = gate(1000).execute(action, KEY, "in");
        assertThat(outcome).isInstanceOf(Outcome.InDoubt.class);
    }

    @Test
    @Rule(5)
    void aRerunWithoutEffectDoesNotReleaseADoubtfulKey() {
        PaidAction<String, String> action = timingOutThenRefused().build();
        Outcome<String> outcome = gate(1000).execute(action, KEY, "in");
        assertThat(outcome).isNotInstanceOf(Outcome.Retryable.class);
    }

    @Test
    @Rule(5)
    void aProviderThatFailedManyProbesIsProbedAgain() {
        AtomicBoolean up = new AtomicBoolean();
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(a -> {
                    probes.incrementAndGet();
                    return up.get() ? ProbeResult.happened("r") : ProbeResult.unknown();
                }))
                .build();
        claimElsewhere(KEY);
        other.advance(Duration.ofSeconds(31));
        ToolGate gate = gate(0);
        for (int i = 0; i < 5; i++) {
            gate.reconcile(action);
        }
        up.set(true);
        Outcome<String> o = gate.execute(action, KEY, "in");
        assertThat(o.isCompleted()).isTrue();
    }

    @Test
    @Rule(5)
    void aCallThatDoesNotWaitIsInDoubtWhileARunOfThisProcessGoesOn() throws Exception {
        Breakpoint running = new Breakpoint();
        CountDownLatch overdue = new CountDownLatch(1);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ToolGate gate =
                gates.gate(ToolGate.on(store).waitForInProgress(Duration.ZERO).listener(new ToolGateListener() {
                    @Override
                    public void inDoubt(Event e, Failure f) {
                        overdue.countDown();
                    }
                }));
        PaidAction<String, String> action = Gates.action((in, a) -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    if (a.number() == 1) {
                        running.stop();
                    }
                    inside.decrementAndGet();
                    return "r" + runs.incrementAndGet();
                })
                .lease(Duration.ofMillis(30))
                .maxRunTime(Duration.ofMillis(30))
                .recovery(Recovery.probe(a -> ProbeResult.notHappened())) // and the charge has not been sent yet
                .build();
        Future<Outcome<String>> slow = gates.start(() -> gate.execute(action, KEY, "in"));
        running.awaitReached();
        Gates.await(overdue);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        running.resume();
        assertThat(Gates.get(slow).isCompleted()).as("the late result").isTrue();
        assertThat(most).hasValue(1);
    }

    @Test
    @Rule(5)
    void aProbeThatThrowsAnErrorIsAnUnknownAnswer() {
        claimElsewhere(KEY);
        store.advance(Duration.ofSeconds(31));
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> {
                    throw new NoClassDefFoundError("on purpose");
                }))
                .build();
        Outcome<String> outcome = gate(5000).execute(action, KEY, "in");
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.InDoubt.class,
                        doubt -> assertThat(doubt.failure().message()).contains("NoClassDefFoundError"));
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(5)
    void aVanishedOwnerIsToldOnceByWhoeverPutsItsRecordInDoubt() throws Exception {
        java.util.concurrent.atomic.AtomicInteger told = new java.util.concurrent.atomic.AtomicInteger();
        ToolGateListener listener = new ToolGateListener() {
            @Override
            public void inDoubt(Event event, Failure failure) {
                assertThat(failure.code()).isEqualTo(Failure.Codes.OWNER_VANISHED);
                assertThat(event.keyHash()).isEqualTo(id.toUuid());
                told.incrementAndGet();
            }
        };
        PaidAction<String, String> holding = Gates.counting(runs).build();
        claimElsewhere(KEY);
        store.advance(Duration.ofSeconds(31));
        try (ToolGate gate = ToolGate.on(store)
                        .waitForInProgress(Duration.ZERO)
                        .listener(listener)
                        .build();
                ToolGate elsewhere = ToolGate.on(other)
                        .waitForInProgress(Duration.ZERO)
                        .listener(listener)
                        .build()) {
            var together = gates.together(4, () -> gate.execute(holding, KEY, "in"));
            assertThat(together).allMatch(outcome -> outcome instanceof Outcome.InDoubt<String>);
            assertThat(elsewhere.execute(holding, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
            var unused = elsewhere.reconcile(holding);
            assertThat(told).hasValue(1);
        }
        assertThat(gates.database.counts().stream()
                        .mapToLong(io.toolgate.store.ActionCounts::doubted)
                        .sum())
                .isEqualTo(1);
    }

    @Test
    @Rule(5)
    void aVanishedOwnerThatAPassFindsIsTold() {
        java.util.concurrent.atomic.AtomicInteger told = new java.util.concurrent.atomic.AtomicInteger();
        PaidAction<String, String> holding = Gates.counting(runs).build();
        claimElsewhere(KEY);
        store.advance(Duration.ofSeconds(31));
        try (ToolGate gate = ToolGate.on(store)
                .listener(new ToolGateListener() {
                    @Override
                    public void inDoubt(Event event, Failure failure) {
                        told.incrementAndGet();
                    }
                })
                .build()) {
            assertThat(gate.reconcile(holding).inDoubt()).isEqualTo(1);
            var unused = gate.reconcile(holding);
        }
        assertThat(told).hasValue(1);
        assertThat(gates.database.counts().stream()
                        .mapToLong(io.toolgate.store.ActionCounts::doubted)
                        .sum())
                .isEqualTo(1);
    }
}
