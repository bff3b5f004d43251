package io.toolgate.store;

import static io.toolgate.store.ClaimMachineTest.DECLINED;
import static io.toolgate.store.ClaimMachineTest.ID;
import static io.toolgate.store.ClaimMachineTest.MINE;
import static io.toolgate.store.ClaimMachineTest.NOT_SENT;
import static io.toolgate.store.ClaimMachineTest.OTHERS;
import static io.toolgate.store.ClaimMachineTest.OTHER_INPUT;
import static io.toolgate.store.ClaimMachineTest.RESULT;
import static io.toolgate.store.ClaimMachineTest.RETENTION;
import static io.toolgate.store.ClaimMachineTest.T0;
import static io.toolgate.store.ClaimMachineTest.fail;
import static io.toolgate.store.ClaimMachineTest.found;
import static io.toolgate.store.ClaimMachineTest.holding;
import static io.toolgate.store.ClaimMachineTest.request;
import static io.toolgate.store.ClaimMachineTest.taking;
import static io.toolgate.store.ClaimMachineTest.when;
import static io.toolgate.store.ClaimMachineTest.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.InDoubt;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ResolveOutcome.AlreadyResolved;
import io.toolgate.store.ResolveOutcome.RefusalReason;
import io.toolgate.store.ResolveOutcome.Refused;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.contract.ClaimTable.Found;
import io.toolgate.store.contract.Records;
import io.toolgate.store.contract.Rule;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link ClaimMachine} alone: checkpoints and the decisions of operators. */
class ClaimMachineDecisionsTest {
    private static final ClaimToken DECIDERS = new ClaimToken(3, 3);
    private static final Payload VALUE = Payload.of("text", new byte[] {7});
    private static final Verdict RETIRE = new Verdict.Retire();
    private static final List<Verdict> RESOLVING =
            List.of(new Verdict.Completed(RESULT), new Verdict.Rejected(DECLINED), new Verdict.Retry());
    private static final Failure QUARANTINED =
            Failure.of(Failure.Kind.UNKNOWN, Failure.Codes.QUARANTINED, "5 attempts, and the effect is still unknown");

    private static Checkpoint left(Payload value, long fence) {
        return new Checkpoint("sent", value, fence, 2, T0);
    }

    @ParameterizedTest
    @EnumSource
    @Rule({2, 4, 6, 14})
    void everyCellOfTheCheckpointTable(Found found) {
        IdempotencyRecord current = found(found);
        Instant now = when(found);
        Lease mine = new Lease(ID, MINE, 1);
        Lease others = new Lease(ID, OTHERS, 1);
        Decision<TransitionOutcome> foreign = ClaimMachine.checkpoint(current, null, others, VALUE, now);
        assertThat(foreign.outcome()).isInstanceOf(LeaseLost.class);
        assertThat(foreign.write()).isNull();
        Decision<TransitionOutcome> decision = ClaimMachine.checkpoint(current, null, mine, VALUE, now);
        Decision<TransitionOutcome> again = ClaimMachine.checkpoint(current, left(VALUE, 1), mine, VALUE, now);
        assertThat(again.write()).isNull();
        switch (found) {
            case LIVE, EXPIRED, EXPIRED_OLD, IN_DOUBT, IN_DOUBT_OLD -> {
                IdempotencyRecord next = written(decision);
                long version = current.version() + 1;
                assertThat(decision.outcome()).isEqualTo(new Applied(current.state(), current.state(), version, now));
                boolean doubtful = current.state() == RecordState.IN_DOUBT;
                assertThat(next.updatedAt()).isEqualTo(doubtful ? current.updatedAt() : now);
                assertThat(next.version()).isEqualTo(version);
                assertThat(likeBefore(next, current)).isEqualTo(current.asOf(now));
                assertThat(again.outcome()).isEqualTo(new AlreadyApplied(current.state(), current.version(), T0));
            }
            default -> {
                for (Decision<TransitionOutcome> each : List.of(decision, again)) {
                    assertThat(each.outcome()).isInstanceOf(LeaseLost.class);
                    assertThat(each.write()).isNull();
                }
            }
        }
    }

