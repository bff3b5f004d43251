package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimOutcome.Mismatched;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Retention: which records a purge keeps and deletes, and which ones {@code findUnfinished} returns. */
abstract class RetainingRules extends Rules {

    @Test
    @Rule(13)
    void purgeDeletesEndedRecordsPastTheirRetention() {
        RecordId done = freshId();
        RecordId refused = freshId();
        RecordId released = freshId();
        completed(done, text("receipt"));
        failed(refused, DECLINED);
        failed(released, NOT_SENT);
        assertThat(store().purge(100)).isZero();
        passRetention();
        RecordId young = freshId();
        completed(young, text("young"));
        assertThat(store().purge(100)).isEqualTo(3);
        assertThat(store().purge(100)).isZero();
        assertThat(fixture().dump()).extracting(IdempotencyRecord::id).containsExactly(young);
    }

    @Test
    @Rule(13)
    void purgeNeverDeletesALiveOrDoubtfulRecord() {
        Lease live = own(freshId());
        RecordId vanished = freshId();
        own(vanished);
        RecordId doubtful = freshId();
        failed(doubtful, TIMED_OUT);
        passRetention();
        assertThat(store().heartbeat(List.of(live), LEASE)).containsExactly(live);
        for (RecordId id : List.of(live.id(), vanished, doubtful)) {
            changesNothing(id, () -> assertThat(store().purge(100)).isZero());
        }
        applied(store().complete(live, text("a long run")));
    }

    @Test
    @Rule(13)
    void aRecordThatEndedLateIsKeptForAWholeRetentionFromItsEnd() {
        Lease longRun = own(freshId());
        RecordId doubtful = freshId();
        Lease missing = failed(doubtful, TIMED_OUT);
        passRetention();
        applied(store().complete(longRun, text("a long run")));
        applied(store().complete(missing, text("late result")));
        for (RecordId id : List.of(longRun.id(), doubtful)) {
            assertThat(store().claim(claimOf(id).request())).isInstanceOf(Finished.class);
            assertThat(store().claim(claimOf(id).forInput("input-2").request())).isInstanceOf(Mismatched.class);
        }
        assertThat(store().purge(100)).isZero();
        passRetention();
        assertThat(acquire(claimOf(doubtful)).lease().fence()).isEqualTo(2);
        assertThat(store().purge(100)).isEqualTo(1);
    }

    @Test
    @Rule(13)
    void purgeKeepsToItsLimit() {
        for (int i = 0; i < 7; i++) {
            completed(freshId(), text("receipt"));
        }
        passRetention();
        assertThat(store().purge(3)).isEqualTo(3);
        assertThat(fixture().dump()).hasSize(4);
        assertThat(other().purge(3)).isEqualTo(3);
        assertThat(store().purge(3)).isEqualTo(1);
        assertThat(fixture().dump()).isEmpty();
    }

    @Test
    @Rule(13)
    void unfinishedRecordsDoNotHideEndedOnesFromPurge() {
        for (int i = 0; i < 20; i++) {
            failed(freshId(), TIMED_OUT);
        }
        for (int i = 0; i < 5; i++) {
            completed(freshId(), text("receipt"));
        }
        passRetention();
        int deleted = 0;
        for (int i = 0; i < 5; i++) {
            deleted += store().purge(2);
        }
        assertThat(deleted).isEqualTo(5);
        assertThat(fixture().dump()).hasSize(20);
    }

    @Test
    @Rule(13)
    void aPurgedKeyStartsOver() {
        RecordId id = freshId();
        Lease first = completed(id, text("first"));
        passRetention();
        assertThat(store().purge(10)).isEqualTo(1);
        assertThat(store().peek(id)).isEmpty();
        assertThat(leaseLost(store().complete(first, text("first"))).current()).isEmpty();
        Acquired again = acquire(claimOf(id).forInput("input-2"));
        assertThat(again.lease().fence()).isEqualTo(1);
        assertThat(again.version()).isEqualTo(1);
        assertThat(again.previous()).isNull();
    }

