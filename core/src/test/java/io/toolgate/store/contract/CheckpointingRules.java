package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.toolgate.Failure;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.StoreUnderTest.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Checkpoints: which leases may write them, the versions that they make, and which records show them. */
abstract class CheckpointingRules extends Rules {
    private Applied checkpoint(Lease lease, String name, String value) {
        return applied(store().checkpoint(lease, name, text(value)));
    }

    private List<Checkpoint> checkpoints(RecordId id) {
        return other().history(id, 10).checkpoints();
    }

    private void changesNoCheckpoint(RecordId id, Runnable action) {
        List<Checkpoint> before = checkpoints(id);
        changesNothing(id, action);
        assertThat(checkpoints(id)).as("the checkpoints, which must not change").isEqualTo(before);
    }

    @Test
    @Rule(4)
    void aCheckpointIsAVersionOfItsOwn() {
        RecordId id = freshId();
        Lease lease = own(id);
        IdempotencyRecord before = stored(id);
        Applied first = checkpoint(lease, "sent", "1");
        Applied second = checkpoint(lease, "answered", "2");
        assertThat(first.previous()).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(first.current()).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(List.of(first.version(), second.version())).containsExactly(2L, 3L);
        IdempotencyRecord record = other().peek(id).orElseThrow();
        assertThat(record.version()).isEqualTo(3);
        assertThat(record.updatedAt()).isEqualTo(second.at());
        assertThat(record.result()).isNull();
        assertNow(second.at(), record.readAt());
        // Nothing else changes; above all, a checkpoint is no heartbeat.
        assertThat(record.lease()).isEqualTo(lease);
        assertThat(record.leaseUntil()).isEqualTo(before.leaseUntil());
        assertThat(record.createdAt()).isEqualTo(before.createdAt());
        assertThat(record.expiresAt()).isEqualTo(before.expiresAt());
        assertThat(checkpoints(id))
                .containsExactly(
                        new Checkpoint("sent", text("1"), 1, 2, first.at()),
                        new Checkpoint("answered", text("2"), 1, 3, second.at()));
    }

    @Test
    @Rule(4)
    void versionsKeepGrowingAfterACheckpoint() {
        Lease lease = own(freshId());
        checkpoint(lease, "sent", "1");
        assertThat(store().heartbeat(List.of(lease), LEASE)).containsExactly(lease);
        assertThat(applied(store().complete(lease, text("receipt"))).version()).isEqualTo(3);
        assertThat(stored(lease.id()).result()).isEqualTo(text("receipt"));
    }

    @Test
    @Rule(14)
    void theSameCheckpointAgainWritesNothing() {
        RecordId id = freshId();
        Lease lease = own(id);
        Applied first = checkpoint(lease, "sent", "1");
        advance(MOMENT);
        Instant at = checkpoints(id).get(0).at();
        changesNoCheckpoint(id, () -> {
            AlreadyApplied again = alreadyApplied(other().checkpoint(lease, "sent", text("1")));
            assertThat(again).isEqualTo(new AlreadyApplied(RecordState.IN_PROGRESS, first.version(), at));
        });
        checkpoint(lease, "answered", "2");
        changesNoCheckpoint(id, () -> {
            AlreadyApplied again = alreadyApplied(store().checkpoint(lease, "sent", text("1")));
            assertThat(again.version())
                    .as("the version, which is that of the record")
                    .isEqualTo(3);
        });
    }

    @Test
    @Rule(5)
    void theNextAttemptSeesTheLatestOfEachNameInTheOrderOfTheirVersions() {
        RecordId id = freshId();
        Lease lease = own(id);
        checkpoint(lease, "a", "1");
        checkpoint(lease, "b", "1");
        checkpoint(lease, "a", "2");
        expireLease();
        Lease taker = acquired(other().claim(claimOf(id).taking().request())).lease();
        assertThat(checkpoints(id)).extracting(Checkpoint::name).containsExactly("b", "a");
        assertThat(checkpoints(id)).extracting(Checkpoint::value).containsExactly(text("1"), text("2"));
        assertThat(checkpoints(id)).extracting(Checkpoint::version).containsExactly(3L, 4L);
        // A repetition by another attempt is a checkpoint of its own.
        Applied own = applied(other().checkpoint(taker, "b", text("1")));
        assertThat(own.version()).isEqualTo(6);
        assertThat(checkpoints(id)).extracting(Checkpoint::name).containsExactly("a", "b");
        assertThat(checkpoints(id)).extracting(Checkpoint::fence).containsExactly(1L, 2L);
    }

    @Test
    @Rule(5)
    void theCheckpointsOfAReleasedAttemptStayForTheNext() {
        RecordId id = freshId();
        Lease lease = own(id);
        checkpoint(lease, "reserved", "7");
        applied(store().fail(lease, NOT_SENT));
        own(id);
        assertThat(checkpoints(id)).extracting(Checkpoint::value).containsExactly(text("7"));
    }

