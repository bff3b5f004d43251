package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.UnfinishedPage;
import io.toolgate.store.contract.ClaimTable.Cell;
import io.toolgate.store.contract.ClaimTable.Expected;
import io.toolgate.store.contract.ClaimTable.Found;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Claims: which record they find, and their outcome. */
abstract class ClaimingRules extends Rules {

    @Test
    @Rule(1)
    void aNewKeyIsOwnedFromItsFirstAttemptOn() {
        RecordId id = freshId();
        TestClaim claim = claimOf(id).owner("owner-7");
        Acquired acquired = acquire(claim);

        assertThat(acquired.lease()).isEqualTo(new Lease(id, claim.request().token(), 1));
        assertThat(acquired.version()).isEqualTo(1);
        assertThat(acquired.previous()).isNull();
        IdempotencyRecord record = store().peek(id).orElseThrow();
        assertThat(record.state()).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(record.id()).isEqualTo(id);
        assertThat(record.fence()).isEqualTo(1);
        assertThat(record.version()).isEqualTo(1);
        assertThat(record.token()).isEqualTo(claim.request().token());
        assertThat(record.owner()).isEqualTo("owner-7");
        assertThat(record.fingerprint()).isEqualTo(TestClaim.input("input-1"));
        assertThat(record.lease()).isEqualTo(acquired.lease());
        assertThat(record.isLive()).isTrue();
    }

    @Test
    @Rule(7)
    void everyTimeOfAClaimIsTheStoresOwn() {
        RecordId id = freshId();
        own(id);
        IdempotencyRecord record = store().peek(id).orElseThrow();

        assertNow(record.updatedAt(), record.readAt());
        assertThat(record.createdAt()).isEqualTo(record.updatedAt());
        assertThat(record.leaseUntil()).isEqualTo(record.updatedAt().plus(LEASE));
        assertThat(record.expiresAt()).isEqualTo(record.updatedAt().plus(RETENTION));
        assertThat(record.leaseRemaining()).isBetween(LEASE.minus(TOLERANCE), LEASE);
    }

    @Test
    @Rule(1)
    void aLiveLeaseKeepsOtherClaimsBusy() {
        RecordId id = freshId();
        own(id);
        changesNothing(id, () -> {
            assertThat(busy(store().claim(claimOf(id).request())).remaining()).isBetween(LEASE.minus(TOLERANCE), LEASE);
            busy(other().claim(claimOf(id).taking().request()));
        });
    }

    @Test
    @Rule(1)
    void aLeaseIsLiveUntilItsLastMoment() {
        RecordId id = freshId();
        own(id);
        Duration left = fixture().standingClock().isPresent() ? Duration.ofMillis(1) : TOLERANCE;
        advance(LEASE.minus(left));
        assertThat(busy(other().claim(claimOf(id).taking().request())).remaining())
                .isPositive()
                .isLessThanOrEqualTo(left);
        advance(left);
        acquired(other().claim(claimOf(id).taking().request()));
    }

    @Test
    @Rule(7)
    void aLeaseIsSeenAsLiveByEveryProcessWhateverItsOwnClockSays() {
        RecordId id = freshId();
        own(id);
        assertThat(busy(other().claim(claimOf(id).request())).remaining()).isBetween(LEASE.minus(TOLERANCE), LEASE);
        assertThat(other().peek(id).orElseThrow().isLive()).isTrue();
        assertThat(other().findUnfinished(Duration.ZERO, 10)).isEmpty();
    }

    @Test
    @Rule(1)
    void eachRecordHasItsOwnLeaseAndRetention() {
        RecordId brief = freshId();
        RecordId lasting = freshId();
        acquire(claimOf(brief).lease(Duration.ofSeconds(5)).retention(Duration.ofMinutes(10)));
        acquire(claimOf(lasting).lease(Duration.ofMinutes(2)));
        expireLease();
        acquired(store().claim(claimOf(brief).taking().request()));
        busy(store().claim(claimOf(lasting).taking().request()));
    }

    @Test
    @Rule(3)
    void anAcknowledgedClaimIsSeenByAnotherProcess() {
        RecordId claimed = freshId();
        RecordId done = freshId();
        Lease lease = own(claimed);
        completed(done, text("receipt"));
        assertThat(other().peek(claimed).orElseThrow().lease()).isEqualTo(lease);
        assertThat(finished(other().claim(claimOf(done).request())).result()).isEqualTo(text("receipt"));
        assertThat(fixture().open().peek(done).orElseThrow().result()).isEqualTo(text("receipt"));
    }

