package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome.AlreadyResolved;
import io.toolgate.store.ResolveOutcome.RefusalReason;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.StoreException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Decisions of operators: what they change in a record, and when they are refused. */
abstract class ResolvingRules extends Rules {
    private static final Verdict HAPPENED = new Verdict.Completed(text("it had happened"));
    private static final Verdict NEVER = new Verdict.Rejected(DECLINED);
    private static final Verdict RETRY = new Verdict.Retry();
    private static final Verdict RETIRE = new Verdict.Retire();
    private static final List<Verdict> ALL = List.of(HAPPENED, NEVER, RETRY, RETIRE);
    private static final Payload LOST = Payload.unavailable(Failure.rejected("too-large", "of 2 MiB"));

    /** Where a decision finds a record, why it is refused if it is to end a doubt, and why if it is to retire. */
    enum Found {
        LIVE(RefusalReason.RUNNING, RefusalReason.NOT_FINISHED),
        VANISHED(null, RefusalReason.NOT_FINISHED),
        COMPLETED(RefusalReason.FINISHED, null),
        /** Completed, and its result is unavailable. */
        UNAVAILABLE(RefusalReason.RESULT_UNAVAILABLE, null),
        REJECTED(RefusalReason.FINISHED, null),
        RELEASED(RefusalReason.FREE, RefusalReason.NOT_FINISHED),
        RETIRED(RefusalReason.FREE, RefusalReason.NOT_FINISHED),
        DOUBTFUL(null, RefusalReason.NOT_FINISHED);

        private final @Nullable RefusalReason notResolved;
        private final @Nullable RefusalReason notRetired;

        Found(@Nullable RefusalReason notResolved, @Nullable RefusalReason notRetired) {
            this.notResolved = notResolved;
            this.notRetired = notRetired;
        }

        @Nullable
        RefusalReason whyNot(Verdict verdict) {
            boolean supplies = this == UNAVAILABLE && verdict.equals(HAPPENED);
            return verdict.equals(RETIRE) || supplies ? notRetired : notResolved;
        }
    }

    private RecordId found(Found found) {
        RecordId id = freshId();
        switch (found) {
            case LIVE -> own(id);
            case VANISHED -> {
                acquire(claimOf(id).lease(Duration.ofSeconds(1)));
                advance(Duration.ofSeconds(2));
            }
            case COMPLETED -> completed(id, text("receipt"));
            case UNAVAILABLE -> completed(id, LOST);
            case REJECTED -> failed(id, DECLINED);
            case RELEASED -> failed(id, NOT_SENT);
            case RETIRED -> {
                completed(id, text("receipt"));
                retire(id);
            }
            case DOUBTFUL -> failed(id, TIMED_OUT);
        }
        return id;
    }

    private List<KeyHistory.Entry> entries(RecordId id) {
        return other().history(id, 10).entries();
    }

    private void changesNothingAtAll(RecordId id, Runnable action) {
        KeyHistory before = other().history(id, 10);
        changesNothing(id, action);
        assertThat(other().history(id, 10))
                .as("the history, which must not change")
                .isEqualTo(before);
    }

    private void accepted(ResolveRequest request, IdempotencyRecord before) {
        Resolved resolved = resolved(store().resolve(request));
        assertThat(resolved.previous()).isEqualTo(before.state());
        assertThat(resolved.current()).isEqualTo(request.target());
        assertThat(resolved.version()).isEqualTo(before.version() + 1);
        IdempotencyRecord after = other().peek(before.id()).orElseThrow();
        assertNow(resolved.at(), after.readAt());
        assertThat(after.state()).isEqualTo(request.target());
        assertThat(after.result()).isEqualTo(request.result());
        assertThat(after.failure()).isEqualTo(request.failure());
        assertThat(after.version()).isEqualTo(resolved.version());
        assertThat(after.updatedAt()).isEqualTo(resolved.at());
        assertThat(after.fence()).isEqualTo(before.fence());
        assertThat(after.token()).isEqualTo(request.token());
        assertThat(after.owner()).isEqualTo(before.owner());
        assertThat(after.fingerprint()).isEqualTo(before.fingerprint());
        assertThat(after.createdAt()).isEqualTo(before.createdAt());
        assertThat(after.expiresAt()).isEqualTo(before.expiresAt());
    }

    private void decide(Found found, Verdict verdict) {
        RecordId id = found(found);
        IdempotencyRecord before = stored(id);
        ResolveRequest request = decision(before, verdict);
        RefusalReason why = found.whyNot(verdict);
        if (why == null) {
            accepted(request, before);
        } else {
            changesNothingAtAll(
                    id,
                    () -> assertThat(refused(store().resolve(request), why)
                                    .current()
                                    .orElseThrow()
                                    .version())
                            .isEqualTo(before.version()));
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"COMPLETED", "UNAVAILABLE", "REJECTED"})
    @Rule(5)
    void aDecisionEndsADoubtAndNothingElse(Found found) {
        ALL.forEach(verdict -> decide(found, verdict));
    }

