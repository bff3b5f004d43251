package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.TransitionOutcome.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** The inputs that claims carry: stored with the claim, once a life. */
abstract class InputRules extends Rules {
    private List<Checkpoint> checkpoints(RecordId id) {
        return other().history(id, 0).checkpoints();
    }

    private Lease own(RecordId id, String input) {
        return acquired(store().claim(claimOf(id).remembering(text(input)).request()))
                .lease();
    }

    private void remembers(RecordId id, String input) {
        assertThat(checkpoints(id))
                .filteredOn(checkpoint -> checkpoint.name().equals(Checkpoint.INPUT))
                .extracting(Checkpoint::value)
                .containsExactly(text(input));
    }

    @Test
    @Rule(19)
    void aClaimStoresItsInputAndMakesNoVersionOfIt() {
        RecordId id = freshId();
        Lease lease = own(id, "the order");
        IdempotencyRecord record = stored(id);
        assertThat(record.version()).isEqualTo(1);
        assertThat(checkpoints(id))
                .containsExactly(new Checkpoint(Checkpoint.INPUT, text("the order"), 1, 1, record.updatedAt()));
        Applied sent = applied(store().checkpoint(lease, "sent", text("1")));
        assertThat(sent.version()).isEqualTo(2);
        applied(store().complete(lease, text("receipt")));
        assertThat(checkpoints(id)).extracting(Checkpoint::name).containsExactly(Checkpoint.INPUT, "sent");
        remembers(id, "the order");
    }

    @Test
    @Rule(19)
    void everyKindOfInputIsKept() {
        RecordId none = freshId();
        own(none);
        assertThat(checkpoints(none)).isEmpty();
        for (Payload input : List.of(
                Payload.ofNull("text/1"),
                Payload.of("a/1", new byte[0]),
                Payload.of("x".repeat(255), new byte[70_000]))) {
            RecordId id = freshId();
            acquired(store().claim(claimOf(id).remembering(input).request()));
            assertThat(checkpoints(id)).extracting(Checkpoint::value).containsExactly(input);
        }
    }

    @Test
    @Rule(19)
    void theFirstInputOfALifeIsKeptThroughTakeovers() {
        RecordId id = freshId();
        var unused = own(id, "first");
        advance(LEASE);
        acquired(store().claim(claimOf(id).taking().remembering(text("second")).request()));
        remembers(id, "first");
        advance(LEASE);
        acquired(store().claim(claimOf(id).probing().request()));
        remembers(id, "first");
    }

    @Test
    @Rule(19)
    void aTakeoverStoresTheInputThatNoClaimBeforeItCarried() {
        RecordId id = freshId();
        own(id);
        advance(LEASE);
        Lease second = acquired(store().claim(
                                claimOf(id).taking().remembering(text("second")).request()))
                .lease();
        assertThat(checkpoints(id))
                .containsExactly(new Checkpoint(
                        Checkpoint.INPUT,
                        text("second"),
                        second.fence(),
                        2,
                        stored(id).updatedAt()));
    }

    @Test
    @Rule(19)
    void theNextLifeHasItsOwnInput() {
        RecordId id = freshId();
        applied(store().complete(own(id, "first"), text("receipt")));
        resolved(store().resolve(decision(id, new Verdict.Retire())));
        assertThat(checkpoints(id)).isEmpty();
        var unused = own(id, "second");
        remembers(id, "second");
        RecordId bare = freshId();
        applied(store().complete(own(bare, "first"), text("receipt")));
        resolved(store().resolve(decision(bare, new Verdict.Retire())));
        own(bare);
        assertThat(checkpoints(bare)).isEmpty();
    }

    @Test
    @Rule(19)
    void aClaimThatIsNotAcquiredOrIsRepeatedStoresNone() {
        RecordId id = freshId();
        ClaimRequest request = claimOf(id).request();
        Lease lease = acquired(store().claim(request)).lease();
        ClaimRequest refused = claimOf(id).remembering(text("refused")).request();
        changesNothing(id, () -> busy(store().claim(refused)));
        changesNothing(id, () -> acquired(store().claim(request)));
        applied(store().fail(lease, TIMED_OUT));
        changesNothing(id, () -> inDoubt(store().claim(refused)));
        applied(store().complete(lease, text("late")));
        changesNothing(id, () -> finished(store().claim(refused)));
        changesNothing(
                id,
                () -> mismatched(store().claim(claimOf(id)
                        .forInput("other")
                        .remembering(text("other"))
                        .request())));
        assertThat(checkpoints(id)).isEmpty();
    }

    @Test
    @Rule(19)
    void theRecordHasTheInputOfTheClaimThatWonARace() throws Exception {
        try (Race race = new Race(4)) {
            for (int round = 0; round < 20; round++) {
                RecordId id = freshId();
                List<Callable<ClaimOutcome>> claims = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    ClaimRequest request =
                            claimOf(id).remembering(text("input " + i)).request();
                    claims.add(i % 2 == 0 ? () -> store().claim(request) : () -> other().claim(request));
                }
                List<ClaimOutcome> outcomes = race.run(claims);
                List<String> winners = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    if (outcomes.get(i) instanceof ClaimOutcome.Acquired) {
                        winners.add("input " + i);
                    }
                }
                assertThat(winners).hasSize(1);
                remembers(id, winners.get(0));
            }
        }
    }
}