    @Test
    @Rule(14)
    void anOwnerRecognisesItsOwnClaim() {
        RecordId id = freshId();
        TestClaim claim = claimOf(id);
        Acquired first = acquire(claim);
        changesNothing(
                id, () -> assertThat(acquired(other().claim(claim.request()))).isEqualTo(first));
        expireLease();
        changesNothing(
                id, () -> assertThat(acquired(store().claim(claim.request()))).isEqualTo(first));
    }

    @Test
    @Rule(14)
    void aRepeatedTakeoverReportsThePreviousEffectAsUnknown() {
        RecordId id = freshId();
        own(id);
        expireLease();
        TestClaim claim = claimOf(id).taking();
        Acquired first = acquire(claim);
        assertThat(first.lease().fence()).isEqualTo(2);
        changesNothing(id, () -> {
            Acquired again = acquired(store().claim(claim.request()));
            assertThat(again.lease()).isEqualTo(first.lease());
            assertThat(again.version()).isEqualTo(first.version());
            assertThat(again.previous()).isNotNull();
            assertThat(again.previous().effectUnknown()).isTrue();
            assertThat(again.previous().fence()).isEqualTo(1);
        });
    }

    @Test
    @Rule(14)
    void aRepeatedHoldingClaimReportsNoUnknownEffect() {
        RecordId id = freshId();
        failed(id, NOT_SENT);
        TestClaim claim = claimOf(id);
        Acquired first = acquire(claim);
        Acquired again = acquired(store().claim(claim.request()));
        assertThat(again.lease()).isEqualTo(first.lease());
        assertThat(again.previous()).isNull();
    }

    @Test
    @Rule(5)
    void aHoldingClaimPutsAVanishedOwnersRecordInDoubt() {
        RecordId id = freshId();
        Lease lease = acquire(claimOf(id).owner("owner-9")).lease();
        expireLease();
        IdempotencyRecord before = stored(id);
        IdempotencyRecord record = inDoubt(other().claim(claimOf(id).request()));

        assertThat(record.state()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(record.lease()).as("the lease, kept for a late result").isEqualTo(lease);
        assertThat(record.version()).isEqualTo(2);
        assertThat(record.owner()).isEqualTo("owner-9");
        assertThat(record.leaseUntil()).isEqualTo(before.leaseUntil());
        assertThat(record.createdAt()).isEqualTo(before.createdAt());
        assertThat(record.expiresAt()).isEqualTo(before.expiresAt());
        assertNow(record.updatedAt(), record.readAt());
        Failure failure = record.failure();
        assertThat(failure).isNotNull();
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNKNOWN);
        assertThat(failure.code()).isEqualTo(Failure.Codes.OWNER_VANISHED);
        assertThat(failure.message()).contains("owner-9");
        assertThat(stored(id)).isEqualTo(record.asOf(stored(id).readAt()));
        changesNothing(id, () -> inDoubt(store().claim(claimOf(id).request())));
    }

    @Test
    @Rule(5)
    void oneClaimOfManySaysThatItPutAVanishedOwnersRecordInDoubt() throws Exception {
        RecordId id = freshId();
        own(id);
        expireLease();
        List<ClaimOutcome> answers;
        try (Race race = new Race(4)) {
            answers = race.run(
                    Collections.nCopies(4, () -> other().claim(claimOf(id).request())));
        }
        assertThat(answers).allMatch(answer -> answer instanceof ClaimOutcome.InDoubt);
        assertThat(answers)
                .filteredOn(answer -> ((ClaimOutcome.InDoubt) answer).marked())
                .hasSize(1);
        assertThat(store().claim(claimOf(id).request()))
                .isInstanceOfSatisfying(
                        ClaimOutcome.InDoubt.class,
                        later -> assertThat(later.marked()).isFalse());
    }

    @Test
    @Rule(5)
    void aTakeoverReportsThatThePreviousOwnerVanished() {
        RecordId id = freshId();
        own(id);
        expireLease();
        IdempotencyRecord before = stored(id);
        TestClaim claim = claimOf(id).taking().owner("owner-2");
        Acquired taken = acquired(other().claim(claim.request()));

        assertThat(taken.lease()).isEqualTo(new Lease(id, claim.request().token(), 2));
        assertThat(taken.version()).isEqualTo(2);
        assertThat(taken.previous()).isEqualTo(new Previous(RecordState.IN_PROGRESS, 1, null));
        assertThat(taken.previous().effectUnknown()).isTrue();
        IdempotencyRecord record = stored(id);
        assertThat(record.owner()).isEqualTo("owner-2");
        assertThat(record.createdAt()).isEqualTo(before.createdAt());
        assertThat(record.leaseUntil()).isEqualTo(record.updatedAt().plus(LEASE));
        assertThat(record.expiresAt()).isEqualTo(record.updatedAt().plus(RETENTION));
        busy(store().claim(claimOf(id).taking().request()));
    }