    @ParameterizedTest
    @EnumSource(names = {"COMPLETED", "REJECTED"})
    @Rule(2)
    void aFinishedRecordCanOnlyBeRetired(Found found) {
        ALL.forEach(verdict -> decide(found, verdict));
    }

    @Test
    @Rule({2, 11})
    void anUnavailableResultCanOnlyBeSuppliedOrTheRecordRetired() {
        ALL.forEach(verdict -> decide(Found.UNAVAILABLE, verdict));
        RecordId id = found(Found.UNAVAILABLE);
        Payload stillLost = Payload.unavailable(Failure.rejected("another", "reason"));
        changesNothingAtAll(
                id,
                () -> refused(
                        store().resolve(decision(id, new Verdict.Completed(stillLost))),
                        RefusalReason.RESULT_UNAVAILABLE));
    }

    @Test
    @Rule(11)
    void aSuppliedResultIsReplayedAndNeverReplaced() {
        for (Payload given : List.of(text("receipt"), text(""), Payload.ofNull("text"))) {
            RecordId id = freshId();
            Lease owner = completed(id, LOST);
            assertThat(finished(other().claim(claimOf(id).request())).result()).isEqualTo(LOST);
            decide(id, new Verdict.Completed(given));
            assertThat(finished(other().claim(claimOf(id).taking().request())).result())
                    .isEqualTo(given);
            changesNothing(
                    id,
                    () -> mismatched(
                            store().claim(claimOf(id).forInput("input-2").request())));
            ownerIsRefused(owner);
            for (Verdict verdict : List.of(HAPPENED, NEVER, RETRY)) {
                changesNothingAtAll(id, () -> refused(store().resolve(decision(id, verdict)), RefusalReason.FINISHED));
            }
            assertThat(entries(id)).singleElement().satisfies(entry -> {
                assertThat(entry.before().result()).isEqualTo(LOST);
                assertThat(entry.before().state()).isEqualTo(RecordState.COMPLETED);
                assertThat(entry.decision()).isEqualTo(KeyHistory.Decision.COMPLETED);
                assertThat(List.of(entry.operator(), entry.reason())).containsExactly(OPERATOR, REASON);
            });
            retire(id);
            assertThat(acquire(claimOf(id)).lease().fence()).isEqualTo(2);
        }
    }

    @Test
    @Rule(13)
    void aSuppliedResultIsKeptForAWholeRetentionFromTheDecision() {
        RecordId id = freshId();
        completed(id, LOST);
        advance(RETENTION.minus(MOMENT.multipliedBy(60)));
        decide(id, HAPPENED);
        advance(RETENTION.minus(MOMENT.multipliedBy(60)));
        assertThat(store().purge(10)).isZero();
        assertThat(finished(other().claim(claimOf(id).request())).result()).isEqualTo(text("it had happened"));
        passRetention();
        assertThat(store().purge(10)).isEqualTo(1);
    }

    @Test
    @Rule(13)
    void aResultIsNotSuppliedToARecordPastItsRetention() {
        RecordId id = freshId();
        completed(id, LOST);
        ResolveRequest request = decision(id, HAPPENED);
        passRetention();
        changesNothingAtAll(id, () -> refused(store().resolve(request), RefusalReason.ABSENT));
        assertThat(acquire(claimOf(id).forInput("input-2")).lease().fence()).isEqualTo(2);
    }

    @Test
    @Rule(4)
    void aDecisionWithoutARecordIsRefusedByType() {
        RecordId id = freshId();
        for (Verdict verdict : ALL) {
            ResolveRequest request =
                    new ResolveRequest(id, 1, 1, claimOf(id).request().token(), verdict, OPERATOR, REASON);
            assertThat(refused(store().resolve(request), RefusalReason.ABSENT).current())
                    .isEmpty();
        }
        assertThat(fixture().stored(id)).isEmpty();
        assertThat(store().history(id, 10)).isEqualTo(KeyHistory.EMPTY);
    }

    @Test
    @Rule(4)
    void aDecisionAppliesOnlyToTheVersionThatWasRead() {
        RecordId id = freshId();
        failed(id, TIMED_OUT);
        Lease taker = acquired(other().claim(claimOf(id).taking().request())).lease();
        applied(other().fail(taker, TIMED_OUT));
        IdempotencyRecord now = stored(id);
        assertThat(List.of(now.fence(), now.version())).containsExactly(2L, 4L);
        long[][] others = {{1, 4}, {2, 3}, {2, 5}, {1, 2}, {3, 4}};
        changesNothingAtAll(id, () -> {
            for (long[] seen : others) {
                for (Verdict verdict : ALL) {
                    var token = claimOf(id).request().token();
                    refused(
                            store().resolve(new ResolveRequest(id, seen[0], seen[1], token, verdict, OPERATOR, REASON)),
                            RefusalReason.MOVED);
                }
            }
        });
        decide(id, HAPPENED);
    }

