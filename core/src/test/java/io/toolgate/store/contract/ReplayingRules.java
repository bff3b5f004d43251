package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.Subscription;
import io.toolgate.store.contract.StoreUnderTest.Capability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Reads and notifications for callers that do not own the key: replays, peeks and subscriptions. */
abstract class ReplayingRules extends Rules {
    @Test
    @Rule(2)
    void everyLaterClaimGetsTheSameBytes() {
        RecordId id = freshId();
        completed(id, text("receipt"));
        for (int i = 0; i < 3; i++) {
            assertThat(finished(store().claim(claimOf(id).request())).result()).isEqualTo(text("receipt"));
            assertThat(finished(other().claim(claimOf(id).taking().request())).result())
                    .isEqualTo(text("receipt"));
            advance(LEASE);
        }
    }

    @Test
    @Rule(2)
    void aResultIsReplayedUntilItsRetentionEnds() {
        RecordId id = freshId();
        completed(id, text("receipt"));
        Duration left = fixture().standingClock().isPresent() ? Duration.ofMillis(1) : TOLERANCE;
        advance(RETENTION.minus(left));
        assertThat(finished(store().claim(claimOf(id).request())).result()).isEqualTo(text("receipt"));
        assertThat(store().purge(10)).isZero();
        advance(left);
        assertThat(store().purge(10)).isEqualTo(1);
    }

    @Test
    @Rule(2)
    void aPeekSeesTheSameRecordAsAClaim() {
        RecordId id = freshId();
        assertThat(store().peek(id)).isEmpty();
        Lease lease = own(id);
        IdempotencyRecord live = other().peek(id).orElseThrow();
        assertThat(live.state()).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(live.leaseRemaining()).isBetween(LEASE.minus(TOLERANCE), LEASE);
        applied(store().complete(lease, text("receipt")));
        IdempotencyRecord peeked = other().peek(id).orElseThrow();
        IdempotencyRecord replayed = finished(other().claim(claimOf(id).request()));
        assertThat(replayed.asOf(peeked.readAt())).isEqualTo(peeked);
    }

    @Test
    @Rule(5)
    void aPeekNeverChangesAnything() {
        RecordId id = freshId();
        own(id);
        expireLease();
        changesNothing(id, () -> {
            IdempotencyRecord record = store().peek(id).orElseThrow();
            assertThat(record.state()).isEqualTo(RecordState.IN_PROGRESS);
            assertThat(record.isLive()).isFalse();
            assertThat(record.leaseRemaining()).isZero();
            assertThat(store().peekAll(List.of(id))).hasSize(1);
            assertThat(store().findUnfinished(Duration.ZERO, 10)).hasSize(1);
        });
    }

    @Test
    @Rule(8)
    void manyRecordsArePeekedTogetherAndAbsentOnesAreLeftOut() {
        Map<RecordId, String> results = new ConcurrentHashMap<>();
        List<RecordId> ids = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            RecordId id = freshId();
            ids.add(id);
            if (i % 3 == 0) {
                completed(id, text("receipt " + i));
                results.put(id, "receipt " + i);
            }
        }
        Map<RecordId, IdempotencyRecord> found = other().peekAll(ids);
        assertThat(found.keySet()).isEqualTo(results.keySet());
        found.forEach((id, record) -> {
            assertThat(record.id()).isEqualTo(id);
            assertThat(record.result()).isEqualTo(text(results.get(id)));
        });
    }

    @Test
    @Rule(8)
    void peekingAtNoneOrAtOneTwiceIsAllowed() {
        RecordId id = freshId();
        own(id);
        assertThat(store().peekAll(List.of())).isEmpty();
        assertThat(store().peekAll(List.of(freshId()))).isEmpty();
        assertThat(store().peekAll(List.of(id, id)).keySet()).containsExactly(id);
        assertThat(store().peekAll(Set.of(id)).get(id).asOf(stored(id).readAt()))
                .isEqualTo(stored(id));
    }

    @Test
    @Rule(8)
    void aSubscriberIsNotifiedOfEveryCompletion() {
        fixture().assume(Capability.PUSHES_HINTS);
        Set<RecordId> notified = ConcurrentHashMap.newKeySet();
        try (Subscription subscription = store().subscribe(notified::add)) {
            RecordId done = freshId();
            RecordId refused = freshId();
            RecordId released = freshId();
            RecordId doubtful = freshId();
            completed(done, text("receipt"));
            failed(refused, DECLINED);
            failed(released, NOT_SENT);
            failed(doubtful, TIMED_OUT);
            soon(() -> notified.containsAll(Set.of(done, refused, released, doubtful)));
        }
    }

    @Test
    @Rule(8)
    void aNotifiedSubscriberFindsTheCompletionInTheStore() {
        fixture().assume(Capability.PUSHES_HINTS);
        Map<RecordId, RecordState> seen = new ConcurrentHashMap<>();
        try (Subscription subscription =
                store().subscribe(id -> store().peek(id).ifPresent(record -> seen.put(id, record.state())))) {
            RecordId id = freshId();
            completed(id, text("receipt"));
            soon(() -> seen.get(id) == RecordState.COMPLETED);
        }
    }

    @Test
    @Rule(8)
    void aConsumerThatThrowsAffectsNoOther() {
        Set<RecordId> notified = ConcurrentHashMap.newKeySet();
        RecordId id = freshId();
        try (Subscription broken = store().subscribe(ended -> {
                    throw new IllegalStateException("thrown by a consumer on purpose");
                });
                Subscription sound = store().subscribe(notified::add)) {
            Lease lease = own(id);
            applied(store().complete(lease, text("receipt")));
            RecordId next = freshId();
            completed(next, text("next"));
            assertThat(finished(other().claim(claimOf(id).request())).result()).isEqualTo(text("receipt"));
            fixture().assume(Capability.PUSHES_HINTS);
            soon(() -> notified.containsAll(Set.of(id, next)));
        }
    }

    @Test
    @Rule(8)
    void aClosedSubscriptionIsSilentAndMayBeClosedAgain() {
        Set<RecordId> notified = ConcurrentHashMap.newKeySet();
        Set<RecordId> notifiedOther = ConcurrentHashMap.newKeySet();
        Subscription subscription = store().subscribe(notified::add);
        subscription.close();
        subscription.close();
        try (Subscription open = store().subscribe(notifiedOther::add)) {
            RecordId id = freshId();
            completed(id, text("receipt"));
            fixture().assume(Capability.PUSHES_HINTS);
            soon(() -> notifiedOther.contains(id));
        }
        assertThat(notified).isEmpty();
    }

    private void soon(Callable<Boolean> condition) {
        await().atMost(fixture().patience())
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(condition);
    }
}
