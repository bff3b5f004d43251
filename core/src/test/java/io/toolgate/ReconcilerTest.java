package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.internal.base.StopSignal;
import io.toolgate.internal.resolve.ReconcilerLoop;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordState;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The background reconciler: its passes, the backoff of its probes, quarantine, and how it stops. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class ReconcilerTest extends GateFixture {
    private static final ReconcileReport NOTHING = new ReconcileReport(0, 0, 0, 0, 0, 0, 0, true);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final List<String> quarantined = new CopyOnWriteArrayList<>();
    private final ToolGate gate = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
        @Override
        public void quarantined(Event event, Failure failure) {
            quarantined.add(failure.message());
        }
    }));
    private final Steps steps = new Steps();

    /** Pauses that end when the test says so. */
    private static final class Steps implements ReconcilerLoop.Pause {
        private final LinkedBlockingQueue<Duration> pauses = new LinkedBlockingQueue<>();
        private final Semaphore over = new Semaphore(0);

        @Override
        public void await(Duration delay, StopSignal stop) throws InterruptedException {
            pauses.add(delay);
            while (!stop.isSet() && !over.tryAcquire(5, TimeUnit.MILLISECONDS)) {
                // Not yet.
            }
        }

        /** Waits until the reconciler pauses, and returns the length of the pause. */
        Duration pause() throws InterruptedException {
            return Objects.requireNonNull(pauses.poll(30, TimeUnit.SECONDS), "the reconciler does not pause");
        }

        void endPause() {
            over.release();
        }
    }

    private PaidAction<String, String> probing(Recovery.Probe<String> probe) {
        return Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> {
                    probes.incrementAndGet();
                    return probe.probe(attempt);
                }))
                .build();
    }

    private PaidAction<String, String> unknowing() {
        return probing(attempt -> ProbeResult.unknown());
    }

    private void vanished(int count) {
        for (int i = 0; i < count; i++) {
            claimElsewhere(IdempotencyKey.of("k" + i));
        }
        other.advance(Duration.ofSeconds(31));
    }

    private void vanished() {
        claimElsewhere(KEY);
        other.advance(Duration.ofSeconds(31));
    }

    private IdempotencyRecord stored() {
        return Objects.requireNonNull(store.stored(id));
    }

    private Reconciler.Builder reconciler() {
        return Reconciler.on(gate).pause(steps);
    }

    @Test
    void passesStartAtTheirIntervalWithJitter() throws Exception {
        List<Duration> pauses = new ArrayList<>();
        try (Reconciler reconciler =
                reconciler().action(unknowing()).every(Duration.ofSeconds(100)).start()) {
            assertThat(steps.pause()).as("the first pause").isBetween(Duration.ZERO, Duration.ofSeconds(100));
            assertThat(reconciler.lastReport()).isEmpty();
            for (int i = 0; i < 20; i++) {
                steps.endPause();
                pauses.add(steps.pause());
                assertThat(reconciler.lastReport()).contains(NOTHING);
            }
        }
        assertThat(pauses)
                .allSatisfy(pause -> assertThat(pause).isBetween(Duration.ofSeconds(75), Duration.ofSeconds(125)))
                .doesNotHaveDuplicates();
    }

    @Test
    void oneScanPerPassServesAllActions() throws Exception {
        vanished(5);
        claimElsewhere(KEY.in("refund"), "in", OnUnknown.HOLD);
        claimElsewhere(KEY.in("another-action"), "in", OnUnknown.HOLD);
        other.advance(Duration.ofSeconds(31));
        PaidAction<String, String> refund = PaidAction.<String, String>named("refund")
                .run((input, attempt) -> "never")
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .recovery(Recovery.probe(attempt -> ProbeResult.notHappened()))
                .build();
        List<ReconcileReport> progress = new CopyOnWriteArrayList<>();
        try (Reconciler reconciler = reconciler()
                .action(probing(attempt -> ProbeResult.happened("found")))
                .action(refund)
                .onProgress(report -> {
                    progress.add(report);
                    throw new IllegalStateException("listener fails");
                })
                .start()) {
            assertThat(reconciler.runOnce()).isEqualTo(new ReconcileReport(6, 5, 1, 0, 0, 0, 0, true));
        }
        assertThat(store.hooks().calls(Operation.SCAN_UNFINISHED)).isEqualTo(3);
        assertThat(progress).hasSize(3);
        assertThat(progress.subList(0, 2)).noneMatch(ReconcileReport::complete);
        assertThat(progress.get(2)).isEqualTo(new ReconcileReport(6, 5, 1, 0, 0, 0, 0, true));
        assertThat(store.stored(KEY.in("another-action")).state()).isEqualTo(RecordState.IN_PROGRESS);
    }

    @Test
    @Rule(5)
    void probesBackOffByTheStoresClockAndTheirNumber() {
        vanished();
        try (Reconciler reconciler = reconciler()
                .action(unknowing())
                .backoff(Duration.ofMinutes(1), Duration.ofMinutes(5))
                .start()) {
            List<Integer> minutesOfProbes = new ArrayList<>();
            for (int minute = 0; minute <= 17; minute++) {
                ReconcileReport report = reconciler.runOnce();
                if (report.deferred() == 0) {
                    minutesOfProbes.add(minute);
                    assertThat(report).isEqualTo(new ReconcileReport(1, 0, 0, 1, 0, 0, 0, true));
                } else {
                    assertThat(report).isEqualTo(new ReconcileReport(1, 0, 0, 0, 0, 1, 0, true));
                }
                store.advance(MINUTE);
            }
            assertThat(minutesOfProbes).containsExactly(0, 1, 3, 7, 12, 17);
        }
        assertThat(probes).hasValue(6);
    }

    @Test
    @Rule(5)
    void aKeyWhoseProberDiedIsPutInDoubtBeforeItsNextProbeIsDue() {
        vanished();
        try (Reconciler reconciler = reconciler()
                .action(unknowing())
                .backoff(Duration.ofHours(1), Duration.ofHours(1))
                .start()) {
            assertThat(reconciler.runOnce().inDoubt()).isEqualTo(1);
            claimElsewhere(id, "in", OnUnknown.PROBE);
            other.advance(Duration.ofSeconds(31));
            assertThat(reconciler.runOnce()).isEqualTo(new ReconcileReport(1, 0, 0, 1, 0, 0, 0, true));
            assertThat(stored().state()).isEqualTo(RecordState.IN_DOUBT);
            assertThat(probes).as("within the backoff").hasValue(1);
            assertThat(reconciler.runOnce().deferred()).isEqualTo(1);
            store.advance(Duration.ofHours(1));
            assertThat(reconciler.runOnce().inDoubt()).isEqualTo(1);
        }
        assertThat(probes).hasValue(2);
    }

    @Test
    @Rule(5)
    void probesOfAnotherReconcilerCountAndThoseOfCallersDoNot() {
        vanished();
        PaidAction<String, String> action = unknowing();
        gates.gate(other).execute(action, KEY, "in");
        try (Reconciler here = reconciler().action(action).start();
                Reconciler there = Reconciler.on(gates.gate(other))
                        .action(action)
                        .pause(new Steps())
                        .start()) {
            assertThat(here.runOnce().inDoubt())
                    .as("records that the probe of a caller deferred")
                    .isEqualTo(1);
            assertThat(there.runOnce().deferred()).isEqualTo(1);
            gate.reconcile(action);
            assertThat(probes).as("probes after a pass on demand").hasValue(3);
            store.advance(MINUTE);
            assertThat(there.runOnce().deferred())
                    .as("records deferred after two probes")
                    .isEqualTo(1);
            store.advance(MINUTE);
            assertThat(there.runOnce().inDoubt()).isEqualTo(1);
        }
    }

    @Test
    @Rule(5)
    void aKeyWhoseProbesFindNothingOutIsQuarantinedAndLeftToAPerson() {
        vanished();
        PaidAction<String, String> action = unknowing();
        try (Reconciler reconciler = reconciler()
                .action(action)
                .maxProbes(3)
                .backoff(Duration.ZERO, Duration.ZERO)
                .start()) {
            assertThat(reconciler.runOnce().inDoubt()).isEqualTo(1);
            assertThat(reconciler.runOnce().inDoubt()).isEqualTo(1);
            assertThat(reconciler.runOnce()).isEqualTo(new ReconcileReport(1, 0, 0, 0, 1, 0, 0, true));
            assertThat(quarantined)
                    .singleElement()
                    .satisfies(message -> assertThat(message)
                            .contains("probed 3 times without an answer", "leaves this to a person"));
            assertThat(stored().failure().code()).isEqualTo("toolgate:quarantined");
            long version = stored().version();
            assertThat(reconciler.runOnce()).isEqualTo(new ReconcileReport(1, 0, 0, 0, 1, 0, 0, true));
            assertThat(gate.reconcile(action)).isEqualTo(new ReconcileReport(1, 0, 0, 0, 1, 0, 0, true));
            assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
            assertThat(stored().version())
                    .as("the version of the quarantined record")
                    .isEqualTo(version);
            assertThat(probes).hasValue(3);
            gate.resolve(action, KEY, stored().fence(), Resolution.completed("looked up"), "ann", "seen");
            assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("looked up");
            assertThat(reconciler.runOnce()).isEqualTo(NOTHING);
        }
    }

    @Test
    @Rule(5)
    void aPassOnDemandQuarantinesNothing() {
        vanished();
        for (int i = 0; i < 30; i++) {
            assertThat(gate.reconcile(unknowing()).inDoubt()).isEqualTo(1);
        }
        assertThat(quarantined).isEmpty();
        assertThat(probes).hasValue(30);
    }

    @Test
    void olderThanLeavesYoungDoubtsAlone() {
        vanished();
        try (Reconciler reconciler =
                reconciler().action(unknowing()).olderThan(MINUTE).start()) {
            assertThat(reconciler.runOnce()).isEqualTo(NOTHING);
            store.advance(MINUTE);
            assertThat(reconciler.runOnce().inDoubt()).isEqualTo(1);
        }
    }

    @Test
    void probesRunConcurrentlyUpToTheirLimit() throws Exception {
        vanished(12);
        CyclicBarrier three = new CyclicBarrier(3);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        PaidAction<String, String> action = probing(attempt -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            three.await(30, TimeUnit.SECONDS);
            now.decrementAndGet();
            return ProbeResult.happened("found");
        });
        try (Reconciler reconciler =
                reconciler().action(action).parallelProbes(3).start()) {
            assertThat(reconciler.runOnce()).isEqualTo(new ReconcileReport(12, 12, 0, 0, 0, 0, 0, true));
        }
        assertThat(most).hasValue(3);
    }

    @Test
    @Rule(5)
    void closeInterruptsTheProbeAndLeavesItsDoubtUnchanged() throws Exception {
        vanished(5);
        CountDownLatch probing = new CountDownLatch(2);
        CountDownLatch interrupted = new CountDownLatch(2);
        PaidAction<String, String> action = probing(attempt -> {
            probing.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            return ProbeResult.unknown();
        });
        Reconciler reconciler = reconciler().action(action).parallelProbes(2).start();
        steps.pause();
        steps.endPause();
        Gates.await(probing);
        reconciler.close();
        Gates.await(interrupted);
        assertThat(reconciler.lastReport()).contains(new ReconcileReport(2, 0, 0, 2, 0, 0, 0, false));
        assertThat(store.dump())
                .filteredOn(record -> record.state() == RecordState.IN_DOUBT)
                .hasSize(2)
                .allSatisfy(record -> {
                    assertThat(Objects.requireNonNull(record.failure()).code()).isEqualTo("owner-vanished");
                    assertThat(store.history(record.id(), 0).checkpoints())
                            .as("probes counted")
                            .isEmpty();
                });
        assertThat(store.dump()).filteredOn(record -> record.fence() == 1).hasSize(3);
        reconciler.close();
        assertThatThrownBy(reconciler::runOnce).isInstanceOf(ToolGateException.Closed.class);
    }

    @Test
    void aProbeThatIgnoresItsInterruptBlocksNeitherThePassNorClose() throws Exception {
        vanished(2);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch probing = new CountDownLatch(2);
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> {
                    probing.countDown();
                    ReconcileTest.awaitDeafly(never);
                    return ProbeResult.unknown();
                }))
                .probeTimeout(Duration.ofMillis(10))
                .build();
        try (Reconciler reconciler = reconciler().action(action).start()) {
            assertThat(reconciler.runOnce()).isEqualTo(new ReconcileReport(2, 0, 0, 2, 0, 0, 0, true));
        }
        Gates.await(probing);
        never.countDown();
    }

    /** An action whose probes return when {@code end} opens, long after they have been given up. */
    private PaidAction<String, String> hanging(CountDownLatch end) {
        return Gates.counting(runs)
                .recovery(Recovery.probe(attempt -> {
                    ReconcileTest.awaitDeafly(end);
                    return ProbeResult.unknown();
                }))
                .probeTimeout(Duration.ofMillis(1))
                .build();
    }

    private long takenOver() {
        return store.dump().stream().filter(record -> record.fence() > 1).count();
    }

    @Test
    void probesThatNeverReturnAreBounded() {
        vanished(140);
        CountDownLatch never = new CountDownLatch(1);
        try (Reconciler reconciler = reconciler().action(hanging(never)).start()) {
            assertThat(reconciler.runOnce().inDoubt()).isEqualTo(140);
            assertThat(takenOver()).as("records that were probed").isEqualTo(128);
            assertThat(reconciler.runOnce().deferred()).isEqualTo(140);
        } finally {
            never.countDown();
        }
    }

    @Test
    void aProbeThatIsAboutToStartCountsTowardsTheBound() throws Exception {
        PaidAction<String, String> refund = PaidAction.<String, String>named("refund")
                .run((input, attempt) -> "refunded")
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .recovery(Recovery.probe(attempt -> ProbeResult.unknown()))
                .build();
        claimElsewhere(KEY.in(refund.name()), "in", OnUnknown.HOLD);
        vanished(140);
        CountDownLatch never = new CountDownLatch(1);
        Breakpoint claiming = new Breakpoint();
        store.hooks().beforeClaim(request -> {
            if (request.id().action().equals(refund.name())) {
                claiming.stop();
            }
        });
        try (Reconciler refunds = reconciler().action(refund).start();
                Reconciler charges = reconciler().action(hanging(never)).start()) {
            Future<ReconcileReport> refunding = gates.start(refunds::runOnce);
            claiming.awaitReached();
            assertThat(charges.runOnce().inDoubt()).isEqualTo(140);
            assertThat(takenOver()).as("charges that were probed").isEqualTo(127);
            claiming.resume();
            assertThat(Gates.get(refunding).inDoubt()).isEqualTo(1);
            assertThat(charges.runOnce().deferred())
                    .as("once the slot of the refund's probe is free, one record less")
                    .isEqualTo(139);
        } finally {
            never.countDown();
        }
    }

    @Test
    void aClosedGateStopsItsReconcilersAndRefusesNewOnes() throws Exception {
        vanished();
        CountDownLatch probing = new CountDownLatch(1);
        PaidAction<String, String> action = probing(attempt -> {
            probing.countDown();
            new CountDownLatch(1).await();
            return ProbeResult.unknown();
        });
        ToolGate closing = ToolGate.on(store).build();
        try (Reconciler reconciler =
                Reconciler.on(closing).action(action).pause(steps).start()) {
            steps.pause();
            steps.endPause();
            Gates.await(probing);
            // With a drain time of 30 s this returns at once only if the probe is not waited for.
            closing.close();
            assertThat(stored().state()).isEqualTo(RecordState.IN_DOUBT);
            assertThatThrownBy(reconciler::runOnce).isInstanceOf(ToolGateException.Closed.class);
        }
        assertThatThrownBy(() -> Reconciler.on(closing).action(action).start())
                .isInstanceOf(ToolGateException.Closed.class);
        assertThatThrownBy(() -> closing.reconcile(action)).isInstanceOf(ToolGateException.Closed.class);
    }

    @Test
    void aPassThatFailsIsFollowedByTheNext() throws Exception {
        vanished();
        try (Reconciler reconciler = reconciler()
                .action(probing(attempt -> ProbeResult.happened("found")))
                .start()) {
            steps.pause();
            store.hooks().failNext(Operation.SCAN_UNFINISHED, 1, () -> new IllegalStateException("broken store"));
            steps.endPause();
            steps.pause();
            assertThat(reconciler.lastReport()).contains(new ReconcileReport(0, 0, 0, 0, 0, 0, 0, false));
            steps.endPause();
            steps.pause();
            assertThat(reconciler.lastReport()).contains(new ReconcileReport(1, 1, 0, 0, 0, 0, 0, true));
        }
    }

    @Test
    void itMayBeClosedFromItsOwnThreads() throws Exception {
        vanished(7);
        AtomicReference<Reconciler> itself = new AtomicReference<>();
        CountDownLatch closed = new CountDownLatch(1);
        Reconciler reconciler = reconciler()
                .action(probing(attempt -> ProbeResult.happened("found")))
                .onProgress(report -> {
                    itself.get().close();
                    closed.countDown();
                })
                .start();
        itself.set(reconciler);
        steps.pause();
        steps.endPause();
        Gates.await(closed);
        reconciler.close();
        assertThat(reconciler.lastReport()).contains(new ReconcileReport(3, 3, 0, 0, 0, 0, 0, false));
    }

    @Test
    void closeWaitsForCallsToTheStore() throws Exception {
        vanished();
        Breakpoint storing = new Breakpoint();
        store.hooks().beforeComplete(lease -> storing.stop());
        Reconciler reconciler = reconciler()
                .action(probing(attempt -> ProbeResult.happened("found")))
                .start();
        steps.pause();
        steps.endPause();
        storing.awaitReached();
        AtomicReference<Thread> closer = new AtomicReference<>();
        Future<RecordState> closing = gates.start(() -> {
            closer.set(Thread.currentThread());
            reconciler.close();
            return stored().state();
        });
        Awaitility.await()
                .until(() -> closing.isDone()
                        || (closer.get() != null && closer.get().getState() == Thread.State.TIMED_WAITING));
        storing.resume();
        assertThat(Gates.get(closing)).isEqualTo(RecordState.COMPLETED);
    }

    @Test
    void invalidSettingsAreRefused() {
        Reconciler.Builder builder = Reconciler.on(gate).action(unknowing());
        assertThatThrownBy(() -> Reconciler.on(gate).start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no action");
        assertThatThrownBy(() -> builder.action(unknowing()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("charge-card");
        assertThatThrownBy(() -> builder.every(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.olderThan(Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.backoff(Duration.ofMinutes(2), MINUTE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT1M", "PT2M");
        assertThatThrownBy(() -> builder.maxProbes(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.parallelProbes(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.parallelProbes(65)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Reconciler.on(null)).isInstanceOf(NullPointerException.class);
    }
}
