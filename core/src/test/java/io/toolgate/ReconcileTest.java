package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.UnfinishedPage;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One pass of reconciliation: the results that it stores, the records that it leaves, and its races. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class ReconcileTest extends GateFixture {
    private static final Payload FOUND = Payload.of("text/1", "found".getBytes(StandardCharsets.UTF_8));
    private static final Duration PAST_THE_LEASE = Duration.ofSeconds(31);

    private final ToolGate gate = gates.gate(store);
    private final ToolGate elsewhere = gates.gate(other);

    private PaidAction<String, String> finding() {
        return probing(ProbeResult.happened("found")).build();
    }

    private PaidAction<String, String> unknowing() {
        return probing(ProbeResult.unknown()).build();
    }

    /** Claim of a process that died, and whose lease has ended. */
    private Lease vanished() {
        Lease lease = claimElsewhere(KEY);
        other.advance(PAST_THE_LEASE);
        return lease;
    }

    private void vanished(String prefix, int count) {
        for (int i = 0; i < count; i++) {
            claimElsewhere(IdempotencyKey.of(prefix + i));
        }
        other.advance(PAST_THE_LEASE);
    }

    private IdempotencyRecord stored() {
        return Objects.requireNonNull(store.stored(id));
    }

    private String failureCode() {
        return Objects.requireNonNull(stored().failure()).code();
    }

    /** Runs {@code between} once, between the pass's read of a record and its claim. */
    private void beforeClaim(Runnable between) {
        AtomicBoolean once = new AtomicBoolean();
        store.hooks().beforeClaim(request -> {
            if (!once.getAndSet(true)) {
                between.run();
            }
        });
    }

    @Test
    @Rule(5)
    void afterOnePassNothingExpiredIsLeftInProgressWhateverTheRecovery() {
        List<Recovery<String>> recoveries =
                List.of(Recovery.hold(), Recovery.rerun(), Recovery.probe(attempt -> ProbeResult.unknown()));
        for (Recovery<String> recovery : recoveries) {
            vanished("key of " + recovery.getClass().getSimpleName(), 10);
            PaidAction<String, String> action =
                    Gates.counting(runs).recovery(recovery).build();
            ReconcileReport report = gate.reconcile(action);
            assertThat(report.complete()).isTrue();
            assertThat(report.inDoubt()).isEqualTo(report.found()).isPositive();
        }
        assertThat(store.dump())
                .hasSize(30)
                .allSatisfy(record -> assertThat(record.state()).isEqualTo(RecordState.IN_DOUBT));
        assertThat(runs).as("without its input nothing runs").hasValue(0);
    }

    @Test
    @Rule(5)
    void anOwnRunWhoseHeartbeatsAreBlockedIsNotAdopted() throws Exception {
        Breakpoint running = new Breakpoint();
        store.hooks().failNext(Operation.HEARTBEAT, Integer.MAX_VALUE);
        PaidAction<String, String> action = Gates.stoppingAt(running, "right")
                .recovery(Recovery.probe(attempt -> {
                    probes.incrementAndGet();
                    return ProbeResult.happened("wrong");
                }))
                .build();
        Future<Outcome<String>> run = gates.start(() -> gate.execute(action, KEY, "in"));
        running.awaitReached();
        store.advance(PAST_THE_LEASE);
        PaidAction<String, String> holding = Gates.counting(runs).build();
        assertThat(gate.reconcile(action)).isEqualTo(new ReconcileReport(0, 0, 0, 0, 0, 0, 0, true));
        assertThat(gate.reconcile(holding)).isEqualTo(new ReconcileReport(0, 0, 0, 0, 0, 0, 0, true));
        assertThat(stored().state()).isEqualTo(RecordState.IN_PROGRESS);
        running.resume();
        assertThat(Gates.get(run)).isEqualTo(new Outcome.Completed<>("right", Origin.EXECUTED));
        assertThat(probes).hasValue(0);
    }

    @Test
    @Rule(1)
    void manyReconcilersResolveEachRecordOnce() throws Exception {
        vanished("k", 40);
        ConcurrentHashMap<String, Integer> probed = new ConcurrentHashMap<>();
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> {
                    probed.merge(attempt.key(), 1, Integer::sum);
                    return ProbeResult.happened("found");
                }))
                .build();
        AtomicInteger turn = new AtomicInteger();
        List<ReconcileReport> reports =
                gates.together(6, () -> (turn.getAndIncrement() % 2 == 0 ? gate : elsewhere).reconcile(action));
        assertThat(reports.stream().mapToInt(ReconcileReport::recovered).sum()).isEqualTo(40);
        assertThat(probed)
                .hasSize(40)
                .allSatisfy((key, times) -> assertThat(times).isEqualTo(1));
        assertThat(store.dump()).allSatisfy(record -> assertThat(record.state()).isEqualTo(RecordState.COMPLETED));
    }

    @Test
    @Rule(5)
    void aRecordThatAnotherReconcilerProbedMeanwhileIsNeitherProbedNorCounted() {
        vanished();
        beforeClaim(() -> elsewhere.reconcile(unknowing()));
        assertThat(gate.reconcile(unknowing())).isEqualTo(new ReconcileReport(1, 0, 0, 0, 0, 0, 0, true));
        assertThat(probes).hasValue(1);
        assertThat(stored().state()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(failureCode()).isEqualTo("probe-unknown");
    }

    @Test
    @Rule(2)
    void aRecordThatItsOwnerFinishedMeanwhileIsLeftAndNotCounted() {
        Lease late = vanished();
        beforeClaim(() -> other.complete(late, FOUND));
        assertThat(gate.reconcile(unknowing())).isEqualTo(new ReconcileReport(1, 0, 0, 0, 0, 0, 0, true));
        assertThat(probes).hasValue(0);
        assertThat(stored().fence()).isEqualTo(1);
    }

    @Test
    @Rule(9)
    void aKeyThatWasRetiredMeanwhileBeginsAnewWithAnyInput() {
        Lease late = vanished();
        beforeClaim(() -> {
            other.complete(late, FOUND);
            elsewhere.retire(finding(), KEY, "refunded");
        });
        assertThat(gate.reconcile(finding())).isEqualTo(new ReconcileReport(1, 0, 0, 0, 0, 0, 0, true));
        assertThat(gate.execute(finding(), KEY, "another input").valueOrThrow()).isEqualTo("receipt-1");
        assertThat(probes).hasValue(0);
    }

    @Test
    @Rule(9)
    void aKeyThatWasPurgedMeanwhileBeginsAnewWithAnyInput() {
        Lease late = vanished();
        beforeClaim(() -> {
            other.complete(late, FOUND);
            other.advance(Duration.ofDays(8));
            assertThat(other.purge(10)).isEqualTo(1);
        });
        gate.reconcile(finding());
        assertThat(gate.execute(finding(), KEY, "another input").valueOrThrow()).isEqualTo("receipt-1");
        assertThat(probes).hasValue(0);
    }

    @Test
    @Rule(5)
    void aRecordThatWasReleasedMeanwhileKeepsItsFailure() {
        Lease late = vanished();
        beforeClaim(() -> other.fail(late, Failure.notExecuted("refused", "by its own words")));
        assertThat(gate.reconcile(finding())).isEqualTo(new ReconcileReport(1, 0, 0, 0, 0, 0, 0, true));
        assertThat(stored().state()).isEqualTo(RecordState.RETRYABLE);
        assertThat(failureCode()).isEqualTo("refused");
    }

    @Test
    @Rule(6)
    void aLateResultIsAcceptedUntilAReconcilerClaimsAndRefusedByTypeAfterwards() throws Exception {
        AtomicReference<@Nullable Object> stale = new AtomicReference<>();
        ToolGate owner = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
            @Override
            public void staleResult(Event event, @Nullable Object value) {
                stale.set(value);
            }
        }));
        store.hooks().failNext(Operation.HEARTBEAT, Integer.MAX_VALUE);
        PaidAction<String, String> held =
                lateAction(elsewhere, Gates.counting(runs).build());
        assertThat(owner.execute(held, KEY, "in")).isEqualTo(new Outcome.Completed<>("late", Origin.EXECUTED));
        assertThat(stale).hasValue(null);

        PaidAction<String, String> probed = lateAction(elsewhere, unknowing());
        assertThat(owner.execute(probed, IdempotencyKey.of("second"), "in")).isInstanceOf(Outcome.LeaseLost.class);
        assertThat(stale).hasValue("late");
        assertThat(store.stored(IdempotencyKey.of("second").in("charge-card")).state())
                .isEqualTo(RecordState.IN_DOUBT);
    }

    /** An action whose record a reconciler of another process finds expired while its run goes on. */
    private PaidAction<String, String> lateAction(ToolGate reconciling, PaidAction<String, String> theirs) {
        return Gates.action((input, attempt) -> {
                    store.advance(PAST_THE_LEASE);
                    assertThat(reconciling.reconcile(theirs).inDoubt()).isEqualTo(1);
                    return "late";
                })
                .build();
    }

    @Test
    @Rule(5)
    void aProbeThatThrowsLeavesTheDoubtWithItsReasonAndThePassContinues() {
        List<Throwable> thrown = List.of(
                new java.net.ConnectException("provider is down"),
                new InterruptedException("its own affair"),
                new StackOverflowError("deep"),
                new NoClassDefFoundError("gone"));
        vanished("k", thrown.size());
        AtomicInteger next = new AtomicInteger();
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> {
                    Throwable e = thrown.get(next.getAndIncrement());
                    if (e instanceof Error error) {
                        throw error;
                    }
                    throw (Exception) e;
                }))
                .build();
        assertThat(gate.reconcile(action)).isEqualTo(new ReconcileReport(4, 0, 0, 4, 0, 0, 0, true));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        List<String> reasons = new ArrayList<>();
        store.dump()
                .forEach(record ->
                        reasons.add(Objects.requireNonNull(record.failure()).message()));
        for (Throwable e : thrown) {
            assertThat(reasons).anySatisfy(reason -> assertThat(reason).contains(e.getMessage()));
        }
    }

    @Test
    @Rule(5)
    void aProbeThatReturnsNullLeavesTheEffectUnknown() {
        vanished();
        PaidAction<String, String> action =
                Gates.counting(runs).recovery(Recovery.probe(attempt -> null)).build();
        assertThat(gate.reconcile(action).inDoubt()).isEqualTo(1);
        assertThat(stored().failure().message()).contains("returned null");
    }

    @Test
    @Rule(2)
    void aProbeThatAnswersAfterItsTimeoutChangesNothing() throws Exception {
        vanished();
        CountDownLatch answer = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> {
                    awaitDeafly(answer);
                    answered.countDown();
                    return ProbeResult.happened("too late");
                }))
                .probeTimeout(Duration.ofMillis(20))
                .build();
        assertThat(gate.reconcile(action)).isEqualTo(new ReconcileReport(1, 0, 0, 1, 0, 0, 0, true));
        assertThat(stored().failure().message()).contains("did not answer within PT0.02S");
        assertThat(gate.resolve(action, KEY, stored().fence(), Resolution.completed("looked up"), "ann", "seen")
                        .isApplied())
                .isTrue();
        IdempotencyRecord finished = stored();
        answer.countDown();
        Gates.await(answered);
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("looked up", Origin.REPLAYED));
        assertThat(stored()).isEqualTo(finished);
    }

    /** Waits like a probe that ignores interrupts. */
    static void awaitDeafly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // Ignored on purpose.
            }
        }
    }

    @Test
    @Rule(11)
    void aFoundResultThatCannotBeEncodedIsDoneButUnavailable() {
        vanished();
        AtomicInteger notified = new AtomicInteger();
        ToolGate listening = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
            @Override
            public void resultUnavailable(Event event, Failure reason) {
                notified.incrementAndGet();
            }
        }));
        ResultCodec<String> broken = new TestCodec<>(
                "broken/1",
                result -> {
                    throw new IllegalStateException("no");
                },
                bytes -> {
                    throw new IllegalStateException("no");
                });
        PaidAction<String, String> action = PaidAction.<String, String>named("charge-card")
                .run((input, attempt) -> "never")
                .codec(broken)
                .fingerprint(Fingerprint.text())
                .recovery(Recovery.probe(attempt -> ProbeResult.happened("found")))
                .build();
        assertThat(listening.reconcile(action).recovered()).isEqualTo(1);
        assertThat(listening.execute(action, KEY, "in")).isInstanceOf(Outcome.Unavailable.class);
        assertThat(notified).hasValueGreaterThanOrEqualTo(1);
        assertThat(stored().state()).isEqualTo(RecordState.COMPLETED);
    }

    @Test
    @Rule(12)
    void aStoreThatFailsMidwayEndsThePassAndTheReportSaysSo() {
        vanished("k", 7);
        AtomicInteger parts = new AtomicInteger();
        store.hooks().before(Operation.SCAN_UNFINISHED, olderThan -> {
            if (parts.incrementAndGet() == 2) {
                throw new StoreException.Unavailable("gone", null);
            }
        });
        assertThat(gate.reconcile(finding())).isEqualTo(new ReconcileReport(3, 3, 0, 0, 0, 0, 0, false));
        store.hooks().failNext(Operation.SCAN_UNFINISHED, 1);
        assertThatThrownBy(() -> gate.reconcile(finding())).isInstanceOf(StoreException.Unavailable.class);
        assertThat(gate.reconcile(finding())).isEqualTo(new ReconcileReport(4, 4, 0, 0, 0, 0, 0, true));
    }

    @Test
    @Rule(12)
    void anOutageEndsThePassAfterAFewRecordsAndSingleLockedRowsDoNot() {
        vanished("k", 12);
        store.hooks().failNext(Operation.CLAIM, Integer.MAX_VALUE);
        assertThat(gate.reconcile(finding())).isEqualTo(new ReconcileReport(3, 0, 0, 0, 0, 0, 3, false));
        store.hooks().failNext(Operation.CLAIM, 2);
        assertThat(gate.reconcile(finding())).isEqualTo(new ReconcileReport(12, 10, 0, 0, 0, 0, 2, true));
    }

    @Test
    @Rule(12)
    void aCompletionThatTheStoreFailedIsCountedAsFailedAndFoundAgain() {
        vanished();
        store.hooks().failNext(Operation.COMPLETE, 1);
        assertThat(gate.reconcile(finding())).isEqualTo(new ReconcileReport(1, 0, 0, 0, 0, 0, 1, true));
        store.advance(PAST_THE_LEASE);
        assertThat(gate.reconcile(finding())).isEqualTo(new ReconcileReport(1, 1, 0, 0, 0, 0, 0, true));
    }

    @Test
    @Rule(5)
    void aRecordWhoseAttemptsAreUsedUpStaysInDoubt() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    throw new java.io.IOException("lost");
                })
                .recovery(Recovery.rerun())
                .maxAttempts(2)
                .build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        long version = stored().version();
        assertThat(gate.reconcile(action)).isEqualTo(new ReconcileReport(1, 0, 0, 1, 0, 0, 0, true));
        assertThat(stored().version()).as("nothing is written").isEqualTo(version);
    }

    @Test
    @Rule(5)
    void aRecordThatMovesDuringTheScanIsProbedOnce() {
        vanished();
        IdempotencyStore restless = new ForwardingStore(store) {
            @Override
            public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
                UnfinishedPage all = super.scanUnfinished(olderThan, 0);
                store.advance(Duration.ofMillis(1));
                return from == 5 ? all : new UnfinishedPage(all.records(), OptionalLong.of(from + 1));
            }
        };
        ReconcileReport report = gates.gate(restless).reconcile(unknowing());
        assertThat(report).isEqualTo(new ReconcileReport(1, 0, 0, 1, 0, 0, 0, true));
        assertThat(probes).hasValue(1);
    }

    @Test
    @Rule(5)
    void anInterruptedPassLeavesTheDoubtUnchangedAndKeepsTheInterrupt() throws Exception {
        vanished("k", 5);
        CountDownLatch probed = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        AtomicReference<Thread> passing = new AtomicReference<>();
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> {
                    probed.countDown();
                    never.await();
                    return ProbeResult.happened("never");
                }))
                .build();
        AtomicBoolean flag = new AtomicBoolean();
        Future<ReconcileReport> pass = gates.start(() -> {
            passing.set(Thread.currentThread());
            ReconcileReport report = gate.reconcile(action);
            flag.set(Thread.interrupted());
            return report;
        });
        Gates.await(probed);
        passing.get().interrupt();
        ReconcileReport report = Gates.get(pass);
        assertThat(report).isEqualTo(new ReconcileReport(1, 0, 0, 1, 0, 0, 0, false));
        assertThat(flag).isTrue();
        assertThat(store.dump())
                .filteredOn(record -> record.state() == RecordState.IN_DOUBT)
                .singleElement()
                .satisfies(record -> assertThat(
                                Objects.requireNonNull(record.failure()).code())
                        .isEqualTo("owner-vanished"));
    }

    @Test
    @Rule(5)
    void aDoubtThatArisesDuringAPassIsLeftToTheNext() {
        vanished("a", 3);
        AtomicBoolean once = new AtomicBoolean();
        // In a page of the scan that is still to come.
        RecordId fresh = Stream.iterate(0, i -> i + 1)
                .map(i -> IdempotencyKey.of("fresh" + i).in("charge-card"))
                .filter(key -> store.dump().stream()
                        .allMatch(record -> record.id().toUuid().compareTo(key.toUuid()) < 0))
                .findFirst()
                .orElseThrow();
        store.hooks().after(Operation.SCAN_UNFINISHED, (olderThan, page) -> {
            if (!once.getAndSet(true)) {
                other.advance(Duration.ofMillis(1));
                other.fail(claimElsewhere(fresh, "in", OnUnknown.HOLD), Failure.unknown("lost", ""));
            }
        });
        assertThat(gate.reconcile(finding()).recovered()).isEqualTo(3);
        assertThat(gate.reconcile(finding()).recovered()).isEqualTo(1);
    }
}
