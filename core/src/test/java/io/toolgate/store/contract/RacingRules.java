package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimOutcome.InDoubt;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Races of many callers over two stores that share a database: one wins. */
abstract class RacingRules extends RaceRules {
    RacingRules() {
        super(8);
    }

    /** The outcomes of many claims of {@code id} at once. */
    private List<ClaimOutcome> claimAll(RecordId id, UnaryOperator<TestClaim> how) throws Exception {
        return raceAll((runner, store) -> store.claim(how.apply(claimOf(id)).request()));
    }

    /** A finished record for each round, all of them past their retention. */
    private List<RecordId> forgottenIds() {
        List<RecordId> ids = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            ids.add(completed(freshId(), text("long ago")).id());
        }
        passRetention();
        return ids;
    }

    private void oneOwner(RecordId id, long fence, List<ClaimOutcome> outcomes) {
        List<ClaimOutcome> owners =
                outcomes.stream().filter(Acquired.class::isInstance).toList();
        assertThat(owners).as("owners among %s", outcomes).hasSize(1);
        assertThat(outcomes.stream().filter(Busy.class::isInstance))
                .as("refusals among %s", outcomes)
                .hasSize(runners - 1);
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
        for (Lease lease : expiredLeases()) {
            oneOwner(lease.id(), 2, claimAll(lease.id(), TestClaim::taking));
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
            passPause(stored(id));
            oneOwner(id, 2, claimAll(id, claim -> claim));
        }
    }

    @Test
    @Rule(1)
    void manyClaimersOfAForgottenKeyHaveOneOwner() throws Exception {
        for (RecordId id : forgottenIds()) {
            oneOwner(id, 2, claimAll(id, claim -> claim));
        }
    }

    @Test
    @Rule(5)
    void manyHoldingClaimsPutAnEndedLeaseInDoubtOnce() throws Exception {
        for (Lease lease : expiredLeases()) {
            RecordId id = lease.id();
            List<ClaimOutcome> outcomes = claimAll(id, claim -> claim);
            assertThat(outcomes)
                    .allSatisfy(
                            outcome -> assertThat(inDoubt(outcome).version()).isEqualTo(2));
            assertThat(stored(id).version()).isEqualTo(2);
        }
    }

    @Test
    @Rule(4)
    void aCompletionAndATakeoverHaveOneWinner() throws Exception {
        for (Lease lease : expiredLeases()) {
            completeOrTakeOver(lease);
        }
    }

    @Test
    @Rule(6)
    void aLateCompletionAndAClaimOfTheDoubtHaveOneWinner() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            completeOrTakeOver(failed(freshId(), TIMED_OUT));
        }
    }

    /** Races a late completion of {@code lease} with a claim that takes over. */
    private void completeOrTakeOver(Lease lease) throws Exception {
        duel(
                () -> store().complete(lease, text("late")),
                () -> other().claim(claimOf(lease.id()).taking().request()),
                (TransitionOutcome completion, ClaimOutcome claim) -> {
                    if (completion instanceof Applied) {
                        assertThat(finished(claim).result()).isEqualTo(text("late"));
                        assertThat(stored(lease.id()).state()).isEqualTo(RecordState.COMPLETED);
                    } else {
                        leaseLost(completion);
                        assertThat(acquired(claim).previous().effectUnknown()).isTrue();
                        assertThat(stored(lease.id()).lease())
                                .isEqualTo(acquired(claim).lease());
                    }
                });
    }

    @Test
    @Rule(6)
    void aCompletionIsNeverRefusedBecauseOfAHoldingClaim() throws Exception {
        for (Lease lease : expiredLeases()) {
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
        for (Lease lease : expiredLeases()) {
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
            List<TransitionOutcome> outcomes =
                    raceAll((runner, store) -> store.complete(lease, text("result " + runner)));
            int winner = winner(outcomes, Applied.class);
            IdempotencyRecord record = stored(lease.id());
            assertThat(record.result()).isEqualTo(text("result " + winner));
            assertThat(record.version()).isEqualTo(2);
            assertThat(outcomes.stream().filter(LeaseLost.class::isInstance)).hasSize(runners - 1);
        }
    }

    @Test
    @Rule(14)
    void manyRepetitionsOfOneCompletionAreOneTransition() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease lease = own(freshId());
            oneTransition(raceAll((runner, store) -> store.complete(lease, text("receipt"))));
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
                            .isEqualTo(new Acquired(stored(id).lease(), 1, RecordNumbers.FIRST, null)));
        }
    }

    @Test
    @Rule(13)
    void aPurgeNeverDeletesWhatAClaimJustTook() throws Exception {
        for (RecordId id : forgottenIds()) {
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
        List<Integer> ended = raceAll((runner, store) -> {
            List<RecordId> order = new ArrayList<>(ids);
            Collections.shuffle(order, new Random(runner));
            for (RecordId id : order) {
                if (store.claim(claimOf(id).request()) instanceof Acquired acquired) {
                    applied(store.complete(acquired.lease(), text("run " + runs.incrementAndGet())));
                }
            }
            return runner;
        });
        assertThat(ended).hasSize(runners);
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
        List<Long> versions = raceAll((runner, store) -> {
            long last = 0;
            for (int step = 0; step < ROUNDS; step++) {
                if (runner % 3 != 0 && store.claim(claimOf(id).request()) instanceof Acquired acquired) {
                    attempts.incrementAndGet();
                    applied(store.fail(acquired.lease(), NOT_SENT));
                }
                last = store.peek(id).map(IdempotencyRecord::version).orElse(last);
            }
            return last;
        });
        assertThat(versions).hasSize(runners);
        assertThat(stored(id).fence()).isEqualTo(attempts.get());
        assertThat(stored(id).version()).isEqualTo(2L * attempts.get());
    }
}