    private static IdempotencyRecord likeBefore(IdempotencyRecord next, IdempotencyRecord before) {
        return Records.withUpdatedAt(Records.withVersion(next, before.version()), before.updatedAt());
    }

    @Test
    @Rule(14)
    void onlyARepetitionByTheSameAttemptWritesNothing() {
        IdempotencyRecord current = found(Found.LIVE);
        Lease mine = current.lease();
        assertThat(ClaimMachine.checkpoint(current, left(VALUE, 1), mine, VALUE, T0)
                        .write())
                .isNull();
        for (Checkpoint before : List.of(left(RESULT, 1), left(VALUE, 2), left(Payload.ofNull("text"), 1))) {
            assertThat(written(ClaimMachine.checkpoint(current, before, mine, VALUE, T0))
                            .version())
                    .isEqualTo(2);
        }
    }

    private static ResolveRequest decision(@Nullable IdempotencyRecord seen, Verdict verdict) {
        return decision(seen == null ? 1 : seen.fence(), seen == null ? 1 : seen.version(), verdict);
    }

    private static ResolveRequest decision(long fence, long version, Verdict verdict) {
        return new ResolveRequest(ID, fence, version, DECIDERS, verdict, "operator", "a reason");
    }

    private static @Nullable RefusalReason whyNot(Found found, boolean retires) {
        return switch (found) {
            case ABSENT -> RefusalReason.ABSENT;
            case LIVE -> retires ? RefusalReason.NOT_FINISHED : RefusalReason.RUNNING;
            case EXPIRED, EXPIRED_OLD, IN_DOUBT, IN_DOUBT_OLD -> retires ? RefusalReason.NOT_FINISHED : null;
            case COMPLETED, COMPLETED_OLD, REJECTED, REJECTED_OLD -> retires ? null : RefusalReason.FINISHED;
            case PAUSED, RETRYABLE, RETRYABLE_OLD -> retires ? RefusalReason.NOT_FINISHED : RefusalReason.FREE;
        };
    }

    @ParameterizedTest
    @EnumSource
    @Rule({2, 5})
    void everyCellOfTheDecisionTable(Found found) {
        RESOLVING.forEach(verdict -> decide(found, verdict, whyNot(found, false)));
        decide(found, RETIRE, whyNot(found, true));
    }

    private static void decide(Found found, Verdict verdict, @Nullable RefusalReason why) {
        IdempotencyRecord current = found(found);
        Instant now = when(found);
        ResolveRequest request = decision(current, verdict);
        Decision<ResolveOutcome> decision = ClaimMachine.resolve(current, request, now);
        if (why != null) {
            assertThat(decision.write()).isNull();
            assertThat(decision.outcome()).isInstanceOfSatisfying(Refused.class, refused -> {
                assertThat(refused.reason()).isEqualTo(why);
                assertThat(refused.current().isPresent()).isEqualTo(current != null);
            });
            return;
        }
        IdempotencyRecord next = written(decision);
        assertThat(decision.outcome())
                .isEqualTo(new Resolved(current.state(), request.target(), current.version() + 1, now));
        assertThat(next.state()).isEqualTo(request.target());
        assertThat(next.result()).isEqualTo(request.result());
        assertThat(next.failure()).isEqualTo(request.failure());
        assertThat(next.failure() == null || ClaimMachine.stateAfter(next.failure()) == next.state())
                .isTrue();
        assertThat(next.token()).isEqualTo(DECIDERS);
        assertThat(next.fence()).isEqualTo(current.fence());
        assertThat(next.version()).isEqualTo(current.version() + 1);
        assertThat(next.updatedAt()).isEqualTo(now);
        assertThat(next.createdAt()).isEqualTo(current.createdAt());
        assertThat(next.expiresAt()).isEqualTo(current.expiresAt());
        assertThat(ClaimMachine.isRetired(next)).isEqualTo(verdict.equals(RETIRE));
        Decision<ResolveOutcome> again = ClaimMachine.resolve(next, request, now.plusSeconds(5));
        assertThat(again.outcome()).isEqualTo(new AlreadyResolved(next.state(), next.version(), now));
        assertThat(again.write()).isNull();
    }

