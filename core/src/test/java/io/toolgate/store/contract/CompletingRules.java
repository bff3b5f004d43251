package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Completions: what they change, and whose they accept. */
abstract class CompletingRules extends Rules {

    @Test
    @Rule(2)
    void aCompletionStoresTheResult() {
        RecordId id = freshId();
        Lease lease = own(id);
        IdempotencyRecord before = stored(id);
        Applied applied = applied(store().complete(lease, text("receipt")));

        assertThat(applied.previous()).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(applied.current()).isEqualTo(RecordState.COMPLETED);
        assertThat(applied.version()).isEqualTo(2);
        IdempotencyRecord record = store().peek(id).orElseThrow();
        assertThat(record.state()).isEqualTo(RecordState.COMPLETED);
        assertThat(record.result()).isEqualTo(text("receipt"));
        assertThat(record.failure()).isNull();
        assertThat(record.version()).isEqualTo(2);
        assertThat(record.fence()).isEqualTo(1);
        assertThat(record.token()).isEqualTo(lease.token());
        assertThat(record.updatedAt()).isEqualTo(applied.at());
        assertNow(applied.at(), record.readAt());
        assertThat(record.createdAt()).isEqualTo(before.createdAt());
        assertThat(record.expiresAt()).as("expiry, which the claim set").isEqualTo(before.expiresAt());
        assertThat(record.isLive()).isFalse();
    }

    @Test
    @Rule(14)
    void anOwnerRecognisesItsOwnCompletion() {
        RecordId id = freshId();
        Lease lease = own(id);
        Applied first = applied(store().complete(lease, text("receipt")));
        changesNothing(id, () -> {
            AlreadyApplied again = alreadyApplied(other().complete(lease, text("receipt")));
            assertThat(again).isEqualTo(new AlreadyApplied(RecordState.COMPLETED, first.version(), first.at()));
        });
    }

    @Test
    @Rule(14)
    void aRepeatedCompletionChangesNoTime() {
        RecordId id = freshId();
        Lease lease = completed(id, text("receipt"));
        advance(MOMENT);
        changesNothing(id, () -> {
            AlreadyApplied again = alreadyApplied(store().complete(lease, text("receipt")));
            assertThat(again.version()).isEqualTo(2);
            assertThat(again.at()).isEqualTo(stored(id).updatedAt());
        });
    }

    @Test
    @Rule(2)
    void aSecondDifferentResultIsRefused() {
        RecordId id = freshId();
        Lease lease = completed(id, text("first"));
        changesNothing(id, () -> {
            IdempotencyRecord current =
                    leaseLost(store().complete(lease, text("second"))).current().orElseThrow();
            assertThat(current.result()).isEqualTo(text("first"));
        });
    }

    @Test
    @Rule(2)
    void aFailureAfterACompletionIsRefused() {
        RecordId id = freshId();
        Lease lease = completed(id, text("receipt"));
        for (var failure : new Failure[] {DECLINED, NOT_SENT, TIMED_OUT}) {
            changesNothing(
                    id,
                    () -> assertThat(leaseLost(store().fail(lease, failure))
                                    .current()
                                    .orElseThrow()
                                    .state())
                            .isEqualTo(RecordState.COMPLETED));
        }
    }

    @Test
    @Rule(2)
    void aFinishedRecordIsChangedByNothing() {
        RecordId id = freshId();
        Lease lease = completed(id, text("receipt"));
        expireLease();
        changesNothing(id, () -> {
            finished(store().claim(claimOf(id).request()));
            finished(other().claim(claimOf(id).taking().request()));
            mismatched(store().claim(claimOf(id).forInput("input-2").request()));
            finished(store().claim(claimOf(id).token(lease.token()).request()));
            leaseLost(store().complete(lease, text("other")));
            leaseLost(store().fail(lease, DECLINED));
            assertThat(store().heartbeat(List.of(lease), LEASE)).isEmpty();
            assertThat(store().purge(10)).isZero();
            assertThat(store().findUnfinished(Duration.ZERO, 10)).isEmpty();
        });
    }