    @Test
    @Rule(4)
    void theTokenTellsTheLivesOfAKeyApart() {
        RecordId id = freshId();
        Lease first = completed(id, text("first"));
        passRetention();
        assertThat(store().purge(10)).isEqualTo(1);
        Lease second = own(id);
        assertThat(second.fence()).as("the fence of the new record").isEqualTo(first.fence());
        changesNothing(id, () -> {
            leaseLost(store().complete(first, text("first")));
            leaseLost(store().fail(first, NOT_SENT));
            assertThat(store().heartbeat(List.of(first), LEASE)).isEmpty();
        });
        applied(store().complete(second, text("second")));
        changesNothing(id, () -> leaseLost(store().complete(first, text("second"))));
    }

    @Test
    @Rule(5)
    void findUnfinishedReturnsDoubtsAndVanishedOwners() {
        own(freshId());
        completed(freshId(), text("receipt"));
        failed(freshId(), DECLINED);
        failed(freshId(), NOT_SENT);
        RecordId doubtful = freshId();
        failed(doubtful, TIMED_OUT);
        assertThat(unfinished(Duration.ZERO, 10)).containsExactly(doubtful);
        RecordId vanished = freshId();
        acquire(claimOf(vanished).lease(Duration.ofSeconds(1)));
        advance(Duration.ofSeconds(2));
        List<IdempotencyRecord> found = other().findUnfinished(Duration.ZERO, 10);
        assertThat(found).extracting(IdempotencyRecord::id).containsExactly(doubtful, vanished);
        assertThat(found.get(0).failure()).isEqualTo(TIMED_OUT);
        assertThat(found.get(1).state()).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(found.get(1).isLive()).isFalse();
        assertThat(found.get(1).asOf(stored(vanished).readAt())).isEqualTo(stored(vanished));
    }

    @Test
    @Rule(5)
    void findUnfinishedIsByAgeOldestFirstAndLimited() {
        RecordId first = freshId();
        RecordId second = freshId();
        RecordId third = freshId();
        failed(first, TIMED_OUT);
        advance(Duration.ofMinutes(10));
        failed(second, TIMED_OUT);
        advance(Duration.ofMinutes(10));
        failed(third, TIMED_OUT);
        assertThat(unfinished(Duration.ZERO, 10)).containsExactly(first, second, third);
        assertThat(unfinished(Duration.ZERO, 2)).containsExactly(first, second);
        assertThat(unfinished(Duration.ofMinutes(5), 10)).containsExactly(first, second);
        assertThat(unfinished(Duration.ofMinutes(15), 10)).containsExactly(first);
        assertThat(unfinished(Duration.ofMinutes(30), 10)).isEmpty();
    }

    @Test
    @Rule(5)
    void aVanishedOwnersAgeCountsFromTheEndOfItsLease() {
        RecordId id = freshId();
        acquire(claimOf(id).lease(Duration.ofMinutes(30)));
        advance(Duration.ofMinutes(35));
        assertThat(unfinished(Duration.ofMinutes(10), 10)).isEmpty();
        assertThat(unfinished(Duration.ofMinutes(2), 10)).containsExactly(id);
    }

    @Test
    @Rule(5)
    void aDoubtsAgeCountsFromTheDoubt() {
        RecordId id = freshId();
        Lease lease = acquire(claimOf(id).lease(Duration.ofMinutes(30))).lease();
        advance(Duration.ofMinutes(10));
        applied(store().fail(lease, TIMED_OUT));
        advance(Duration.ofMinutes(5));
        assertThat(unfinished(Duration.ofMinutes(8), 10)).isEmpty();
        assertThat(unfinished(Duration.ofMinutes(4), 10)).containsExactly(id);
    }

    private List<RecordId> unfinished(Duration olderThan, int limit) {
        return store().findUnfinished(olderThan, limit).stream()
                .map(IdempotencyRecord::id)
                .toList();
    }
}
