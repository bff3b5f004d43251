package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory.Entry;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
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
import io.toolgate.store.TransitionOutcome.Applied;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Races of decisions and checkpoints with each other, late results and claims, over two stores: one wins. */
abstract class DecidingRaces extends RaceRules {
    private static final int CHECKPOINTS_EACH = 5;
    private static final Verdict HAPPENED = new Verdict.Completed(text("decided"));

    DecidingRaces() {
        super(6);
    }

    private List<Entry> entries(RecordId id) {
        return store().history(id, 100).entries();
    }

    private List<ResolveOutcome> resolveAll(List<ResolveRequest> requests) throws Exception {
        return raceAll((runner, store) -> store.resolve(requests.get(runner)));
    }

    private void oneDecides(RecordId id, List<Verdict> verdicts) throws Exception {
        IdempotencyRecord seen = stored(id);
        List<ResolveRequest> requests = new ArrayList<>();
        for (int i = 0; i < runners; i++) {
            requests.add(decision(seen, verdicts.get(i % verdicts.size())));
        }
        List<ResolveOutcome> outcomes = resolveAll(requests);
        int first = winner(outcomes, Resolved.class);
        for (int i = 0; i < runners; i++) {
            if (i != first) {
                refused(outcomes.get(i), RefusalReason.MOVED);
            }
        }
        ResolveRequest winner = requests.get(first);
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
    @Rule(4)
    void ofManyOperatorsWhoSupplyAResultOrRetireTheKeyOneDecides() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RecordId id = completed(freshId(), Payload.unavailable(DECLINED)).id();
            oneDecides(id, List.of(HAPPENED, new Verdict.Completed(text("another")), new Verdict.Retire()));
        }
    }

    @Test
    @Rule(14)
    void manyRepetitionsOfOneDecisionAreOneTransition() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RecordId id = failed(freshId(), TIMED_OUT).id();
            ResolveRequest request = decision(id, HAPPENED);
            List<ResolveOutcome> outcomes = resolveAll(Collections.nCopies(runners, request));
            assertThat(outcomes.stream().filter(Resolved.class::isInstance)).hasSize(1);
            assertThat(outcomes.stream().filter(AlreadyResolved.class::isInstance))
                    .hasSize(runners - 1);
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
        for (Lease lease : expiredLeases()) {
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
                        boolean written = checkpoint instanceof Applied;
                        assertThat(decision instanceof Refused)
                                .as("the checkpoint was answered %s, and the decision %s", checkpoint, decision)
                                .isEqualTo(written);
                        assertThat(store().history(lease.id(), 1).checkpoints()).hasSize(written ? 1 : 0);
                        assertThat(entries(lease.id())).hasSize(written ? 0 : 1);
                        assertThat(stored(lease.id()).version()).isEqualTo(3);
                    });
        }
    }

    @Test
    @Rule(4)
    void aCheckpointAndATakeoverHaveOneOrder() throws Exception {
        for (Lease lease : expiredLeases()) {
            duel(
                    () -> store().checkpoint(lease, "sent", text("1")),
                    () -> other().claim(claimOf(lease.id()).taking().request()),
                    (TransitionOutcome checkpoint, ClaimOutcome claim) -> {
                        boolean written = checkpoint instanceof Applied;
                        assertThat(acquired(claim).version()).isEqualTo(written ? 3 : 2);
                        assertThat(stored(lease.id()).version()).isEqualTo(written ? 3 : 2);
                        assertThat(other().history(lease.id(), 1).checkpoints()).hasSize(written ? 1 : 0);
                    });
        }
    }

    @Test
    @Rule(4)
    void manyWritersAtOnceLoseNoCheckpointAndNoVersion() throws Exception {
        Lease lease = own(freshId());
        List<List<Long>> versionsOfEach = raceAll((writer, store) -> {
            List<Long> versions = new ArrayList<>();
            for (int checkpoint = 0; checkpoint < CHECKPOINTS_EACH; checkpoint++) {
                String name = "checkpoint " + checkpoint + " of " + writer;
                versions.add(applied(store.checkpoint(lease, name, text(name))).version());
            }
            return versions;
        });
        List<Long> versions = versionsOfEach.stream().flatMap(List::stream).toList();
        int all = runners * CHECKPOINTS_EACH;
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
        oneTransition(raceAll((runner, store) -> store.checkpoint(lease, "sent", text("1"))));
        assertThat(stored(lease.id()).version()).isEqualTo(2);
        assertThat(store().history(lease.id(), 1).checkpoints()).hasSize(1);
    }
}