    @Test
    @Rule(4)
    void staleOwnerCannotComplete() {
        RecordId id = freshId();
        Lease stale = own(id);
        expireLease();
        Lease taker = acquired(other().claim(claimOf(id).taking().request())).lease();
        changesNothing(id, () -> {
            IdempotencyRecord current =
                    leaseLost(store().complete(stale, text("stale"))).current().orElseThrow();
            assertThat(current.lease()).isEqualTo(taker);
        });
        applied(other().complete(taker, text("taker")));
        changesNothing(id, () -> leaseLost(store().complete(stale, text("stale"))));
        changesNothing(id, () -> leaseLost(store().complete(stale, text("taker"))));
        assertThat(finished(store().claim(claimOf(id).request())).result()).isEqualTo(text("taker"));
    }

    @Test
    @Rule(4)
    void staleOwnerCannotCompleteAReleasedKeyThatAnotherClaimed() {
        RecordId id = freshId();
        Lease released = failed(id, NOT_SENT);
        own(id);
        changesNothing(id, () -> leaseLost(store().complete(released, text("too late"))));
    }

    @Test
    @Rule(4)
    void aForgedTokenCannotComplete() {
        Lease lease = own(freshId());
        Lease forged = new Lease(lease.id(), claimOf(lease.id()).request().token(), lease.fence());
        changesNothing(lease.id(), () -> leaseLost(store().complete(forged, text("forged"))));
    }

    @Test
    @Rule(4)
    void theTokenDecidesAndNotTheClock() {
        RecordId id = freshId();
        Lease lease = own(id);
        expireLease();
        assertThat(applied(store().complete(lease, text("late, but no other claim")))
                        .previous())
                .isEqualTo(RecordState.IN_PROGRESS);
    }

    @Test
    @Rule(4)
    void aCompletionWithoutARecordIsALostLease() {
        Lease lease = new Lease(freshId(), claimOf(freshId()).request().token(), 1);
        assertThat(leaseLost(store().complete(lease, text("x"))).current()).isEmpty();
        assertThat(leaseLost(store().fail(lease, DECLINED)).current()).isEmpty();
        assertThat(fixture().stored(lease.id())).isEmpty();
    }

    @Test
    @Rule(5)
    void aRunThatWasReleasedAsNotExecutedCannotBeCompleted() {
        RecordId id = freshId();
        Lease lease = failed(id, NOT_SENT);
        changesNothing(id, () -> leaseLost(store().complete(lease, text("contradiction"))));
    }

    @Test
    @Rule(6)
    void lateResultCompletesADoubt() {
        RecordId id = freshId();
        Lease lease = failed(id, TIMED_OUT);
        Applied applied = applied(store().complete(lease, text("it had happened")));
        assertThat(applied.previous()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(applied.current()).isEqualTo(RecordState.COMPLETED);
        assertThat(applied.version()).isEqualTo(3);
        assertThat(finished(other().claim(claimOf(id).request())).result()).isEqualTo(text("it had happened"));
    }

    @Test
    @Rule(6)
    void lateResultCompletesWhatAHoldingClaimPutInDoubt() {
        RecordId id = freshId();
        Lease lease = own(id);
        expireLease();
        inDoubt(other().claim(claimOf(id).request()));
        assertThat(applied(store().complete(lease, text("late"))).previous()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(finished(other().claim(claimOf(id).request())).result()).isEqualTo(text("late"));
    }

    @Test
    @Rule(6)
    void lateResultIsRefusedOnceTheDoubtWasClaimed() {
        RecordId id = freshId();
        Lease lease = failed(id, TIMED_OUT);
        acquired(other().claim(claimOf(id).taking().request()));
        changesNothing(id, () -> leaseLost(store().complete(lease, text("too late"))));
    }

    @Test
    @Rule(6)
    void lateResultIsAcceptedPastTheRetentionToo() {
        RecordId id = freshId();
        Lease lease = failed(id, TIMED_OUT);
        passRetention();
        applied(store().complete(lease, text("very late")));
    }
}