    @Test
    @Rule(4)
    void aCheckpointInvalidatesADecisionAndAHeartbeatDoesNot() {
        RecordId id = freshId();
        Lease lease = failed(id, TIMED_OUT);
        ResolveRequest before = decision(id, RETRY);
        applied(store().checkpoint(lease, "answered", text("it happened")));
        changesNothingAtAll(id, () -> refused(store().resolve(before), RefusalReason.MOVED));
        RecordId beating = freshId();
        Lease owner = own(beating);
        ResolveRequest seen = decision(beating, RETRY);
        assertThat(store().heartbeat(List.of(owner), LEASE)).containsExactly(owner);
        changesNothingAtAll(beating, () -> refused(store().resolve(seen), RefusalReason.RUNNING));
        expireLease();
        resolved(store().resolve(seen));
    }

    @Test
    @Rule(6)
    void lateResultIsRefusedOnceTheDoubtWasResolved() {
        for (Verdict verdict : List.of(HAPPENED, NEVER, RETRY)) {
            RecordId id = freshId();
            Lease lease = failed(id, TIMED_OUT);
            decide(id, verdict);
            ownerIsRefused(lease);
        }
    }

    @Test
    @Rule(4)
    void aDecisionTakesTheRecordFromAnOwnerThatVanished() {
        Lease vanished = own(freshId());
        expireLease();
        decide(vanished.id(), HAPPENED);
        ownerIsRefused(vanished);
        assertThat(finished(other().claim(claimOf(vanished.id()).request())).result())
                .isEqualTo(text("it had happened"));
    }

    private void ownerIsRefused(Lease lease) {
        changesNothingAtAll(lease.id(), () -> {
            assertThat(leaseLost(store().complete(lease, text("it had happened")))
                            .current())
                    .isPresent();
            leaseLost(store().fail(lease, DECLINED));
            leaseLost(store().fail(lease, NOT_SENT));
            leaseLost(store().checkpoint(lease, "late", text("1")));
            assertThat(store().heartbeat(List.of(lease), LEASE)).isEmpty();
        });
    }

    @Test
    @Rule(5)
    void aDoubtThatWasReleasedIsClaimedByOneCallerOnly() {
        RecordId id = freshId();
        failed(id, TIMED_OUT);
        decide(id, RETRY);
        assertThat(stored(id).failure())
                .isEqualTo(Failure.of(Failure.Kind.NOT_EXECUTED, Failure.Codes.RESOLVED, REASON));
        changesNothing(
                id,
                () -> mismatched(store().claim(claimOf(id).forInput("input-2").request())));
        Acquired next = acquire(claimOf(id));
        assertThat(next.lease().fence()).isEqualTo(2);
        assertThat(next.version()).isEqualTo(4);
        assertThat(next.previous().effectUnknown()).isFalse();
        assertThat(next.previous().state()).isEqualTo(RecordState.RETRYABLE);
    }

    @Test
    @Rule(2)
    void aResolvedResultIsReplayed() {
        RecordId done = freshId();
        RecordId unavailable = freshId();
        RecordId refused = freshId();
        failed(done, TIMED_OUT);
        failed(unavailable, TIMED_OUT);
        failed(refused, TIMED_OUT);
        decide(done, HAPPENED);
        decide(unavailable, new Verdict.Completed(LOST));
        decide(refused, NEVER);
        assertThat(finished(other().claim(claimOf(done).request())).result()).isEqualTo(text("it had happened"));
        assertThat(finished(other().claim(claimOf(unavailable).request())).result())
                .isEqualTo(LOST);
        assertThat(finished(other().claim(claimOf(refused).request())).failure())
                .isEqualTo(DECLINED);
    }

    @Test
    @Rule(14)
    void aDecisionThatIsRepeatedIsRecognised() {
        record Case(Found found, Verdict verdict) {}
        List<Case> cases = List.of(
                new Case(Found.DOUBTFUL, HAPPENED),
                new Case(Found.DOUBTFUL, NEVER),
                new Case(Found.DOUBTFUL, RETRY),
                new Case(Found.COMPLETED, RETIRE),
                new Case(Found.UNAVAILABLE, HAPPENED));
        for (Case each : cases) {
            Verdict verdict = each.verdict();
            RecordId id = found(each.found());
            ResolveRequest request = decision(id, verdict);
            Resolved first = resolved(store().resolve(request));
            changesNothingAtAll(id, () -> {
                AlreadyResolved again = alreadyResolved(other().resolve(request));
                assertThat(again).isEqualTo(new AlreadyResolved(first.current(), first.version(), first.at()));
            });
            assertThat(entries(id)).hasSize(1);
        }
    }

