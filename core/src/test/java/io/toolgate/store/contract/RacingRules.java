package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimOutcome.InDoubt;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Races of many callers over two stores that share a database: one wins. */
abstract class RacingRules extends Rules {
    private static final int RUNNERS = 8;
    private static final int ROUNDS = 20;

    private Race race;
    private IdempotencyStore[] stores;

    @BeforeEach
    void openRace() {
        race = new Race(RUNNERS);
        stores = new IdempotencyStore[] {store(), other()};
    }

    @AfterEach
    void closeRace() {
        race.close();
    }

    private IdempotencyStore store(int runner) {
        return stores[runner % stores.length];
    }

    /** The outcomes of many claims of {@code id} at once. */
    private List<ClaimOutcome> claimAll(RecordId id, UnaryOperator<TestClaim> how) throws Exception {
        List<Callable<ClaimOutcome>> runners = new ArrayList<>();
        for (int i = 0; i < RUNNERS; i++) {
            int runner = i;
            runners.add(() -> store(runner).claim(how.apply(claimOf(id)).request()));
        }
        return race.run(runners);
    }

    private void oneOwner(RecordId id, long fence, List<ClaimOutcome> outcomes) {
        List<ClaimOutcome> owners =
                outcomes.stream().filter(Acquired.class::isInstance).toList();
        assertThat(owners).as("owners among %s", outcomes).hasSize(1);
        assertThat(outcomes.stream().filter(Busy.class::isInstance))
                .as("refusals among %s", outcomes)
                .hasSize(RUNNERS - 1);
        assertThat(acquired(owners.get(0)).lease().fence()).isEqualTo(fence);
        assertThat(stored(id).lease()).isEqualTo(acquired(owners.get(0)).lease());
    }