    @Test
    @Rule(5)
    void aTakeoverOfADoubtReportsItsFailure() {
        RecordId id = freshId();
        failed(id, TIMED_OUT);
        Acquired taken = acquired(store().claim(claimOf(id).taking().request()));
        assertThat(taken.lease().fence()).isEqualTo(2);
        assertThat(taken.version()).isEqualTo(3);
        assertThat(taken.previous()).isEqualTo(new Previous(RecordState.IN_DOUBT, 1, TIMED_OUT));
        assertThat(stored(id).failure()).isNull();
    }

    @Test
    @Rule(4)
    void everyTakeoverHasTheNextFenceAndItsOwnToken() {
        RecordId id = freshId();
        Lease last = own(id);
        for (int attempt = 2; attempt <= 6; attempt++) {
            if (attempt % 2 == 0) {
                expireLease();
            } else {
                applied(store().fail(last, attempt == 3 ? NOT_SENT : TIMED_OUT));
            }
            TestClaim claim = claimOf(id).taking().maxAttempts(100);
            Lease next = acquire(claim).lease();
            assertThat(next).isEqualTo(new Lease(id, claim.request().token(), attempt));
            assertThat(stored(id).lease()).isEqualTo(next);
            last = next;
        }
    }

    @Test
    @Rule(5)
    void aDoubtIsHeldOnceTheAttemptsAreUsedUp() {
        RecordId id = freshId();
        own(id);
        for (int fence = 2; fence <= 3; fence++) {
            expireLease();
            Acquired taken = acquire(claimOf(id).taking().maxAttempts(3));
            assertThat(taken.lease().fence()).isEqualTo(fence);
        }
        expireLease();
        assertThat(inDoubt(store().claim(claimOf(id).taking().maxAttempts(3).request()))
                        .fence())
                .isEqualTo(3);
        changesNothing(
                id,
                () -> inDoubt(store().claim(claimOf(id).taking().maxAttempts(3).request())));
        acquired(store().claim(claimOf(id).taking().maxAttempts(4).request()));
    }

    @Test
    @Rule(10)
    void aReleasedKeyIsClaimedAfterItsPause() {
        RecordId id = freshId();
        failed(id, NOT_SENT);
        passPause(stored(id));
        Acquired again = acquired(other().claim(claimOf(id).maxAttempts(1).request()));
        assertThat(again.lease().fence()).isEqualTo(2);
        assertThat(again.version()).isEqualTo(3);
        assertThat(again.previous()).isEqualTo(new Previous(RecordState.RETRYABLE, 1, NOT_SENT));
        assertThat(again.previous().effectUnknown()).isFalse();
        busy(store().claim(claimOf(id).request()));
    }

    @Test
    @Rule(9)
    void anotherInputIsAConflictInEveryState() {
        RecordId live = freshId();
        own(live);
        RecordId done = freshId();
        completed(done, text("receipt"));
        RecordId refused = freshId();
        failed(refused, DECLINED);
        RecordId released = freshId();
        failed(released, NOT_SENT);
        RecordId doubtful = freshId();
        failed(doubtful, TIMED_OUT);
        for (RecordId id : new RecordId[] {live, done, refused, released, doubtful}) {
            conflicts(id);
        }
        expireLease();
        conflicts(live);
    }

    private void conflicts(RecordId id) {
        changesNothing(id, () -> {
            assertThat(mismatched(store().claim(claimOf(id).forInput("input-2").request()))
                            .fingerprint())
                    .isEqualTo(TestClaim.input("input-1"));
            IdempotencyRecord seen = mismatched(
                    other().claim(claimOf(id).forInput("input-2").taking().request()));
            assertThat(seen.asOf(stored(id).readAt())).isEqualTo(stored(id));
        });
    }