    @Test
    @Rule(4)
    void theSameDecisionOfAnotherOperatorIsTooLate() {
        RecordId id = freshId();
        failed(id, TIMED_OUT);
        ResolveRequest one = decision(id, HAPPENED);
        ResolveRequest two = decision(id, HAPPENED);
        resolved(store().resolve(one));
        changesNothingAtAll(id, () -> refused(other().resolve(two), RefusalReason.MOVED));
    }

    @Test
    @Rule(13)
    void aRetiredKeyBeginsAnewWithAnyInput() {
        RecordId id = freshId();
        Lease first = completed(id, text("receipt-1"));
        retire(id);
        IdempotencyRecord retired = stored(id);
        assertThat(ClaimMachine.isRetired(retired)).isTrue();
        assertThat(retired.result()).isNull();
        assertThat(retired.failure()).isEqualTo(Failure.of(Failure.Kind.NOT_EXECUTED, Failure.Codes.RETIRED, REASON));
        advance(MOMENT);
        Acquired next = acquire(claimOf(id).forInput("input-2").owner("owner-2"));
        assertThat(next.lease().fence()).isEqualTo(2);
        assertThat(next.version()).isEqualTo(4);
        assertThat(next.previous() != null && next.previous().effectUnknown()).isFalse();
        IdempotencyRecord record = stored(id);
        assertThat(record.createdAt()).isEqualTo(record.updatedAt());
        assertThat(record.fingerprint()).isEqualTo(TestClaim.input("input-2"));
        assertThat(record.result()).isNull();
        ownerIsRefused(first);
        applied(store().complete(next.lease(), text("receipt-2")));
        assertThat(finished(other().claim(claimOf(id).forInput("input-2").request()))
                        .result())
                .isEqualTo(text("receipt-2"));
        changesNothing(id, () -> mismatched(other().claim(claimOf(id).request())));
    }

    @Test
    @Rule(13)
    void aRejectedKeyIsRetiredToo() {
        RecordId id = freshId();
        failed(id, DECLINED);
        retire(id);
        assertThat(acquire(claimOf(id).forInput("input-2")).lease().fence()).isEqualTo(2);
    }

    /** A reader of the retired record, above all a purge, must not take it for a run or a doubt. */
    @Test
    @Rule(13)
    void aRetiredRecordIsAnEndedOne() {
        RecordId id = freshId();
        completed(id, text("receipt"));
        retire(id);
        assertThat(store().findUnfinished(Duration.ZERO, 10)).isEmpty();
        assertThat(store().purge(10)).isZero();
        passRetention();
        assertThat(store().purge(10)).isEqualTo(1);
        assertThat(acquire(claimOf(id)).lease().fence()).isEqualTo(1);
    }

    @Test
    @Rule(5)
    void aQuarantinedDoubtIsHeldWhateverAClaimBrings() {
        RecordId id = quarantined().id();
        ClaimRequest taking = claimOf(id).taking().maxAttempts(100).request();
        changesNothing(id, () -> {
            assertThat(inDoubt(store().claim(taking)).failure().code()).isEqualTo(Failure.Codes.QUARANTINED);
            inDoubt(other().claim(claimOf(id).request()));
        });
        decide(id, RETRY);
        assertThat(acquired(other().claim(taking)).lease().fence()).isEqualTo(2);
    }

    @Test
    @Rule(6)
    void lateResultCompletesAQuarantinedDoubt() {
        Lease lease = quarantined();
        passRetention();
        inDoubt(other().claim(claimOf(lease.id()).taking().request()));
        applied(store().checkpoint(lease, "answered", text("yes")));
        applied(store().complete(lease, text("late")));
        assertThat(finished(other().claim(claimOf(lease.id()).taking().request()))
                        .result())
                .isEqualTo(text("late"));
    }

    private Lease quarantined() {
        return failed(
                freshId(),
                Failure.of(
                        Failure.Kind.UNKNOWN,
                        Failure.Codes.QUARANTINED,
                        "5 attempts, and the effect is still unknown"));
    }

    @Test
    @Rule(12)
    void nullAndAClosedStoreAreRefusedByType() {
        RecordId id = freshId();
        failed(id, TIMED_OUT);
        ResolveRequest request = decision(id, RETRY);
        assertThatThrownBy(() -> store().resolve(null)).isInstanceOf(NullPointerException.class);
        assertThat(entries(id)).isEmpty();
        var closed = fixture().open();
        closed.close();
        changesNothingAtAll(
                id, () -> assertThatThrownBy(() -> closed.resolve(request)).isInstanceOf(StoreException.Closed.class));
    }
}