    @Test
    @Rule(4)
    void theTokenDecidesAndNotTheClock() {
        Lease lease = own(freshId());
        expireLease();
        assertThat(checkpoint(lease, "late", "but no other claim").version()).isEqualTo(2);
        assertThat(checkpoints(lease.id())).hasSize(1);
    }

    @Test
    @Rule(4)
    void staleOwnerCannotCheckpoint() {
        RecordId id = freshId();
        Lease stale = own(id);
        checkpoint(stale, "sent", "1");
        expireLease();
        Lease taker = acquired(other().claim(claimOf(id).taking().request())).lease();
        changesNoCheckpoint(id, () -> {
            leaseLost(store().checkpoint(stale, "sent", text("1")));
            IdempotencyRecord current = leaseLost(store().checkpoint(stale, "sent", text("2")))
                    .current()
                    .orElseThrow();
            assertThat(current.lease()).isEqualTo(taker);
        });
    }

    @Test
    @Rule(4)
    void aForgedTokenCannotCheckpoint() {
        Lease lease = own(freshId());
        Lease forged = new Lease(lease.id(), claimOf(lease.id()).request().token(), lease.fence());
        changesNoCheckpoint(lease.id(), () -> leaseLost(store().checkpoint(forged, "sent", text("1"))));
    }

    @Test
    @Rule(4)
    void aCheckpointWithoutARecordIsALostLease() {
        Lease lease = new Lease(freshId(), claimOf(freshId()).request().token(), 1);
        assertThat(leaseLost(store().checkpoint(lease, "sent", text("1"))).current())
                .isEmpty();
        assertThat(checkpoints(lease.id())).isEmpty();
    }

    @Test
    @Rule(2)
    void aFinishedRecordTakesNoCheckpoint() {
        Lease done = completed(freshId(), text("receipt"));
        Lease refused = failed(freshId(), DECLINED);
        for (Lease lease : List.of(done, refused)) {
            changesNoCheckpoint(lease.id(), () -> leaseLost(store().checkpoint(lease, "sent", text("1"))));
        }
    }

    @Test
    @Rule(5)
    void aReleasedRecordTakesNoCheckpoint() {
        Lease lease = own(freshId());
        checkpoint(lease, "sent", "1");
        applied(store().fail(lease, NOT_SENT));
        changesNoCheckpoint(lease.id(), () -> {
            leaseLost(store().checkpoint(lease, "sent", text("1")));
            leaseLost(store().checkpoint(lease, "sent", text("2")));
        });
    }

