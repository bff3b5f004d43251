package io.toolgate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimOutcome.InDoubt;
import io.toolgate.store.ClaimOutcome.Mismatched;
import io.toolgate.store.ClaimOutcome.Paused;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.contract.ClaimTable.Cell;
import io.toolgate.store.contract.ClaimTable.Expected;
import io.toolgate.store.contract.ClaimTable.Found;
import io.toolgate.store.contract.Rule;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link ClaimMachine} alone: every cell of its tables, and its invariants over random transitions. */
class ClaimMachineTest {
    static final RecordId ID = RecordId.of("tenant", "action", "key");
    static final ClaimToken MINE = new ClaimToken(1, 1);
    static final ClaimToken OTHERS = new ClaimToken(2, 2);
    static final InputFingerprint INPUT = InputFingerprint.ofCanonical(new byte[] {1});
    static final InputFingerprint OTHER_INPUT = InputFingerprint.ofCanonical(new byte[] {2});
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration RETENTION = Duration.ofHours(1);
    static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    static final Payload RESULT = Payload.of("text", new byte[] {1});
    static final Failure DECLINED = Failure.rejected("declined", "the card was declined");
    static final Failure NOT_SENT = Failure.notExecuted("not-sent", "");
    static final Failure TIMED_OUT = Failure.unknown("timed-out", "");

    static ClaimRequest request(ClaimToken token, InputFingerprint input, OnUnknown onUnknown, int maxAttempts) {
        return new ClaimRequest(ID, token, "owner", input, LEASE, RETENTION, onUnknown, maxAttempts);
    }

    static ClaimRequest holding(ClaimToken token) {
        return request(token, INPUT, OnUnknown.HOLD, 5);
    }

    static ClaimRequest taking(ClaimToken token) {
        return request(token, INPUT, OnUnknown.RERUN, 5);
    }

    /** What a first claim with {@link #MINE} at {@link #T0} writes. */
    private static IdempotencyRecord claimed() {
        return written(ClaimMachine.claim(null, holding(MINE), T0));
    }

    static IdempotencyRecord written(Decision<?> decision) {
        return decision.next().orElseThrow(() -> new AssertionError("nothing is written: " + decision));
    }

    static @Nullable IdempotencyRecord found(Found found) {
        IdempotencyRecord claimed = claimed();
        return switch (found) {
            case ABSENT -> null;
            case LIVE, EXPIRED, EXPIRED_OLD -> claimed;
            case COMPLETED, COMPLETED_OLD -> written(ClaimMachine.complete(claimed, claimed.lease(), RESULT, T0));
            case REJECTED, REJECTED_OLD -> written(fail(claimed, claimed.lease(), DECLINED, T0));
            case PAUSED, RETRYABLE, RETRYABLE_OLD -> written(fail(claimed, claimed.lease(), NOT_SENT, T0));
            case IN_DOUBT, IN_DOUBT_OLD -> written(fail(claimed, claimed.lease(), TIMED_OUT, T0));
        };
    }

    static Decision<TransitionOutcome> fail(
            @Nullable IdempotencyRecord current, Lease lease, Failure failure, Instant now) {
        return ClaimMachine.fail(current, lease, failure, RunEffect.of(failure), now);
    }

    static Instant when(Found found) {
        if (found.old()) {
            return T0.plus(RETENTION);
        }
        return switch (found) {
            case EXPIRED -> T0.plus(LEASE);
            case PAUSED -> T0.plusMillis(99);
            default -> T0.plusSeconds(1);
        };
    }