    @Test
    @Rule({2, 11, 13})
    void aRecordWithoutItsResultIsGivenOneUntilItsRetentionEnds() {
        IdempotencyRecord live = found(Found.LIVE);
        Payload lost = Payload.unavailable(Failure.rejected(Failure.Codes.RESULT_TOO_LARGE, "of 2 MiB"));
        IdempotencyRecord lacking = written(ClaimMachine.complete(live, live.lease(), lost, T0));
        ResolveRequest supply = decision(lacking, new Verdict.Completed(RESULT));
        Instant last = T0.plus(RETENTION).minusMillis(1);
        assertThat(ClaimMachine.lacksResult(lacking)).isTrue();
        IdempotencyRecord next = written(ClaimMachine.resolve(lacking, supply, last));
        assertThat(ClaimMachine.resolve(lacking, supply, last).outcome())
                .isEqualTo(new Resolved(RecordState.COMPLETED, RecordState.COMPLETED, 3, last));
        assertThat(new Resolved(RecordState.COMPLETED, RecordState.COMPLETED, 3, last).isCompletion())
                .isFalse();
        assertThat(List.of(next.result(), next.token(), next.fence(), next.version(), next.updatedAt()))
                .containsExactly(RESULT, DECIDERS, 1L, 3L, last);
        assertThat(ClaimMachine.lacksResult(next)).isFalse();
        assertThat(ClaimMachine.purgeableFrom(next)).isEqualTo(last.plus(RETENTION));
        assertThat(whyRefused(lacking, new Verdict.Completed(RESULT), T0.plus(RETENTION)))
                .isEqualTo(RefusalReason.ABSENT);
        for (Verdict other : List.of(new Verdict.Completed(lost), RESOLVING.get(1), RESOLVING.get(2))) {
            assertThat(whyRefused(lacking, other, last)).isEqualTo(RefusalReason.RESULT_UNAVAILABLE);
        }
        assertThat(whyRefused(next, new Verdict.Completed(VALUE), last)).isEqualTo(RefusalReason.FINISHED);
    }

    private static RefusalReason whyRefused(IdempotencyRecord current, Verdict verdict, Instant now) {
        Decision<ResolveOutcome> decision = ClaimMachine.resolve(
                current,
                new ResolveRequest(
                        ID, current.fence(), current.version(), new ClaimToken(4, 4), verdict, "operator", "why"),
                now);
        assertThat(decision.write()).isNull();
        return ((Refused) decision.outcome()).reason();
    }

    @Test
    @Rule(4)
    void aDecisionIsForOneFenceAndOneVersion() {
        IdempotencyRecord doubt = found(Found.IN_DOUBT);
        assertThat(List.of(doubt.fence(), doubt.version())).containsExactly(1L, 2L);
        long[][] others = {{1, 1}, {1, 3}, {2, 2}};
        for (long[] seen : others) {
            for (Verdict verdict : List.of(RESOLVING.get(0), RETIRE)) {
                Decision<ResolveOutcome> decision =
                        ClaimMachine.resolve(doubt, decision(seen[0], seen[1], verdict), T0);
                assertThat(decision.write()).isNull();
                assertThat(decision.outcome())
                        .isInstanceOfSatisfying(
                                Refused.class,
                                refused -> assertThat(refused.reason()).isEqualTo(RefusalReason.MOVED));
            }
        }
    }

