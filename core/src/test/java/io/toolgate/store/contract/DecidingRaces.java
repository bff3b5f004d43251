package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory.Entry;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveOutcome.AlreadyResolved;
import io.toolgate.store.ResolveOutcome.RefusalReason;
import io.toolgate.store.ResolveOutcome.Refused;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Races of decisions and checkpoints with each other, late results and claims, over two stores: one wins. */
abstract class DecidingRaces extends Rules {
    private static final int RUNNERS = 6;
    private static final int ROUNDS = 20;
    private static final int MARKS_EACH = 5;
    private static final Verdict HAPPENED = new Verdict.Completed(text("decided"));

    private Race race;

    @BeforeEach
    void openRace() {
        race = new Race(RUNNERS);
    }

    @AfterEach
    void closeRace() {
        race.close();
    }

    private interface Check<A, B> {
        void accept(A one, B two);
    }

    private <A, B> void duel(Callable<A> one, Callable<B> two, Check<A, B> check) throws Exception {
        List<Object> answers = race.<Object>run(List.of(one, two));
        @SuppressWarnings("unchecked")
        A first = (A) answers.get(0);
        @SuppressWarnings("unchecked")
        B second = (B) answers.get(1);
        check.accept(first, second);
    }

    private List<Entry> entries(RecordId id) {
        return store().history(id, 100).entries();
    }