    @ParameterizedTest
    @MethodSource("io.toolgate.store.contract.ClaimTable#cells")
    @Rule({1, 2, 5, 9, 13, 16})
    void everyCellOfTheClaimTable(Cell cell) {
        IdempotencyRecord current = found(cell.found());
        Instant now = when(cell.found());
        ClaimRequest request = request(
                cell.ownToken() ? MINE : OTHERS,
                cell.sameInput() ? INPUT : OTHER_INPUT,
                cell.onUnknown(),
                cell.attemptsLeft() ? 2 : 1);
        Decision<ClaimOutcome> decision = ClaimMachine.claim(current, request, now);
        Class<? extends ClaimOutcome> type = switch (cell.expected()) {
            case FRESH, MINE, TAKEN, TAKEN_UNKNOWN -> Acquired.class;
            case BUSY -> Busy.class;
            case PAUSED -> Paused.class;
            case FINISHED -> Finished.class;
            case MARKED, DOUBTFUL -> InDoubt.class;
            case MISMATCHED -> Mismatched.class;
        };
        assertThat(decision.outcome()).isInstanceOf(type);
        boolean writes = switch (cell.expected()) {
            case FRESH, TAKEN, TAKEN_UNKNOWN, MARKED -> true;
            default -> false;
        };
        assertThat(decision.next().isPresent()).as("whether it writes").isEqualTo(writes);
        if (decision.outcome() instanceof Acquired acquired && writes) {
            IdempotencyRecord next = written(decision);
            assertThat(next.fence()).isEqualTo(cell.expected() == Expected.FRESH ? 1 : 2);
            assertThat(next.token()).isEqualTo(request.token());
            assertThat(next.leaseUntil()).isEqualTo(now.plus(LEASE));
            assertThat(next.expiresAt()).isEqualTo(now.plus(RETENTION));
            assertThat(acquired.lease()).isEqualTo(next.lease());
            assertThat(acquired.version()).isEqualTo(next.version());
            assertThat(acquired.previous() != null && acquired.previous().effectUnknown())
                    .isEqualTo(cell.expected() == Expected.TAKEN_UNKNOWN);
        }
    }

    @Test
    @Rule(1)
    void aLeaseEndsAtItsLastInstantAndNotBefore() {
        IdempotencyRecord claimed = claimed();
        Instant end = T0.plus(LEASE);
        assertThat(ClaimMachine.claim(claimed, taking(OTHERS), end.minusNanos(1))
                        .outcome())
                .isEqualTo(new Busy(Duration.ofNanos(1), LEASE.minusNanos(1)));
        assertThat(ClaimMachine.claim(claimed, taking(OTHERS), end).outcome()).isInstanceOf(Acquired.class);
        assertThat(ClaimMachine.isUnfinished(claimed, end.minusNanos(1))).isFalse();
        assertThat(ClaimMachine.isUnfinished(claimed, end)).isTrue();
    }

    @Test
    @Rule(13)
    void aRetentionEndsAtItsLastInstantAndOnlyForWhatHasEnded() {
        Instant end = T0.plus(RETENTION);
        for (Found found : List.of(Found.COMPLETED, Found.REJECTED, Found.RETRYABLE)) {
            assertThat(ClaimMachine.isPurgeable(found(found), end.minusNanos(1)))
                    .isFalse();
            assertThat(ClaimMachine.isPurgeable(found(found), end)).isTrue();
        }
        for (Found found : List.of(Found.LIVE, Found.IN_DOUBT)) {
            assertThat(ClaimMachine.isPurgeable(found(found), end.plus(RETENTION)))
                    .isFalse();
        }
    }

    @Test
    @Rule(1)
    void aClockThatWentBackLengthensALeaseAndChangesNoOwner() {
        Decision<ClaimOutcome> decision = ClaimMachine.claim(claimed(), taking(OTHERS), T0.minus(RETENTION));
        assertThat(decision.outcome()).isEqualTo(new Busy(RETENTION.plus(LEASE), RETENTION.negated()));
        assertThat(decision.write()).isNull();
    }