    @Test
    @Rule(4)
    void aDecisionEndsTheFormersOwnership() {
        for (Verdict verdict : RESOLVING) {
            IdempotencyRecord doubt = found(Found.IN_DOUBT);
            IdempotencyRecord next = written(ClaimMachine.resolve(doubt, decision(doubt, verdict), T0));
            Lease former = doubt.lease();
            assertThat(ClaimMachine.complete(next, former, RESULT, T0).outcome())
                    .isInstanceOf(LeaseLost.class);
            assertThat(fail(next, former, NOT_SENT, T0).outcome()).isInstanceOf(LeaseLost.class);
            assertThat(ClaimMachine.checkpoint(next, null, former, VALUE, T0).outcome())
                    .isInstanceOf(LeaseLost.class);
            assertThat(ClaimMachine.heartbeat(next, former, RETENTION, T0).outcome())
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ABSENT")
    @Rule(13)
    void aKeyBeginsAnewWhenItWasRetiredOrIsForgotten(Found found) {
        IdempotencyRecord current = found(found);
        boolean forgotten = found.old() && current.state().isOutcomeKnown();
        assertThat(ClaimMachine.isReplaceable(current, when(found))).isEqualTo(forgotten);
        assertThat(ClaimMachine.isRetired(current)).isFalse();
    }

    @Test
    @Rule(13)
    void aRetiredRecordIsReplacedByAClaimWithAnyInput() {
        IdempotencyRecord done = found(Found.COMPLETED);
        Instant at = T0.plusSeconds(5);
        IdempotencyRecord retired = written(ClaimMachine.resolve(done, decision(done, RETIRE), at));
        assertThat(ClaimMachine.isReplaceable(retired, at)).isTrue();
        assertThat(ClaimMachine.isUnfinished(retired, at)).isFalse();
        assertThat(ClaimMachine.isPurgeable(retired, T0.plus(RETENTION))).isFalse();
        assertThat(ClaimMachine.isPurgeable(retired, at.plus(RETENTION))).isTrue();
        Instant later = at.plusSeconds(5);
        for (OnUnknown onUnknown : OnUnknown.values()) {
            Decision<ClaimOutcome> claim =
                    ClaimMachine.claim(retired, request(OTHERS, OTHER_INPUT, onUnknown, 1), later);
            IdempotencyRecord next = written(claim);
            assertThat(claim.outcome())
                    .isInstanceOfSatisfying(
                            Acquired.class,
                            acquired -> assertThat(acquired.previous() != null
                                            && acquired.previous().effectUnknown())
                                    .isFalse());
            assertThat(next.fence()).isEqualTo(2);
            assertThat(next.version()).isEqualTo(4);
            assertThat(next.createdAt()).isEqualTo(later);
            assertThat(next.fingerprint()).isEqualTo(OTHER_INPUT);
            assertThat(next.expiresAt()).isEqualTo(later.plus(RETENTION));
        }
        KeyHistory.Entry entry = new KeyHistory.Entry(done, KeyHistory.Decision.RETIRED, "operator", "a reason", at);
        assertThat(ClaimMachine.purgeableFrom(entry)).isEqualTo(at.plus(RETENTION));
    }

    @Test
    @Rule(5)
    void aQuarantinedDoubtIsHeldAndOnlyItsOwnerOrAPersonEndsIt() {
        IdempotencyRecord claimed = found(Found.LIVE);
        IdempotencyRecord doubt = written(fail(claimed, claimed.lease(), QUARANTINED, T0));
        assertThat(ClaimMachine.isQuarantined(doubt)).isTrue();
        assertThat(ClaimMachine.isQuarantined(found(Found.IN_DOUBT))).isFalse();
        for (ClaimRequest each : List.of(taking(OTHERS), holding(OTHERS))) {
            Decision<ClaimOutcome> claim = ClaimMachine.claim(doubt, each, T0.plus(RETENTION));
            assertThat(claim.outcome()).isInstanceOf(InDoubt.class);
            assertThat(claim.write()).isNull();
        }
        assertThat(written(ClaimMachine.complete(doubt, doubt.lease(), RESULT, T0))
                        .state())
                .isEqualTo(RecordState.COMPLETED);
        IdempotencyRecord released = written(ClaimMachine.resolve(doubt, decision(doubt, RESOLVING.get(2)), T0));
        assertThat(ClaimMachine.claim(released, taking(OTHERS), T0).outcome()).isInstanceOf(Acquired.class);
    }

    @Test
    @Rule(4)
    void anInvalidDecisionIsRefusedWhenItIsMade() {
        assertThatThrownBy(() -> decision(0, 1, RETIRE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> decision(2, 1, RETIRE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fence is 2 and version 1");
        assertThatThrownBy(() -> new Verdict.Rejected(NOT_SENT)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Verdict.Completed(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("result is null");
        assertThatThrownBy(() -> new Verdict.Rejected(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("failure is null");
        assertThatThrownBy(() -> new ResolveRequest(ID, 1, 1, DECIDERS, RETIRE, " ", "a reason"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ResolveRequest(ID, 1, 1, DECIDERS, RETIRE, "operator", "x".repeat(1001)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
