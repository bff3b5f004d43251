package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.RecordState;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A reconciler runs again what is declared safe to run again, with the input that the record remembers. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class ReconcileRerunTest extends RememberingFixture {
    @Test
    @Rule({5, 19})
    void aReconcilerRunsAgainWhatAVanishedOwnerLeft() {
        vanished();
        assertThat(elsewhere.reconcile(rerunning().build())).isEqualTo(new ReconcileReport(1, 1, 0, 0, 0, 0, 0, true));
        assertThat(inputs).containsExactly("in");
        assertThat(gate.execute(rerunning().build(), KEY, "in"))
                .isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
    }

    @Test
    @Rule({5, 19})
    void aReconcilerRunsADoubtAgainAndOnlyOnceInAPass() {
        AtomicInteger failures = new AtomicInteger(3);
        PaidAction<String, String> action = remembering(Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    if (failures.getAndDecrement() > 0) {
                        throw new SocketTimeoutException("read timed out");
                    }
                    return "receipt";
                }))
                .recovery(Recovery.rerun())
                .build();
        // A call tries its own recovery once.
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(2);
        assertThat(elsewhere.reconcile(action).inDoubt()).isEqualTo(1);
        assertThat(runs).hasValue(3);
        assertThat(elsewhere.reconcile(action).recovered()).isEqualTo(1);
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("receipt");
    }

    @Test
    @Rule({5, 15})
    void aReconcilerHoldsWhatHasUsedUpItsAttempts() {
        vanished();
        PaidAction<String, String> action = rerunning().maxAttempts(1).build();
        assertThat(gate.reconcile(action).inDoubt()).isEqualTo(1);
        assertThat(gate.reconcile(action).inDoubt()).isEqualTo(1);
        assertThat(runs).hasValue(0);
        assertThat(stored().state()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(stored().fence()).isEqualTo(1);
    }

    @Test
    @Rule(5)
    void aReconcilerRunsNothingThatIsNotDeclaredSafeOrWhoseInputIsNotKnown() {
        vanished();
        PaidAction<String, String> holding = remembering(Gates.counting(runs)).build();
        assertThat(gate.reconcile(holding).inDoubt()).isEqualTo(1);
        PaidAction<String, String> forgetting =
                Gates.counting(runs).recovery(Recovery.rerun()).build();
        assertThat(gate.reconcile(forgetting).inDoubt()).isEqualTo(1);
        // The probe's caller is gone: its key is released for the next one.
        PaidAction<String, String> probing =
                remembering(probing(ProbeResult.notHappened())).build();
        assertThat(gate.reconcile(probing).released()).isEqualTo(1);
        IdempotencyKey bare = IdempotencyKey.of("claimed without its input");
        claimElsewhere(bare);
        other.advance(PAST_THE_LEASE);
        assertThat(gate.reconcile(rerunning().build()).inDoubt()).isEqualTo(1);
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule({5, 16})
    void aReconcilerWaitsForTheBackoffAndThePauseBetweenRuns() throws Exception {
        CountDownLatch twice = new CountDownLatch(2);
        vanished();
        PaidAction<String, String> refused = remembering(Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    throw new ConnectException("refused");
                }))
                .recovery(Recovery.rerun())
                .classify(GateFixture::refusedIsNotExecuted)
                .build();
        assertThat(gate.reconcile(refused).inDoubt()).isEqualTo(1);
        assertThat(gate.reconcile(refused).deferred()).isEqualTo(1);
        store.advance(Duration.ofMillis(100));
        assertThat(gate.reconcile(refused).inDoubt()).isEqualTo(1);
        assertThat(runs).hasValue(2);
        store.advance(Duration.ofSeconds(1));
        PaidAction<String, String> unknown =
                remembering(timingOut()).recovery(Recovery.rerun()).build();
        assertThat(gate.reconcile(unknown).inDoubt()).isEqualTo(1);
        try (Reconciler reconciler = Reconciler.on(gate)
                .action(unknown)
                .every(Duration.ofMillis(5))
                .backoff(Duration.ofMinutes(1), Duration.ofMinutes(1))
                .onProgress(report -> twice.countDown())
                .start()) {
            Gates.await(twice);
        }
        assertThat(runs).as("within its backoff nothing runs").hasValue(3);
    }

    @Test
    @Rule(5)
    void aRerunThatIsNotDueLeavesNoLeaseThatHasEnded() {
        vanished();
        claimElsewhere(id, "in", OnUnknown.RERUN);
        other.advance(PAST_THE_LEASE);
        try (Reconciler reconciler = Reconciler.on(gate)
                .action(rerunning().build())
                .every(Duration.ofDays(1))
                .backoff(Duration.ofHours(1), Duration.ofHours(1))
                .start()) {
            assertThat(reconciler.runOnce().inDoubt()).isEqualTo(1);
            assertThat(stored().state()).isEqualTo(RecordState.IN_DOUBT);
            assertThat(reconciler.runOnce().deferred()).isEqualTo(1);
            assertThat(runs).hasValue(0);
            store.advance(Duration.ofHours(1));
            assertThat(reconciler.runOnce().recovered()).isEqualTo(1);
        }
        assertThat(runs).hasValue(1);
    }

    /** Race: the reconciler is closed between the read of a record and its claim. */
    @Test
    @Rule(5)
    void aReconcilerThatIsClosedBeginsNoRunAnyMore() {
        vanished();
        try (Reconciler reconciler = Reconciler.on(gate)
                .action(rerunning().build())
                .every(Duration.ofDays(1))
                .start()) {
            store.hooks().before(Operation.HISTORY, read -> reconciler.close());
            assertThat(reconciler.runOnce().complete()).isFalse();
        }
        awaitNoRerun();
        assertThat(runs).hasValue(0);
        assertThat(store.hooks().calls(Operation.CLAIM)).isZero();
    }

    /** An action whose run stops at {@code running}, in a pass that did not wait for it. */
    private PaidAction<String, String> hangingInAPass(Breakpoint running) {
        PaidAction<String, String> hanging = remembering(Gates.stoppingAt(running, "late"))
                .recovery(Recovery.rerun())
                .lease(Duration.ofSeconds(1))
                .maxRunTime(Duration.ofSeconds(1))
                .build();
        assertThat(gate.reconcile(hanging).deferred()).isEqualTo(1);
        return hanging;
    }

    private static void awaitNoRerun() {
        Awaitility.await()
                .atMost(Gates.LONG)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("toolgate-rerun")));
    }

    @Test
    @Rule({12, 19})
    void theErrorOfARunThatIsNotWaitedForAnyMoreIsLogged() throws Exception {
        vanished();
        Breakpoint running = new Breakpoint();
        hangingInAPass(running);
        running.awaitReached();
        store.hooks().failNext(Operation.COMPLETE, Integer.MAX_VALUE);
        assertThat(TestLog.of(() -> {
                    running.resume();
                    Awaitility.await()
                            .atMost(Gates.LONG)
                            .until(() -> store.hooks().calls(Operation.COMPLETE) > 0);
                    awaitNoRerun();
                }))
                .contains("went on after its pass, ended with an exception", "ResultNotStored");
    }

    @Test
    @Rule({8, 19})
    void aRunThatHangsHoldsAPassNoLongerThanARunMayTake() throws Exception {
        vanished();
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> hanging = hangingInAPass(running);
        // It goes on in this process, and is not run beside itself.
        assertThat(gate.reconcile(hanging).recovered()).isZero();
        running.resume();
        Awaitility.await().atMost(Gates.LONG).until(() -> stored().state() == RecordState.COMPLETED);
        assertThat(gate.execute(hanging, KEY, "in").valueOrThrow()).isEqualTo("late");
    }

    @Test
    @Rule({1, 19})
    void manyReconcilersRunADoubtOnce() throws Exception {
        vanished();
        PaidAction<String, String> action = rerunning().build();
        gates.together(6, () -> gates.gate(gates.store()).reconcile(action));
        assertThat(runs).hasValue(1);
        assertThat(stored().numbers().attempt()).isEqualTo(2);
    }

    @Test
    @Rule({5, 19})
    void aRecordThatMovedBeforeItsClaimIsNotRunAgain() {
        vanished();
        PaidAction<String, String> action = rerunning().build();
        AtomicInteger claims = new AtomicInteger();
        store.hooks().beforeClaim(request -> {
            if (claims.getAndIncrement() == 0) {
                elsewhere.execute(action, KEY, "in");
                elsewhere.retire(action, KEY, "refunded");
            }
        });
        assertThat(gate.reconcile(action).recovered()).isZero();
        assertThat(runs).as("the run of the call, and none for the retired key").hasValue(1);
        assertThat(stored().state()).isEqualTo(RecordState.RETRYABLE);
    }
}