    @Test
    @Rule(13)
    void aHundredYearsFitAndTimesBeyondTheCalendarAreRefused() {
        Duration century = Duration.ofDays(36_500);
        ClaimRequest longest = new ClaimRequest(ID, MINE, "owner", INPUT, century, century, OnUnknown.HOLD, 1);
        IdempotencyRecord record = written(ClaimMachine.claim(null, longest, T0));
        assertThat(ClaimMachine.claim(record, taking(OTHERS), T0).outcome())
                .isEqualTo(new Busy(century, Duration.ZERO));
        assertThat(record.leaseRemaining()).isEqualTo(century);
        assertThatThrownBy(() -> ClaimMachine.claim(null, longest, Instant.MAX)).isInstanceOf(DateTimeException.class);
        assertThat(written(ClaimMachine.claim(null, longest, Instant.MIN)).leaseUntil())
                .isEqualTo(Instant.MIN.plus(century));
        assertThat(ClaimMachine.isPurgeable(found(Found.COMPLETED), Instant.MAX))
                .isTrue();
        assertThat(ClaimMachine.isPurgeable(found(Found.COMPLETED), Instant.MIN))
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource
    @Rule({2, 4, 6, 14})
    void everyCellOfTheCompletionTable(Found found) {
        IdempotencyRecord current = found(found);
        Instant now = when(found);
        Lease mine = new Lease(ID, MINE, 1);
        assertThat(ClaimMachine.complete(current, new Lease(ID, OTHERS, 1), RESULT, now)
                        .outcome())
                .isInstanceOf(LeaseLost.class);
        Decision<TransitionOutcome> decision = ClaimMachine.complete(current, mine, RESULT, now);
        switch (found) {
            case LIVE, EXPIRED, EXPIRED_OLD, IN_DOUBT, IN_DOUBT_OLD -> {
                IdempotencyRecord next = written(decision);
                assertThat(decision.outcome())
                        .isEqualTo(new Applied(current.state(), RecordState.COMPLETED, current.version() + 1, now));
                assertThat(next.result()).isEqualTo(RESULT);
                assertThat(next.failure()).isNull();
                assertThat(next.expiresAt()).isEqualTo(current.expiresAt());
                assertThat(next.leaseUntil()).isEqualTo(current.leaseUntil());
                assertThat(next.updatedAt()).isEqualTo(now);
            }
            case COMPLETED, COMPLETED_OLD -> {
                assertThat(decision.outcome()).isEqualTo(new AlreadyApplied(RecordState.COMPLETED, 2, T0));
                assertThat(decision.write()).isNull();
                assertThat(ClaimMachine.complete(current, mine, Payload.ofNull("text"), now)
                                .outcome())
                        .isInstanceOf(LeaseLost.class);
            }
            default -> {
                assertThat(decision.outcome()).isInstanceOf(LeaseLost.class);
                assertThat(decision.write()).isNull();
            }
        }
    }

    @Test
    @Rule({2, 4, 6, 14})
    void everyCellOfTheFailureTable() {
        Lease mine = new Lease(ID, MINE, 1);
        for (Found found : Found.values()) {
            IdempotencyRecord current = found(found);
            Instant now = when(found);
            for (Failure failure : List.of(DECLINED, NOT_SENT, TIMED_OUT)) {
                RecordState target = ClaimMachine.stateAfter(failure);
                Decision<TransitionOutcome> decision = fail(current, mine, failure, now);
                boolean open = current != null
                        && (current.state() == RecordState.IN_PROGRESS || current.state() == RecordState.IN_DOUBT);
                if (current != null && current.state() == target) {
                    assertThat(decision.outcome()).isEqualTo(new AlreadyApplied(target, 2, T0));
                    assertThat(decision.write()).isNull();
                } else if (open) {
                    assertThat(decision.outcome())
                            .isEqualTo(new Applied(current.state(), target, current.version() + 1, now));
                    assertThat(written(decision).failure()).isEqualTo(failure);
                } else {
                    assertThat(decision.outcome()).isInstanceOf(LeaseLost.class);
                    assertThat(decision.write()).isNull();
                }
                assertThat(fail(current, new Lease(ID, OTHERS, 1), failure, now).outcome())
                        .isInstanceOf(LeaseLost.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Rule(4)
    void everyCellOfTheHeartbeatTable(Found found) {
        IdempotencyRecord current = found(found);
        Instant now = when(found);
        Decision<Boolean> mine = ClaimMachine.heartbeat(current, new Lease(ID, MINE, 1), LEASE, now);
        assertThat(ClaimMachine.heartbeat(current, new Lease(ID, OTHERS, 1), LEASE, now))
                .isEqualTo(new Decision<>(null, false));
        boolean renews = found == Found.LIVE || found == Found.EXPIRED || found == Found.EXPIRED_OLD;
        assertThat(mine.outcome()).isEqualTo(renews);
        assertThat(mine.next().isPresent()).isEqualTo(renews);
        if (renews) {
            IdempotencyRecord next = written(mine);
            assertThat(next.leaseUntil()).isEqualTo(now.plus(LEASE));
            assertThat(next.version()).isEqualTo(current.version());
            assertThat(next.updatedAt()).isEqualTo(current.updatedAt());
        }
    }

    static LongStream seeds() {
        Long given = Long.getLong("toolgate.seed");
        return given != null ? LongStream.of(given) : new Random().longs(20);
    }

    /** Checks what the rules say of two consecutive states over random transitions. */
    @ParameterizedTest
    @MethodSource("seeds")
    @Rule({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})
    void theInvariantsHoldAtEveryStep(long seed) {
        Random random = new Random(seed);
        IdempotencyRecord current = null;
        Instant now = T0;
        for (int step = 0; step < 500; step++) {
            now = now.plusSeconds(random.nextInt(40) - 2L).plusSeconds(random.nextInt(50) == 0 ? 3600 : 0);
            ClaimToken token = new ClaimToken(0, random.nextInt(4));
            Lease lease = new Lease(ID, token, 1 + random.nextInt(3));
            int event = random.nextInt(6);
            Decision<?> decision = switch (event) {
                case 0 ->
                    ClaimMachine.claim(
                            current,
                            request(
                                    token,
                                    random.nextInt(6) == 0 ? OTHER_INPUT : INPUT,
                                    OnUnknown.values()[random.nextInt(3)],
                                    1 + random.nextInt(20)),
                            now);
                case 1 -> ClaimMachine.heartbeat(current, lease, LEASE, now);
                case 2 ->
                    ClaimMachine.complete(current, lease, random.nextBoolean() ? RESULT : Payload.ofNull("text"), now);
                case 3 ->
                    ClaimMachine.fail(
                            current,
                            lease,
                            List.of(DECLINED, NOT_SENT, NOT_SENT.rememberedByProvider(), TIMED_OUT)
                                    .get(random.nextInt(4)),
                            RunEffect.values()[random.nextInt(3)],
                            now);
                case 4 -> ClaimMachine.checkpoint(current, null, lease, RESULT, now);
                default -> ClaimMachine.resolve(current, someDecision(current, random), now);
            };
            IdempotencyRecord next = decision.write();
            if (next != null) {
                invariants(
                        current, next, now, Event.values()[event], "seed " + seed + ", step " + step + ": " + decision);
                current = next;
            }
        }
        assertThat(current).isNotNull();
    }

    /** In the order in which they are drawn. */
    private enum Event {
        CLAIM,
        HEARTBEAT,
        COMPLETE,
        FAIL,
        CHECKPOINT,
        RESOLVE
    }

    private static ResolveRequest someDecision(@Nullable IdempotencyRecord current, Random random) {
        List<Verdict> verdicts = List.of(
                new Verdict.Completed(RESULT),
                new Verdict.Rejected(DECLINED),
                new Verdict.Retry(),
                new Verdict.Retire());
        long fence = current == null ? 1 : current.fence();
        long version = current == null ? 1 : current.version() + random.nextInt(2);
        ClaimToken token = new ClaimToken(1, random.nextLong());
        return new ResolveRequest(ID, fence, version, token, verdicts.get(random.nextInt(4)), "operator", "a reason");
    }

    private static void invariants(
            @Nullable IdempotencyRecord before, IdempotencyRecord after, Instant now, Event event, String what) {
        boolean claim = event == Event.CLAIM;
        assertThat(after.result() != null).as(what).isEqualTo(after.state() == RecordState.COMPLETED);
        assertThat(after.failure() == null)
                .as(what)
                .isEqualTo(after.state() == RecordState.IN_PROGRESS || after.state() == RecordState.COMPLETED);
        if (before == null) {
            assertThat(claim).as("only a claim makes a record; " + what).isTrue();
            return;
        }
        assertThat(after.fence()).as(what).isBetween(before.fence(), before.fence() + 1);
        assertThat(after.version()).as(what).isBetween(before.version(), before.version() + 1);
        boolean taken = after.fence() > before.fence();
        if (taken) {
            assertThat(claim).as("only a claim takes over; " + what).isTrue();
            assertThat(after.version()).as(what).isEqualTo(before.version() + 1);
            assertThat(after.state()).as(what).isEqualTo(RecordState.IN_PROGRESS);
        } else {
            assertThat(after.token().equals(before.token()))
                    .as("a decision takes the token, and nothing else does; " + what)
                    .isEqualTo(event != Event.RESOLVE);
            assertThat(after.owner()).as(what).isEqualTo(before.owner());
            assertThat(after.fingerprint()).as(what).isEqualTo(before.fingerprint());
            assertThat(after.createdAt()).as(what).isEqualTo(before.createdAt());
            assertThat(after.expiresAt()).as(what).isEqualTo(before.expiresAt());
        }
        numbers(before, after, now, event, taken, what);
        if (before.state().isFinished()) {
            assertThat((taken && ClaimMachine.isPurgeable(before, now))
                            || (event == Event.RESOLVE && ClaimMachine.isRetired(after)))
                    .as("a finished record changes only past its retention, or when it is retired; " + what)
                    .isTrue();
        }
        if (event == Event.CHECKPOINT) {
            assertThat(after.version()).as(what).isEqualTo(before.version() + 1);
            assertThat(after.state()).as(what).isEqualTo(before.state());
        } else if (before.state() == after.state() && !taken) {
            assertThat(after.version())
                    .as("a heartbeat is no transition; " + what)
                    .isEqualTo(before.version());
            assertThat(after.updatedAt()).as(what).isEqualTo(before.updatedAt());
        } else {
            assertThat(after.version()).as(what).isEqualTo(before.version() + 1);
            assertThat(after.updatedAt()).as(what).isEqualTo(now);
        }
        if (after.fingerprint().equals(OTHER_INPUT) != before.fingerprint().equals(OTHER_INPUT)) {
            assertThat(ClaimMachine.isReplaceable(before, now)).as(what).isTrue();
        }
    }

    private static void numbers(
            IdempotencyRecord before, IdempotencyRecord after, Instant now, Event event, boolean taken, String what) {
        boolean replaced = taken && ClaimMachine.isReplaceable(before, now);
        assertThat(after.numbers().life())
                .as("a life begins where a record is replaced; " + what)
                .isEqualTo(before.numbers().life() + (replaced ? 1 : 0));
        if (after.state() == RecordState.RETRYABLE) {
            assertThat(after.numbers().attempt())
                    .as("a released key has no attempt of unknown effect; " + what)
                    .isZero();
        }
        if (after.numbers().providerKey() != before.numbers().providerKey()) {
            assertThat(after.state() == RecordState.RETRYABLE || (taken && ClaimMachine.isPurgeable(before, now)))
                    .as("the provider key stays while an effect is unknown; " + what)
                    .isTrue();
        }
        if (taken && !replaced && before.state() == RecordState.RETRYABLE) {
            assertThat(now)
                    .as("nothing runs within a pause; " + what)
                    .isAfterOrEqualTo(ClaimMachine.claimableFrom(before));
        }
        if (event == Event.HEARTBEAT || event == Event.CHECKPOINT || event == Event.COMPLETE) {
            assertThat(after.numbers()).as(what).isEqualTo(before.numbers());
        }
        assertThat(after.expiresAt()).as(what).isAfterOrEqualTo(before.expiresAt());
    }
}