    @Test
    @Rule(13)
    void pastItsRetentionAnEndedKeyIsANewOne() {
        RecordId id = freshId();
        completed(id, text("first"));
        passRetention();
        Acquired again = acquired(store().claim(claimOf(id).forInput("input-2").request()));
        assertThat(again.previous()).isNotNull();
        assertThat(again.previous().effectUnknown()).isFalse();
        IdempotencyRecord record = stored(id);
        assertThat(record.result()).isNull();
        assertThat(record.fingerprint()).isEqualTo(TestClaim.input("input-2"));
        assertThat(record.createdAt()).isEqualTo(record.updatedAt());
        assertThat(record.expiresAt()).isEqualTo(record.updatedAt().plus(RETENTION));
    }

    @Test
    @Rule(13)
    void pastItsRetentionAnUnfinishedKeyIsStillTheSame() {
        RecordId vanished = freshId();
        own(vanished);
        RecordId doubtful = freshId();
        failed(doubtful, TIMED_OUT);
        passRetention();
        inDoubt(store().claim(claimOf(vanished).request()));
        inDoubt(store().claim(claimOf(doubtful).request()));
    }

    @ParameterizedTest
    @MethodSource("io.toolgate.store.contract.ClaimTable#cells")
    @Rule({1, 2, 5, 9, 13, 16})
    void everyCellOfTheClaimTable(Cell cell) {
        RecordId id = freshId();
        TestClaim first = claimOf(id);
        prepare(cell.found(), first);
        Optional<IdempotencyRecord> before = fixture().stored(id);
        TestClaim claim = claimOf(id).onUnknown(cell.onUnknown()).maxAttempts(cell.attemptsLeft() ? 2 : 1);
        if (cell.ownToken()) {
            claim.token(first.request().token());
        }
        if (!cell.sameInput()) {
            claim.forInput("input-2");
        }
        ClaimOutcome outcome = other().claim(claim.request());
        verify(cell.expected(), claim, before, outcome);
    }

    private void prepare(Found found, TestClaim claim) {
        if (found == Found.ABSENT) {
            return;
        }
        Lease lease = acquire(claim).lease();
        switch (found) {
            case COMPLETED, COMPLETED_OLD -> applied(store().complete(lease, text("receipt")));
            case REJECTED, REJECTED_OLD -> applied(store().fail(lease, DECLINED));
            case PAUSED -> {
                applied(store().fail(lease, NOT_SENT));
                refuseUntilThePauseIsLong(lease.id());
            }
            case RETRYABLE_OLD -> applied(store().fail(lease, NOT_SENT));
            case RETRYABLE -> {
                applied(store().fail(lease, NOT_SENT));
                passPause(stored(lease.id()));
            }
            case IN_DOUBT, IN_DOUBT_OLD -> applied(store().fail(lease, TIMED_OUT));
            case EXPIRED -> expireLease();
            default -> {}
        }
        if (found.old()) {
            passRetention();
        }
    }

    /** So that its pause outlasts the test, where the clock is the database's own. */
    private void refuseUntilThePauseIsLong(RecordId id) {
        for (int refusals = 2; ClaimMachine.pauseAfter(refusals - 1).compareTo(TOLERANCE) < 0; refusals++) {
            applied(store().fail(acquire(claimOf(id)).lease(), NOT_SENT));
        }
    }

    private void verify(Expected expected, TestClaim claim, Optional<IdempotencyRecord> before, ClaimOutcome outcome) {
        RecordId id = claim.request().id();
        switch (expected) {
            case FRESH -> {
                assertThat(acquired(outcome).lease().fence()).isEqualTo(1);
                assertThat(acquired(outcome).previous()).isNull();
            }
            case MINE ->
                assertThat(acquired(outcome))
                        .isEqualTo(new Acquired(before.orElseThrow().lease(), 1, RecordNumbers.FIRST, null));
            case TAKEN, TAKEN_UNKNOWN -> {
                IdempotencyRecord was = before.orElseThrow();
                assertThat(acquired(outcome))
                        .isEqualTo(new Acquired(
                                new Lease(id, claim.request().token(), 2),
                                was.version() + 1,
                                numbersAfterTakeover(was, claim),
                                new Previous(was.state(), 1, was.failure())));
                assertThat(acquired(outcome).previous().effectUnknown()).isEqualTo(expected == Expected.TAKEN_UNKNOWN);
            }
            case BUSY -> assertThat(busy(outcome).remaining()).isPositive();
            case FINISHED -> assertThat(sameTime(finished(outcome))).isEqualTo(before.orElseThrow());
            case PAUSED -> assertThat(sameTime(paused(outcome).record())).isEqualTo(before.orElseThrow());
            case DOUBTFUL -> assertThat(sameTime(inDoubt(outcome))).isEqualTo(before.orElseThrow());
            case MISMATCHED -> assertThat(sameTime(mismatched(outcome))).isEqualTo(before.orElseThrow());
            case MARKED -> {
                assertThat(inDoubt(outcome).version()).isEqualTo(2);
                assertThat(stored(id).state()).isEqualTo(RecordState.IN_DOUBT);
            }
        }
        boolean unchanged = switch (expected) {
            case MINE, BUSY, PAUSED, FINISHED, DOUBTFUL, MISMATCHED -> true;
            default -> false;
        };
        if (unchanged) {
            assertThat(fixture().stored(id)).isEqualTo(before);
        } else if (outcome instanceof Acquired acquired) {
            assertThat(stored(id).lease()).isEqualTo(acquired.lease());
            assertThat(stored(id).state()).isEqualTo(RecordState.IN_PROGRESS);
            assertThat(stored(id).fingerprint()).isEqualTo(claim.request().fingerprint());
        }
    }