    private List<ResolveOutcome> resolveAll(List<ResolveRequest> requests) throws Exception {
        List<Callable<ResolveOutcome>> runners = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            var store = i % 2 == 0 ? store() : other();
            ResolveRequest request = requests.get(i);
            runners.add(() -> store.resolve(request));
        }
        return race.run(runners);
    }

    private void oneDecides(RecordId id, List<Verdict> verdicts) throws Exception {
        IdempotencyRecord seen = stored(id);
        List<ResolveRequest> requests = new ArrayList<>();
        for (int i = 0; i < RUNNERS; i++) {
            requests.add(decision(seen, verdicts.get(i % verdicts.size())));
        }
        List<ResolveOutcome> outcomes = resolveAll(requests);
        List<Integer> winners = new ArrayList<>();
        for (int i = 0; i < RUNNERS; i++) {
            if (outcomes.get(i) instanceof Resolved) {
                winners.add(i);
            } else {
                refused(outcomes.get(i), RefusalReason.MOVED);
            }
        }
        assertThat(winners).as("winners of %s", outcomes).hasSize(1);
        ResolveRequest winner = requests.get(winners.get(0));
        assertThat(stored(id).token()).isEqualTo(winner.token());
        assertThat(stored(id).state()).isEqualTo(winner.target());
        assertThat(stored(id).version()).isEqualTo(seen.version() + 1);
        assertThat(entries(id)).hasSize(1);
    }

    @Test
    @Rule(4)
    void ofManyOperatorsWhoResolveADoubtOneDecides() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RecordId id = failed(freshId(), TIMED_OUT).id();
            oneDecides(id, List.of(HAPPENED, new Verdict.Rejected(DECLINED), new Verdict.Retry()));
        }
    }

    @Test
    @Rule(4)
    void ofManyOperatorsWhoRetireAKeyOneDecides() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RecordId id = completed(freshId(), text("receipt")).id();
            oneDecides(id, List.of(new Verdict.Retire()));
        }
    }

    @Test
    @Rule(14)
    void manyRepetitionsOfOneDecisionAreOneTransition() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RecordId id = failed(freshId(), TIMED_OUT).id();
            ResolveRequest request = decision(id, HAPPENED);
            List<ResolveOutcome> outcomes = resolveAll(Collections.nCopies(RUNNERS, request));
            assertThat(outcomes.stream().filter(Resolved.class::isInstance)).hasSize(1);
            assertThat(outcomes.stream().filter(AlreadyResolved.class::isInstance))
                    .hasSize(RUNNERS - 1);
            assertThat(stored(id).version()).isEqualTo(3);
            assertThat(entries(id)).hasSize(1);
        }
    }

    @Test
    @Rule(6)
    void aDecisionAndALateResultHaveOneWinner() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease lease = failed(freshId(), TIMED_OUT);
            ResolveRequest request = decision(lease.id(), HAPPENED);
            duel(
                    () -> store().complete(lease, text("late")),
                    () -> other().resolve(request),
                    (TransitionOutcome completion, ResolveOutcome decision) -> {
                        boolean late = completion instanceof Applied;
                        assertThat(decision instanceof Refused)
                                .as("the late result was answered %s, and the decision %s", completion, decision)
                                .isEqualTo(late);
                        assertThat(stored(lease.id()).result()).isEqualTo(text(late ? "late" : "decided"));
                        assertThat(stored(lease.id()).version()).isEqualTo(3);
                        assertThat(entries(lease.id())).hasSize(late ? 0 : 1);
                    });
        }
    }

    @Test
    @Rule(4)
    void aDecisionAndATakeoverHaveOneWinner() throws Exception {
        List<Lease> leases = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            leases.add(own(freshId()));
        }
        expireLease();
        for (Lease lease : leases) {
            ResolveRequest request = decision(lease.id(), HAPPENED);
            duel(
                    () -> store().claim(claimOf(lease.id()).taking().request()),
                    () -> other().resolve(request),
                    (ClaimOutcome claim, ResolveOutcome decision) -> {
                        boolean taken = claim instanceof Acquired;
                        assertThat(decision instanceof Refused)
                                .as("the claim was answered %s, and the decision %s", claim, decision)
                                .isEqualTo(taken);
                        assertThat(claim).isInstanceOfAny(Acquired.class, Finished.class);
                        assertThat(stored(lease.id()).state())
                                .isEqualTo(taken ? RecordState.IN_PROGRESS : RecordState.COMPLETED);
                        assertThat(entries(lease.id())).hasSize(taken ? 0 : 1);
                    });
        }
    }

    @Test
    @Rule(2)
    void aClaimThatMeetsARetirementReplaysOrBeginsAnew() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RecordId id = completed(freshId(), text("receipt")).id();
            ResolveRequest request = decision(id, new Verdict.Retire());
            duel(
                    () -> store().claim(claimOf(id).request()),
                    () -> other().resolve(request),
                    (ClaimOutcome claim, ResolveOutcome decision) -> {
                        resolved(decision);
                        if (claim instanceof Acquired acquired) {
                            assertThat(acquired.lease().fence()).isEqualTo(2);
                            assertThat(stored(id).lease()).isEqualTo(acquired.lease());
                        } else {
                            assertThat(finished(claim).result()).isEqualTo(text("receipt"));
                        }
                        assertThat(entries(id)).hasSize(1);
                    });
        }
    }

    @Test
    @Rule(4)
    void aCheckpointAndADecisionHaveOneWinner() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease lease = failed(freshId(), TIMED_OUT);
            ResolveRequest request = decision(lease.id(), HAPPENED);
            duel(
                    () -> store().checkpoint(lease, "answered", text("yes")),
                    () -> other().resolve(request),
                    (TransitionOutcome checkpoint, ResolveOutcome decision) -> {
                        boolean marked = checkpoint instanceof Applied;
                        assertThat(decision instanceof Refused)
                                .as("the checkpoint was answered %s, and the decision %s", checkpoint, decision)
                                .isEqualTo(marked);
                        assertThat(store().history(lease.id(), 1).checkpoints()).hasSize(marked ? 1 : 0);
                        assertThat(entries(lease.id())).hasSize(marked ? 0 : 1);
                        assertThat(stored(lease.id()).version()).isEqualTo(3);
                    });
        }
    }

    @Test
    @Rule(4)
    void aCheckpointAndATakeoverHaveOneOrder() throws Exception {
        List<Lease> leases = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            leases.add(own(freshId()));
        }
        expireLease();
        for (Lease lease : leases) {
            duel(
                    () -> store().checkpoint(lease, "sent", text("1")),
                    () -> other().claim(claimOf(lease.id()).taking().request()),
                    (TransitionOutcome checkpoint, ClaimOutcome claim) -> {
                        boolean marked = checkpoint instanceof Applied;
                        assertThat(acquired(claim).version()).isEqualTo(marked ? 3 : 2);
                        assertThat(stored(lease.id()).version()).isEqualTo(marked ? 3 : 2);
                        assertThat(other().history(lease.id(), 1).checkpoints()).hasSize(marked ? 1 : 0);
                    });
        }
    }

    @Test
    @Rule(4)
    void manyWritersAtOnceLoseNoCheckpointAndNoVersion() throws Exception {
        Lease lease = own(freshId());
        List<Callable<List<Long>>> writers = new ArrayList<>();
        for (int i = 0; i < RUNNERS; i++) {
            int writer = i;
            writers.add(() -> {
                var store = writer % 2 == 0 ? store() : other();
                List<Long> versions = new ArrayList<>();
                for (int checkpoint = 0; checkpoint < MARKS_EACH; checkpoint++) {
                    String name = "checkpoint " + checkpoint + " of " + writer;
                    versions.add(
                            applied(store.checkpoint(lease, name, text(name))).version());
                }
                return versions;
            });
        }
        List<Long> versions = race.run(writers).stream().flatMap(List::stream).toList();
        int all = RUNNERS * MARKS_EACH;
        assertThat(versions)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(2, all + 1L).boxed().toList());
        assertThat(stored(lease.id()).version()).isEqualTo(all + 1L);
        List<Checkpoint> checkpoints = store().history(lease.id(), 1).checkpoints();
        assertThat(checkpoints)
                .hasSize(all)
                .allSatisfy(checkpoint -> assertThat(checkpoint.value()).isEqualTo(text(checkpoint.name())));
        assertThat(checkpoints).extracting(Checkpoint::version).isSorted().doesNotHaveDuplicates();
    }

    @Test
    @Rule(14)
    void manyRepetitionsOfOneCheckpointAreOneVersion() throws Exception {
        Lease lease = own(freshId());
        List<Callable<TransitionOutcome>> writers = new ArrayList<>();
        for (int i = 0; i < RUNNERS; i++) {
            var store = i % 2 == 0 ? store() : other();
            writers.add(() -> store.checkpoint(lease, "sent", text("1")));
        }
        List<TransitionOutcome> outcomes = race.run(writers);
        assertThat(outcomes.stream().filter(Applied.class::isInstance)).hasSize(1);
        assertThat(outcomes.stream().filter(AlreadyApplied.class::isInstance)).hasSize(RUNNERS - 1);
        assertThat(stored(lease.id()).version()).isEqualTo(2);
        assertThat(store().history(lease.id(), 1).checkpoints()).hasSize(1);
    }
}
