package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import org.junit.jupiter.api.Test;

/** Failures: the state that each kind leads to, and from which states. */
abstract class FailingRules extends Rules {

    private void leadsTo(Failure failure, RecordState state) {
        RecordId id = freshId();
        Lease lease = own(id);
        IdempotencyRecord before = stored(id);
        Applied applied = applied(store().fail(lease, failure));
        assertThat(applied.previous()).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(applied.current()).isEqualTo(state);
        assertThat(applied.version()).isEqualTo(2);
        IdempotencyRecord record = other().peek(id).orElseThrow();
        assertThat(record.state()).isEqualTo(state);
        assertThat(record.failure()).isEqualTo(failure);
        assertThat(record.result()).isNull();
        assertThat(record.lease()).isEqualTo(lease);
        assertThat(record.updatedAt()).isEqualTo(applied.at());
        assertNow(applied.at(), record.readAt());
        assertThat(record.createdAt()).isEqualTo(before.createdAt());
        assertThat(record.expiresAt()).isEqualTo(before.expiresAt());
    }

    @Test
    @Rule(2)
    void aRejectionIsFinal() {
        leadsTo(DECLINED, RecordState.REJECTED);
        RecordId id = freshId();
        failed(id, DECLINED);
        changesNothing(id, () -> {
            assertThat(finished(other().claim(claimOf(id).request())).failure()).isEqualTo(DECLINED);
            assertThat(finished(other().claim(claimOf(id).taking().request())).failure())
                    .isEqualTo(DECLINED);
        });
    }

    @Test
    @Rule(5)
    void onlyWhatWasNotExecutedIsReleased() {
        leadsTo(NOT_SENT, RecordState.RETRYABLE);
    }

    @Test
    @Rule(5)
    void anUnknownFailureIsADoubt() {
        leadsTo(TIMED_OUT, RecordState.IN_DOUBT);
        RecordId id = freshId();
        failed(id, TIMED_OUT);
        changesNothing(
                id,
                () -> assertThat(inDoubt(other().claim(claimOf(id).request())).failure())
                        .isEqualTo(TIMED_OUT));
    }

    @Test
    @Rule(2)
    void aRejectionIsNeitherReplacedNorCompleted() {
        RecordId id = freshId();
        Lease lease = failed(id, DECLINED);
        changesNothing(id, () -> {
            leaseLost(store().complete(lease, text("after all")));
            leaseLost(store().fail(lease, Failure.rejected("other", "another reason")));
            leaseLost(store().fail(lease, NOT_SENT));
            leaseLost(store().fail(lease, TIMED_OUT));
            assertThat(leaseLost(store().complete(lease, text("after all")))
                            .current()
                            .orElseThrow()
                            .failure())
                    .isEqualTo(DECLINED);
        });
    }

    @Test
    @Rule(14)
    void anOwnerRecognisesItsOwnFailure() {
        for (Failure failure : new Failure[] {DECLINED, NOT_SENT, TIMED_OUT}) {
            RecordId id = freshId();
            Lease lease = own(id);
            Applied first = applied(store().fail(lease, failure));
            changesNothing(
                    id,
                    () -> assertThat(alreadyApplied(other().fail(lease, failure)))
                            .isEqualTo(new AlreadyApplied(first.current(), first.version(), first.at())));
        }
    }

    @Test
    @Rule(14)
    void anotherMessageForTheSameReleaseOrDoubtWritesNothing() {
        Lease released = failed(freshId(), NOT_SENT);
        changesNothing(
                released.id(), () -> alreadyApplied(store().fail(released, Failure.notExecuted("other", "words"))));
        Lease doubtful = failed(freshId(), TIMED_OUT);
        changesNothing(doubtful.id(), () -> alreadyApplied(store().fail(doubtful, Failure.unknown("other", "words"))));
    }

    @Test
    @Rule(4)
    void staleOwnerCannotFail() {
        RecordId id = freshId();
        Lease stale = own(id);
        expireLease();
        Lease taker = acquired(other().claim(claimOf(id).taking().request())).lease();
        for (Failure failure : new Failure[] {DECLINED, NOT_SENT, TIMED_OUT}) {
            changesNothing(
                    id,
                    () -> assertThat(leaseLost(store().fail(stale, failure))
                                    .current()
                                    .orElseThrow()
                                    .lease())
                            .isEqualTo(taker));
        }
    }

    @Test
    @Rule(4)
    void aReleasedKeyIsNotReleasedAgainUnderItsNextOwner() {
        RecordId id = freshId();
        Lease released = failed(id, NOT_SENT);
        own(id);
        changesNothing(id, () -> leaseLost(store().fail(released, NOT_SENT)));
    }

    @Test
    @Rule(4)
    void aForgedTokenCannotFail() {
        Lease lease = own(freshId());
        Lease forged = new Lease(lease.id(), claimOf(lease.id()).request().token(), lease.fence());
        changesNothing(lease.id(), () -> leaseLost(store().fail(forged, NOT_SENT)));
    }

    @Test
    @Rule(4)
    void theTokenDecidesAndNotTheClock() {
        Lease lease = own(freshId());
        expireLease();
        assertThat(applied(store().fail(lease, NOT_SENT)).previous()).isEqualTo(RecordState.IN_PROGRESS);
    }

    @Test
    @Rule(6)
    void lateRejectionEndsADoubt() {
        RecordId id = freshId();
        Lease lease = failed(id, TIMED_OUT);
        Applied applied = applied(store().fail(lease, DECLINED));
        assertThat(applied.previous()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(applied.current()).isEqualTo(RecordState.REJECTED);
        assertThat(applied.version()).isEqualTo(3);
        assertThat(finished(other().claim(claimOf(id).request())).failure()).isEqualTo(DECLINED);
    }

    @Test
    @Rule(6)
    void lateReleaseEndsADoubt() {
        RecordId id = freshId();
        Lease lease = own(id);
        expireLease();
        inDoubt(other().claim(claimOf(id).request()));
        Applied applied = applied(store().fail(lease, NOT_SENT));
        assertThat(applied.previous()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(applied.current()).isEqualTo(RecordState.RETRYABLE);
        passPause(stored(id));
        assertThat(acquired(other().claim(claimOf(id).request())).lease().fence())
                .isEqualTo(2);
    }

    @Test
    @Rule(6)
    void lateFailureIsRefusedOnceTheDoubtWasClaimed() {
        RecordId id = freshId();
        Lease lease = failed(id, TIMED_OUT);
        acquired(other().claim(claimOf(id).taking().request()));
        changesNothing(id, () -> leaseLost(store().fail(lease, DECLINED)));
        changesNothing(id, () -> leaseLost(store().fail(lease, NOT_SENT)));
    }

    @Test
    @Rule(2)
    void aFailureKeepsItsCodeAndMessage() {
        String longest = "ü".repeat(999);
        for (Failure failure : new Failure[] {
            Failure.rejected("c".repeat(100), longest),
            Failure.rejected("declined", ""),
            Failure.rejected(
                    "declined", "quote ' double \" back \\ percent % newline \n tab \t emoji \uD83D\uDE80 null: \0"),
        }) {
            RecordId id = freshId();
            failed(id, failure);
            assertThat(other().peek(id).orElseThrow().failure()).isEqualTo(failure);
        }
    }
}