    private RecordNumbers numbersAfterTakeover(IdempotencyRecord was, TestClaim claim) {
        if (!stored(was.id()).createdAt().equals(was.createdAt())) {
            return new RecordNumbers(2, 1, 0, 0);
        } else if (was.state() == RecordState.RETRYABLE) {
            return new RecordNumbers(1, 1, 1, 0);
        }
        return new RecordNumbers(1, claim.request().onUnknown() == OnUnknown.PROBE ? 1 : 2, 0, 0);
    }

    private static IdempotencyRecord sameTime(IdempotencyRecord record) {
        return record.asOf(Instant.EPOCH);
    }

    @Test
    @Rule(12)
    void aClosedStoreRefusesByType() {
        Lease lease = own(freshId());
        var closed = fixture().open();
        closed.close();
        closed.close();
        assertThatThrownBy(() -> closed.claim(claimOf(freshId()).request())).isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> closed.heartbeat(List.of(lease), LEASE)).isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> closed.complete(lease, text("x"))).isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> closed.fail(lease, DECLINED)).isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> closed.peek(lease.id())).isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> closed.peekAll(List.of(lease.id()))).isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> closed.subscribe(ended -> {})).isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> closed.findUnfinished(Duration.ZERO, 1)).isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> closed.purge(1)).isInstanceOf(StoreException.Closed.class);
        applied(store().complete(lease, text("the others are not closed")));
    }

    @Test
    @Rule(12)
    void nullIsRefusedEverywhereAndChangesNothing() {
        Lease lease = own(freshId());
        changesNothing(lease.id(), () -> {
            refusesNull(() -> store().claim(null));
            refusesNull(() -> store().heartbeat(null, LEASE));
            refusesNull(() -> store().heartbeat(List.of(lease), null));
            refusesNull(() -> store().heartbeat(Arrays.asList(lease, null), LEASE));
            refusesNull(() -> store().complete(null, text("x")));
            refusesNull(() -> store().complete(lease, null));
            refusesNull(() -> store().fail(null, DECLINED));
            refusesNull(() -> store().fail(lease, null));
            refusesNull(() -> store().peek(null));
            refusesNull(() -> store().peekAll(null));
            refusesNull(() -> store().subscribe(null));
            refusesNull(() -> store().findUnfinished(null, 1));
        });
    }

    @Test
    @Rule(12)
    void numbersThatCannotBeMeantAreRefusedEverywhereAndChangeNothing() {
        Lease lease = own(freshId());
        changesNothing(lease.id(), () -> {
            for (Duration impossible : List.of(
                    Duration.ZERO, Duration.ofNanos(1), Duration.ofSeconds(-1), Duration.ofSeconds(Long.MAX_VALUE))) {
                refuses(() -> store().heartbeat(List.of(lease), impossible));
            }
            for (int impossible : new int[] {0, -1, Integer.MIN_VALUE}) {
                refuses(() -> store().purge(impossible));
                refuses(() -> store().findUnfinished(Duration.ZERO, impossible));
            }
            refuses(() -> store().history(lease.id(), -1));
            refuses(() -> store().findUnfinished(Duration.ofMillis(-1), 1));
            refuses(() -> store().scanUnfinished(Duration.ofMillis(-1), UnfinishedPage.START));
        });
    }

    private static void refuses(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }

    private static void refusesNull(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(NullPointerException.class);
    }
}