    @Test
    @Rule(1)
    void manyClaimersOfAFreshKeyHaveOneOwner() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RecordId id = freshId();
            oneOwner(id, 1, claimAll(id, claim -> claim));
        }
    }

    @Test
    @Rule(1)
    void manyTakersOfAnEndedLeaseHaveOneOwner() throws Exception {
        List<RecordId> ids = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            ids.add(own(freshId()).id());
        }
        expireLease();
        for (RecordId id : ids) {
            oneOwner(id, 2, claimAll(id, TestClaim::taking));
        }
    }

    @Test
    @Rule(1)
    void manyTakersOfADoubtHaveOneOwner() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RecordId id = failed(freshId(), TIMED_OUT).id();
            oneOwner(id, 2, claimAll(id, TestClaim::taking));
        }
    }

    @Test
    @Rule(10)
    void manyClaimersOfAReleasedKeyHaveOneOwner() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RecordId id = failed(freshId(), NOT_SENT).id();
            oneOwner(id, 2, claimAll(id, claim -> claim));
        }
    }

    @Test
    @Rule(1)
    void manyClaimersOfAForgottenKeyHaveOneOwner() throws Exception {
        List<RecordId> ids = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            ids.add(completed(freshId(), text("long ago")).id());
        }
        passRetention();
        for (RecordId id : ids) {
            oneOwner(id, 2, claimAll(id, claim -> claim));
        }
    }

    @Test
    @Rule(5)
    void manyHoldingClaimsPutAnEndedLeaseInDoubtOnce() throws Exception {
        List<RecordId> ids = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            ids.add(own(freshId()).id());
        }
        expireLease();
        for (RecordId id : ids) {
            List<ClaimOutcome> outcomes = claimAll(id, claim -> claim);
            assertThat(outcomes)
                    .allSatisfy(
                            outcome -> assertThat(inDoubt(outcome).version()).isEqualTo(2));
            assertThat(stored(id).version()).isEqualTo(2);
        }
    }

    /** Races two calls and hands both answers to the check. */
    private <A, B> void duel(Callable<A> one, Callable<B> two, BiConsumer<A, B> check) throws Exception {
        List<Object> answers = race.<Object>run(List.of(one, two));
        @SuppressWarnings("unchecked")
        A first = (A) answers.get(0);
        @SuppressWarnings("unchecked")
        B second = (B) answers.get(1);
        check.accept(first, second);
    }

    @Test
    @Rule(4)
    void aCompletionAndATakeoverHaveOneWinner() throws Exception {
        List<Lease> leases = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            leases.add(own(freshId()));
        }
        expireLease();
        for (Lease lease : leases) {
            duel(
                    () -> store().complete(lease, text("late")),
                    () -> other().claim(claimOf(lease.id()).taking().request()),
                    (completion, claim) -> completionOrClaim(lease, completion, claim));
        }
    }

    @Test
    @Rule(6)
    void aLateCompletionAndAClaimOfTheDoubtHaveOneWinner() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease lease = failed(freshId(), TIMED_OUT);
            duel(
                    () -> store().complete(lease, text("late")),
                    () -> other().claim(claimOf(lease.id()).taking().request()),
                    (completion, claim) -> completionOrClaim(lease, completion, claim));
        }
    }

    private void completionOrClaim(Lease lease, TransitionOutcome completion, ClaimOutcome claim) {
        if (completion instanceof Applied) {
            assertThat(finished(claim).result()).isEqualTo(text("late"));
            assertThat(stored(lease.id()).state()).isEqualTo(RecordState.COMPLETED);
        } else {
            leaseLost(completion);
            assertThat(acquired(claim).previous().effectUnknown()).isTrue();
            assertThat(stored(lease.id()).lease()).isEqualTo(acquired(claim).lease());
        }
    }

    @Test
    @Rule(6)
    void aCompletionIsNeverRefusedBecauseOfAHoldingClaim() throws Exception {
        List<Lease> leases = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            leases.add(own(freshId()));
        }
        expireLease();
        for (Lease lease : leases) {
            duel(
                    () -> store().complete(lease, text("late")),
                    () -> other().claim(claimOf(lease.id()).request()),
                    (completion, claim) -> {
                        applied(completion);
                        assertThat(claim).isInstanceOfAny(Finished.class, InDoubt.class);
                        assertThat(stored(lease.id()).result()).isEqualTo(text("late"));
                    });
        }
    }

    @Test
    @Rule(4)
    void aHeartbeatAndATakeoverHaveOneWinner() throws Exception {
        List<Lease> leases = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            leases.add(own(freshId()));
        }
        expireLease();
        for (Lease lease : leases) {
            duel(
                    () -> store().heartbeat(List.of(lease), LEASE),
                    () -> other().claim(claimOf(lease.id()).taking().request()),
                    (Set<Lease> owned, ClaimOutcome claim) -> {
                        assertThat(claim instanceof Acquired)
                                .as("the takeover won, and the heartbeat says %s", owned)
                                .isEqualTo(owned.isEmpty());
                        assertThat(stored(lease.id()).token().equals(lease.token()))
                                .isEqualTo(owned.contains(lease));
                    });
        }
    }

    @Test
    @Rule(2)
    void manyDifferentResultsOfOneLeaseHaveOneWinner() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease lease = own(freshId());
            List<Callable<TransitionOutcome>> runners = new ArrayList<>();
            for (int i = 0; i < RUNNERS; i++) {
                int runner = i;
                runners.add(() -> store(runner).complete(lease, text("result " + runner)));
            }
            List<TransitionOutcome> outcomes = race.run(runners);
            List<Integer> winners = new ArrayList<>();
            for (int i = 0; i < RUNNERS; i++) {
                if (outcomes.get(i) instanceof Applied) {
                    winners.add(i);
                }
            }
            assertThat(winners).as("winners of %s", outcomes).hasSize(1);
            IdempotencyRecord record = stored(lease.id());
            assertThat(record.result()).isEqualTo(text("result " + winners.get(0)));
            assertThat(record.version()).isEqualTo(2);
            assertThat(outcomes.stream().filter(LeaseLost.class::isInstance)).hasSize(RUNNERS - 1);
        }
    }

    @Test
    @Rule(14)
    void manyRepetitionsOfOneCompletionAreOneTransition() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease lease = own(freshId());
            List<Callable<TransitionOutcome>> runners = new ArrayList<>();
            for (int i = 0; i < RUNNERS; i++) {
                int runner = i;
                runners.add(() -> store(runner).complete(lease, text("receipt")));
            }
            List<TransitionOutcome> outcomes = race.run(runners);
            assertThat(outcomes.stream().filter(Applied.class::isInstance)).hasSize(1);
            assertThat(outcomes.stream().filter(AlreadyApplied.class::isInstance))
                    .hasSize(RUNNERS - 1);
            assertThat(stored(lease.id()).version()).isEqualTo(2);
        }
    }

    @Test
    @Rule(14)
    void manyRepetitionsOfOneClaimAreOneClaim() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RecordId id = freshId();
            TestClaim same = claimOf(id);
            List<ClaimOutcome> outcomes = claimAll(id, claim -> same);
            assertThat(outcomes)
                    .allSatisfy(outcome -> assertThat(acquired(outcome))
                            .isEqualTo(new Acquired(stored(id).lease(), 1, null)));
        }
    }

    @Test
    @Rule(13)
    void aPurgeNeverDeletesWhatAClaimJustTook() throws Exception {
        List<RecordId> ids = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            ids.add(completed(freshId(), text("long ago")).id());
        }
        passRetention();
        for (RecordId id : ids) {
            duel(
                    () -> store().purge(1),
                    () -> other().claim(claimOf(id).request()),
                    (deleted, claim) -> assertThat(stored(id).lease())
                            .isEqualTo(acquired(claim).lease()));
        }
    }

    @Test
    @Rule(1)
    void manyKeysAtOnceEachHaveOneOwnerAndOneResult() throws Exception {
        List<RecordId> ids = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ids.add(freshId());
        }
        AtomicInteger runs = new AtomicInteger();
        List<Callable<Integer>> runners = new ArrayList<>();
        for (int i = 0; i < RUNNERS; i++) {
            int runner = i;
            List<RecordId> order = new ArrayList<>(ids);
            Collections.shuffle(order, new Random(runner));
            runners.add(() -> {
                for (RecordId id : order) {
                    if (store(runner).claim(claimOf(id).request()) instanceof Acquired acquired) {
                        applied(store(runner).complete(acquired.lease(), text("run " + runs.incrementAndGet())));
                    }
                }
                return runner;
            });
        }
        assertThat(race.run(runners)).hasSize(RUNNERS);
        assertThat(runs).hasValue(ids.size());
        assertThat(store().peekAll(ids).values())
                .hasSize(ids.size())
                .allSatisfy(record -> assertThat(record.version()).isEqualTo(2))
                .extracting(IdempotencyRecord::result)
                .doesNotHaveDuplicates();
    }

    /** The observations of each thread, one of which only reads, are checked after the test: nothing decreases. */
    @Test
    @Rule(4)
    void fenceAndVersionOnlyGrowUnderManyWriters() throws Exception {
        RecordId id = freshId();
        AtomicInteger attempts = new AtomicInteger();
        List<Callable<Long>> runners = new ArrayList<>();
        for (int i = 0; i < RUNNERS; i++) {
            int runner = i;
            runners.add(() -> {
                long last = 0;
                for (int step = 0; step < ROUNDS; step++) {
                    if (runner % 3 != 0 && store(runner).claim(claimOf(id).request()) instanceof Acquired acquired) {
                        attempts.incrementAndGet();
                        applied(store(runner).fail(acquired.lease(), NOT_SENT));
                    }
                    last = store(runner)
                            .peek(id)
                            .map(IdempotencyRecord::version)
                            .orElse(last);
                }
                return last;
            });
        }
        assertThat(race.run(runners)).hasSize(RUNNERS);
        assertThat(stored(id).fence()).isEqualTo(attempts.get());
        assertThat(stored(id).version()).isEqualTo(2L * attempts.get());
    }
}