    @Test
    @Rule(6)
    void aDoubtTakesACheckpointAndKeepsItsAge() {
        RecordId id = freshId();
        Lease lease = failed(id, TIMED_OUT);
        advance(Duration.ofMinutes(10));
        IdempotencyRecord before = stored(id);
        Applied applied = checkpoint(lease, "answered", "late");
        assertThat(applied.previous()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(applied.current()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(applied.version()).isEqualTo(3);
        assertThat(checkpoints(id).get(0).at()).isEqualTo(applied.at());
        IdempotencyRecord after = stored(id);
        assertThat(after.failure()).isEqualTo(TIMED_OUT);
        assertThat(after.updatedAt()).as("the time since when it is in doubt").isEqualTo(before.updatedAt());
        assertThat(store().findUnfinished(Duration.ofMinutes(5), 10)).hasSize(1);
        assertThat(applied(store().complete(lease, text("late"))).version()).isEqualTo(4);
    }

    private Payload roundTrip(Payload value) {
        Lease lease = own(freshId());
        applied(store().checkpoint(lease, "value", value));
        alreadyApplied(store().checkpoint(lease, "value", value));
        return checkpoints(lease.id()).get(0).value();
    }

    @Test
    @Rule(5)
    void aCheckpointIsReadByteForByte() {
        byte[] large = new byte[1 << 20];
        new Random(1).nextBytes(large);
        for (Payload value : List.of(
                Payload.ofNull("json"), Payload.of("text", new byte[0]), Payload.of("bytes", large), text("naïve"))) {
            assertThat(roundTrip(value)).isEqualTo(value);
        }
    }

    @Test
    @Rule(14)
    void nullEmptyAndAnotherCodecsValueAreDifferentCheckpoints() {
        Lease lease = own(freshId());
        List<Payload> values =
                List.of(Payload.ofNull("text"), Payload.of("text", new byte[0]), Payload.of("json", new byte[0]));
        for (int i = 0; i < values.size(); i++) {
            assertThat(applied(store().checkpoint(lease, "value", values.get(i)))
                            .version())
                    .isEqualTo(i + 2L);
            assertThat(checkpoints(lease.id())).extracting(Checkpoint::value).containsExactly(values.get(i));
        }
    }

    @Test
    @Rule(4)
    void namesAreComparedByteForByte() {
        Lease lease = own(freshId());
        List<String> names = List.of("step", "STEP", " step", "step ", "\u00e9", "e\u0301", "x".repeat(255));
        for (String name : names) {
            checkpoint(lease, name, name);
        }
        assertThat(checkpoints(lease.id())).extracting(Checkpoint::name).containsExactlyElementsOf(names);
        assertThat(checkpoints(lease.id()))
                .allSatisfy(checkpoint -> assertThat(checkpoint.value()).isEqualTo(text(checkpoint.name())));
    }

    @Test
    @Rule(4)
    void anInvalidNameOrValueIsRefusedAndChangesNothing() {
        Lease lease = own(freshId());
        checkpoint(lease, "sent", "1");
        changesNoCheckpoint(lease.id(), () -> {
            for (String name : List.of("", "x".repeat(256), "\u20ac".repeat(86), "a\0b", "\ud800")) {
                assertThatThrownBy(() -> store().checkpoint(lease, name, text("1")))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            Payload unavailable = Payload.unavailable(Failure.unknown("too-large", ""));
            assertThatThrownBy(() -> store().checkpoint(lease, "sent", unavailable))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    @Rule(12)
    void nullAndAClosedStoreAreRefusedByType() {
        Lease lease = own(freshId());
        changesNoCheckpoint(lease.id(), () -> {
            assertThatThrownBy(() -> store().checkpoint(null, "sent", text("1")))
                    .isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> store().checkpoint(lease, null, text("1")))
                    .isInstanceOfAny(NullPointerException.class, IllegalArgumentException.class);
            assertThatThrownBy(() -> store().checkpoint(lease, "sent", null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> store().history(null, 1)).isInstanceOf(NullPointerException.class);
        });
        var closed = fixture().open();
        closed.close();
        assertThatThrownBy(() -> closed.checkpoint(lease, "sent", text("1"))).isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> closed.history(lease.id(), 1)).isInstanceOf(StoreException.Closed.class);
    }

    @Test
    @Rule(4)
    void aCheckpointIsShownForItsOwnRecordOnly() {
        RecordId one = freshId();
        RecordId two = RecordId.of("tenant-2", one.action(), one.key());
        Lease first = own(one);
        Lease second = own(two);
        checkpoint(first, "sent", "1");
        assertThat(checkpoints(two)).isEmpty();
        assertThat(stored(two).version()).isEqualTo(1);
        checkpoint(second, "sent", "2");
        assertThat(checkpoints(one)).extracting(Checkpoint::value).containsExactly(text("1"));
        assertThat(checkpoints(two)).extracting(Checkpoint::value).containsExactly(text("2"));
    }

    @Test
    @Rule(13)
    void checkpointsOfAForgottenRecordAreNotShownToTheNext() {
        RecordId taken = completedWithACheckpoint();
        RecordId purged = completedWithACheckpoint();
        passRetention();
        own(taken);
        assertThat(store().purge(10)).isEqualTo(1);
        assertThat(checkpoints(purged)).isEmpty();
        own(purged);
        for (RecordId id : List.of(taken, purged)) {
            nextLifeHasItsOwnCheckpoints(id);
        }
    }

    /** All of it may happen within one tick of the store's clock. */
    @Test
    @Rule(13)
    void checkpointsOfARetiredRecordAreNotShownToTheNext() {
        RecordId id = completedWithACheckpoint();
        retire(id);
        own(id);
        nextLifeHasItsOwnCheckpoints(id);
    }

    private RecordId completedWithACheckpoint() {
        Lease lease = own(freshId());
        checkpoint(lease, "sent", "1");
        checkpoint(lease, "answered", "1");
        applied(store().complete(lease, text("receipt")));
        return lease.id();
    }

    private void nextLifeHasItsOwnCheckpoints(RecordId id) {
        assertThat(checkpoints(id)).isEmpty();
        Lease lease = stored(id).lease();
        checkpoint(lease, "sent", "1");
        assertThat(checkpoints(id)).extracting(Checkpoint::name).containsExactly("sent");
        assertThat(checkpoints(id)).extracting(Checkpoint::fence).containsExactly(lease.fence());
    }

    @Test
    @Rule(8)
    void aSubscriberIsNotifiedOfCheckpointsAndDecisions() {
        fixture().assume(Capability.PUSHES_HINTS);
        Lease running = own(freshId());
        RecordId done = freshId();
        completed(done, text("receipt"));
        Set<RecordId> notified = ConcurrentHashMap.newKeySet();
        try (Subscription subscription = store().subscribe(notified::add)) {
            checkpoint(running, "sent", "1");
            retire(done);
            await().atMost(fixture().patience())
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> notified.containsAll(Set.of(running.id(), done)));
        }
    }
}
