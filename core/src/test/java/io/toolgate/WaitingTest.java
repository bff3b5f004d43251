package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ForwardingStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.RunEffect;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers that wait for a run in another process, for which a second store on the same database stands in. */
class WaitingTest extends GateFixture {
    private final ToolGate gate = gates.gate(store);
    private final ToolGate elsewhere = gates.gate(other);

    /** A run in the other process, which goes on until {@link #end}. */
    private final class Elsewhere {
        private final Breakpoint running = new Breakpoint();
        private final AtomicReference<Exception> failure = new AtomicReference<>();
        private final Future<Outcome<String>> call;

        Elsewhere() {
            PaidAction<String, String> action = Gates.action((input, attempt) -> {
                        running.stop();
                        if (failure.get() != null) {
                            throw failure.get();
                        }
                        return "receipt from elsewhere";
                    })
                    .classify(GateFixture::refusedIsNotExecuted)
                    .build();
            call = gates.start(() -> elsewhere.execute(action, KEY, "in"));
            running.awaitReached();
        }

        Outcome<String> end(Exception thrown) throws Exception {
            failure.set(thrown);
            running.resume();
            return Gates.get(call);
        }
    }

    private void awaitWaiting() {
        int polls = store.hooks().calls(Operation.PEEK_ALL);
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> store.hooks().calls(Operation.PEEK_ALL) > polls + 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(2)
    void aDuplicateWaitsAndReceivesTheResult(boolean hints) throws Exception {
        store.pushHints(hints);
        other.pushHints(hints);
        Elsewhere remote = new Elsewhere();
        PaidAction<String, String> action = Gates.counting(runs).build();
        Future<Outcome<String>> waiting = gates.start(() -> gate.execute(action, KEY, "in"));
        CompletableFuture<Outcome<String>> deferred = gate.executeAsync(action, KEY, "in");
        awaitWaiting();
        assertThat(remote.end(null).isCompleted()).isTrue();
        Outcome<String> expected = new Outcome.Completed<>("receipt from elsewhere", Origin.REPLAYED);
        assertThat(Gates.get(waiting)).isEqualTo(expected);
        assertThat(Gates.get(deferred)).isEqualTo(expected);
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(8)
    void aWaitEndsByItsDeadlineWithAHintWhenToRetry() throws Exception {
        Elsewhere remote = new Elsewhere();
        ToolGate impatient = gates.gate(ToolGate.on(store).waitForInProgress(Duration.ofMillis(50)));
        PaidAction<String, String> action = Gates.counting(runs).build();
        Outcome<String> outcome = Gates.get(gates.start(() -> impatient.execute(action, KEY, "in")));
        assertThat(outcome).isEqualTo(new Outcome.InProgress<>(Duration.ofSeconds(1)));
        assertThatThrownBy(outcome::valueOrThrow)
                .isInstanceOf(ToolGateException.InProgress.class)
                .hasMessageContaining("this call did nothing")
                .hasMessageContaining("in 1 s");
        assertThat(Gates.get(impatient.executeAsync(action, KEY, "in"))).isEqualTo(outcome);
        assertThat(remote.end(null).isCompleted()).isTrue();
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(8)
    void aWaitEndsByItsDeadlineDuringAnOutageOfTheStore() throws Exception {
        Elsewhere remote = new Elsewhere();
        ToolGate impatient = gates.gate(ToolGate.on(store).waitForInProgress(Duration.ofMillis(200)));
        store.hooks().failNext(Operation.PEEK_ALL, Integer.MAX_VALUE);
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThat(Gates.get(impatient.executeAsync(action, KEY, "in"))).isInstanceOf(Outcome.InProgress.class);
        assertThat(remote.end(null).isCompleted()).isTrue();
    }

    @Test
    @Rule(8)
    void tenThousandWaitersHoldNoThreadAndShareOneReadPerPoll() throws Exception {
        Elsewhere remote = new Elsewhere();
        PaidAction<String, String> action = Gates.counting(runs).build();
        int before = Thread.activeCount();
        List<CompletableFuture<Outcome<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            waiting.add(gate.executeAsync(action, KEY, "in"));
        }
        awaitWaiting();
        assertThat(Thread.activeCount() - before).isLessThan(20);
        assertThat(store.hooks().calls(Operation.CLAIM)).isLessThan(10);
        AtomicInteger mostIds = mostPolledTogether();
        awaitWaiting();
        assertThat(mostIds).hasValue(1);
        assertThat(remote.end(null).isCompleted()).isTrue();
        for (CompletableFuture<Outcome<String>> each : waiting) {
            assertThat(Gates.get(each).valueOrThrow()).isEqualTo("receipt from elsewhere");
        }
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(8)
    void allKeysWithWaitersAreReadTogether() throws Exception {
        List<CountDownLatch> running = new ArrayList<>();
        CountDownLatch goOn = new CountDownLatch(1);
        PaidAction<String, String> slow = Gates.action((input, attempt) -> {
                    running.get(Integer.parseInt(attempt.key())).countDown();
                    Gates.await(goOn);
                    return "receipt " + attempt.key();
                })
                .build();
        for (int i = 0; i < 20; i++) {
            running.add(new CountDownLatch(1));
            IdempotencyKey key = IdempotencyKey.of(String.valueOf(i));
            var unused = elsewhere.executeAsync(slow, key, "in");
        }
        running.forEach(Gates::await);
        AtomicInteger mostIds = mostPolledTogether();
        List<CompletableFuture<Outcome<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(gate.executeAsync(Gates.counting(runs).build(), IdempotencyKey.of(String.valueOf(i)), "in"));
        }
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> mostIds.get() == 20);
        goOn.countDown();
        for (int i = 0; i < 20; i++) {
            assertThat(Gates.get(waiting.get(i)).valueOrThrow()).isEqualTo("receipt " + i);
        }
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(8)
    void waitersAndWatchesAreAnnouncedToTheStore() throws Exception {
        Elsewhere remote = new Elsewhere();
        BlockingQueue<Set<RecordId>> announced = new LinkedBlockingQueue<>();
        ToolGate announcing = gates.gate(new ForwardingStore(store) {
            @Override
            public Subscription subscribe(Consumer<RecordId> ended) {
                Subscription subscription = super.subscribe(ended);
                return new Subscription() {
                    @Override
                    public void announce(Collection<RecordId> ids) {
                        announced.add(Set.copyOf(ids));
                    }

                    @Override
                    public void close() {
                        subscription.close();
                    }
                };
            }
        });
        CompletableFuture<Outcome<String>> waiting =
                announcing.executeAsync(Gates.counting(runs).build(), KEY, "in");
        awaitAnnounced(announced, id);
        IdempotencyKey watched = IdempotencyKey.of("tenant", "watched");
        try (Watch watch = announcing.watch(Gates.counting(runs).build(), watched, progress -> {})) {
            awaitAnnounced(announced, watched.in("charge-card"));
        }
        assertThat(remote.end(null).isCompleted()).isTrue();
        assertThat(Gates.get(waiting).valueOrThrow()).isEqualTo("receipt from elsewhere");
    }

    private static void awaitAnnounced(BlockingQueue<Set<RecordId>> announced, RecordId id) throws Exception {
        Set<RecordId> ids = announced.poll(20, TimeUnit.SECONDS);
        // Twice, if it joined while the subscription was being made.
        while (ids != null && !ids.contains(id)) {
            ids = announced.poll(20, TimeUnit.SECONDS);
        }
        assertThat(ids).containsExactly(id);
    }

    @Test
    @Rule(10)
    void oneOfTenWaitersTakesOverWhenTheRunIsReleased() throws Exception {
        Elsewhere remote = new Elsewhere();
        PaidAction<String, String> action = Gates.counting(runs).build();
        List<Future<Outcome<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            waiting.add(
                    i % 2 == 0
                            ? gate.executeAsync(action, KEY, "in")
                            : gates.start(() -> gate.execute(action, KEY, "in")));
        }
        awaitWaiting();
        assertThat(remote.end(new java.net.ConnectException("refused"))).isInstanceOf(Outcome.Retryable.class);
        store.advance(ClaimMachine.pauseAfter(1));
        for (Future<Outcome<String>> each : waiting) {
            assertThat(Gates.get(each).valueOrThrow()).isEqualTo("receipt-1");
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(10)
    void aWaiterTakesOverWhenTheOwnerDiesWithinItsWait() throws Exception {
        Elsewhere dies = new Elsewhere();
        PaidAction<String, String> action =
                Gates.counting(runs).recovery(Recovery.rerun()).build();
        CompletableFuture<Outcome<String>> waiting = gate.executeAsync(action, KEY, "in");
        awaitWaiting();
        store.advance(Duration.ofSeconds(31));
        assertThat(Gates.get(waiting)).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
        assertThat(store.stored(id).fence()).isEqualTo(2);
        assertThat(dies.end(null))
                .isInstanceOfSatisfying(
                        Outcome.LeaseLost.class,
                        lost -> assertThat(lost.current())
                                .isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED)));
    }

    @Test
    @Rule(5)
    void aWaiterWhoseActionHoldsDoesNotTakeOver() throws Exception {
        Elsewhere dies = new Elsewhere();
        PaidAction<String, String> action = Gates.counting(runs).build();
        CompletableFuture<Outcome<String>> waiting = gate.executeAsync(action, KEY, "in");
        awaitWaiting();
        store.advance(Duration.ofSeconds(31));
        assertThat(Gates.get(waiting))
                .isInstanceOfSatisfying(
                        Outcome.InDoubt.class,
                        doubt -> assertThat(doubt.failure().code()).isEqualTo("owner-vanished"));
        assertThat(runs).hasValue(0);
        assertThat(dies.end(null)).as("the late result").isInstanceOf(Outcome.Completed.class);
    }

    @Test
    void aWaitForARunThatEndsInDoubtEndsInDoubt() throws Exception {
        Elsewhere remote = new Elsewhere();
        CompletableFuture<Outcome<String>> waiting =
                gate.executeAsync(Gates.counting(runs).build(), KEY, "in");
        awaitWaiting();
        assertThat(remote.end(new java.net.SocketTimeoutException("timed out"))).isInstanceOf(Outcome.InDoubt.class);
        assertThat(Gates.get(waiting)).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(0);
    }

    @Test
    void aWaitForARecordThatIsDeletedEndsUnavailableAndDoesNotRun() throws Exception {
        Elsewhere remote = new Elsewhere();
        CompletableFuture<Outcome<String>> waiting =
                gate.executeAsync(Gates.counting(runs).build(), KEY, "in");
        awaitWaiting();
        gates.database.remove(id);
        assertThat(Gates.get(waiting))
                .isInstanceOfSatisfying(
                        Outcome.Unavailable.class,
                        gone -> assertThat(gone.reason().code()).isEqualTo(Failure.Codes.RECORD_GONE));
        assertThat(runs).hasValue(0);
        assertThat(remote.end(null)).isInstanceOf(Outcome.LeaseLost.class);
    }

    @Test
    @Rule(9)
    void aKeyThatWasClaimedForAnotherInputMeanwhileIsAConflict() throws Exception {
        Elsewhere remote = new Elsewhere();
        CompletableFuture<Outcome<String>> waiting =
                gate.executeAsync(Gates.counting(runs).build(), KEY, "in");
        awaitWaiting();
        // A purge and a fresh claim between two polls.
        Breakpoint reading = new Breakpoint();
        store.hooks().before(Operation.PEEK_ALL, ids -> reading.stop());
        reading.awaitReached();
        gates.database.remove(id);
        assertThat(gates.gate(gates.store())
                        .execute(Gates.counting(new AtomicInteger()).build(), KEY, "other")
                        .isCompleted())
                .isTrue();
        reading.resume();
        assertThat(Gates.get(waiting)).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(remote.end(null)).isInstanceOf(Outcome.LeaseLost.class);
    }

    @Test
    void aPollThatBeganBeforeAWaiterJoinedDoesNotCompleteIt() throws Exception {
        Elsewhere remote = new Elsewhere();
        PaidAction<String, String> action = Gates.counting(runs).build();
        CompletableFuture<Outcome<String>> early = gate.executeAsync(action, KEY, "in");
        awaitWaiting();
        // A poll reads that the record is gone; before it completes the waiter, the key is claimed and a second caller
        // joins.
        Breakpoint read = new Breakpoint();
        AtomicBoolean once = new AtomicBoolean();
        var record = store.stored(id);
        store.hooks().after(Operation.PEEK, (peeked, found) -> {
            if (((java.util.Optional<?>) found).isEmpty() && once.compareAndSet(false, true)) {
                read.stop();
            }
        });
        gates.database.remove(id);
        read.awaitReached();
        gates.database.put(record);
        CompletableFuture<Outcome<String>> late = gate.executeAsync(action, KEY, "in");
        read.resume();
        assertThat(Gates.get(early)).isInstanceOf(Outcome.Unavailable.class);
        assertThat(remote.end(null).isCompleted()).isTrue();
        assertThat(Gates.get(late).valueOrThrow()).isEqualTo("receipt from elsewhere");
    }

    @Test
    void anInterruptedWaitKeepsTheInterruptAndReportsNoResult() throws Exception {
        Elsewhere remote = new Elsewhere();
        AtomicReference<Thread> thread = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Future<Outcome<String>> waiting = gates.start(() -> {
            thread.set(Thread.currentThread());
            try {
                return gate.execute(Gates.counting(runs).build(), KEY, "in");
            } finally {
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        awaitWaiting();
        thread.get().interrupt();
        assertThatThrownBy(() -> Gates.get(waiting))
                .hasCauseInstanceOf(ToolGateException.WaitInterrupted.class)
                .hasMessageContaining("waited for another run of this key")
                .hasMessageContaining("stops no run, which may take effect");
        assertThat(flag).isTrue();
        assertThat(remote.end(null).isCompleted()).isTrue();
    }

    @Test
    void anInterruptInThePauseAfterARefusedRunIsToldAsSuch() {
        assertThat(other.fail(claimElsewhere(KEY), Failure.notExecuted("down", ""), RunEffect.NONE))
                .isInstanceOf(TransitionOutcome.Applied.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> gate.execute(Gates.counting(runs).build(), KEY, "in"))
                .isInstanceOf(ToolGateException.WaitInterrupted.class)
                .hasMessageContaining("for the end of the pause after one");
        assertThat(Thread.interrupted()).as("the flag").isTrue();
        assertThat(runs).hasValue(0);
    }

    @Test
    void aWaiterOverTheLimitIsRefusedByType() throws Exception {
        Elsewhere remote = new Elsewhere();
        PaidAction<String, String> action = Gates.counting(runs).build();
        ToolGate small = gates.gate(
                ToolGate.on(store).waitForInProgress(Gates.LONG).maxWaiters(3).maxWaitersPerKey(2));
        List<CompletableFuture<Outcome<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            waiting.add(small.executeAsync(action, KEY, "in"));
            // Once one call waits for the record, the next joins it at once, and not the claim of the first.
            awaitWaiting();
        }
        assertThatThrownBy(() -> Gates.get(small.executeAsync(action, KEY, "in")))
                .hasCauseInstanceOf(ToolGateException.TooManyWaiters.class)
                .hasMessageContaining("2 calls wait already for this key");
        assertThatThrownBy(() -> small.execute(action, KEY, "in"))
                .isInstanceOf(ToolGateException.TooManyWaiters.class)
                .hasMessageContaining("this call did nothing");
        assertThat(remote.end(null).isCompleted()).isTrue();
        for (CompletableFuture<Outcome<String>> each : waiting) {
            assertThat(Gates.get(each).isCompleted()).isTrue();
        }
        assertThat(Gates.get(small.executeAsync(action, KEY, "in")).isCompleted())
                .as("a call after all places were freed")
                .isTrue();
    }

    @Test
    void aCancelledCallFreesItsPlace() throws Exception {
        Elsewhere remote = new Elsewhere();
        PaidAction<String, String> action = Gates.counting(runs).build();
        ToolGate small =
                gates.gate(ToolGate.on(store).waitForInProgress(Gates.LONG).maxWaiters(1));
        CompletableFuture<Outcome<String>> first = small.executeAsync(action, KEY, "in");
        awaitWaiting();
        assertThat(first.cancel(false)).isTrue();
        AtomicReference<CompletableFuture<Outcome<String>>> second = new AtomicReference<>();
        // The place is freed a moment after the call was cancelled.
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> {
            int polls = store.hooks().calls(Operation.PEEK_ALL);
            second.set(small.executeAsync(action, KEY, "in"));
            // Without a place there is no waiter, and no poll.
            Awaitility.await()
                    .until(() -> second.get().isDone() || store.hooks().calls(Operation.PEEK_ALL) > polls + 1);
            return !second.get().isDone();
        });
        assertThat(remote.end(null).isCompleted()).isTrue();
        assertThat(Gates.get(second.get()).isCompleted()).isTrue();
    }

    @Test
    @Rule(2)
    void aRunThatEndsBeforeItsDuplicateWaitsIsStillSeen() throws Exception {
        Elsewhere remote = new Elsewhere();
        store.pushHints(false);
        other.pushHints(false);
        // The run ends after the claim said busy and before the caller has joined.
        store.hooks().afterClaim((request, answer) -> {
            try {
                assertThat(remote.end(null).isCompleted()).isTrue();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        assertThat(gate.execute(Gates.counting(runs).build(), KEY, "in").valueOrThrow())
                .isEqualTo("receipt from elsewhere");
        assertThat(store.stored(id).state()).isEqualTo(RecordState.COMPLETED);
        assertThat(runs).hasValue(0);
    }
}
