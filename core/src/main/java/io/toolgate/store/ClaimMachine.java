package io.toolgate.store;

import io.toolgate.Failure;
import io.toolgate.internal.base.Backoff;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimOutcome.InDoubt;
import io.toolgate.store.ClaimOutcome.Mismatched;
import io.toolgate.store.ClaimOutcome.Paused;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ResolveOutcome.AlreadyResolved;
import io.toolgate.store.ResolveOutcome.RefusalReason;
import io.toolgate.store.ResolveOutcome.Refused;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a record, as a pure function: the stored record, an event and the store's time decide what is
 * written and what is answered. No I/O, no clock, no state. The memory store runs on it, and every other store is
 * tested against it.
 *
 * <pre>
 *                   claim                     complete
 *   (no record) ──────────────▶ IN_PROGRESS ────────────────▶ COMPLETED
 *                                │ ▲   ▲  │ fail (rejected)
 *            fail (not executed) │ │   │  └─────────────────▶ REJECTED
 *                                ▼ │   │
 *                        RETRYABLE ┘   │ claim that takes over: probe or rerun
 *                          claim       │
 *                                  IN_DOUBT ◀── fail (unknown), or a claim that holds a record whose lease has ended
 *                                      └──▶ COMPLETED, REJECTED or RETRYABLE, by a late result of the same token
 *                                           or by an operator's decision
 *                   COMPLETED, result unavailable ──▶ COMPLETED, by an operator who supplies the result
 * </pre>
 *
 * <h2>States</h2>
 *
 * <ul>
 *   <li>{@code IN_PROGRESS}: the latest attempt holds a lease. While the lease is live, no other attempt may run. Once
 *       it has ended, the owner is presumed dead and the effect is unknown.
 *   <li>{@code COMPLETED} and {@code REJECTED}: finished. The result or the final failure is replayed and never
 *       changes. A record that was completed without a result to replay can still be given one, see {@link
 *       #lacksResult}.
 *   <li>{@code RETRYABLE}: released. No attempt had an effect, certainly; a claim runs again, after a pause that grows
 *       with the number of runs in a row that were refused, see {@link #claimableFrom}. However many there are, the key
 *       stays free. A record that was retired is RETRYABLE too, with the code {@link Failure.Codes#RETIRED}.
 *   <li>{@code IN_DOUBT}: the effect is unknown, and no claim may take over without a probe or a declared rerun.
 * </ul>
 *
 * <p>Every claim that is acquired has a new token and the next fence, and every transition the next version. Fences and
 * versions never go back, not even when a claim replaces a retired or expired record by a new one.
 *
 * <h2>Numbers</h2>
 *
 * <p>What a record must know about the attempts before, it carries in its {@link RecordNumbers}:
 *
 * <ul>
 *   <li>A claim that is to run counts an attempt; one that is to probe does not. An attempt that certainly had no
 *       effect, or never started, is taken back. When no effect is unknown any more, the count is 0.
 *   <li>A run that was refused adds to the refusals; one that ended otherwise sets them to 0.
 *   <li>The number of the provider key grows with a retirement, and with a release whose failure the provider
 *       remembers. A record is released only when no effect is unknown: while one is, the number stays.
 *   <li>A claim that replaces a record begins the next life, with one attempt and no refusals. Past its retention the
 *       number of the provider key is 0 again, as if a purge had deleted the record.
 * </ul>
 *
 * <h2>Events and their senders</h2>
 *
 * <ul>
 *   <li><em>Claim</em>, by any caller. Its answer depends on the record, see below.
 *   <li><em>Heartbeat</em>, <em>checkpoint</em>, <em>complete</em> and <em>fail</em>, by the owner: the holder of the
 *       latest claim's token. All but the heartbeat are accepted in IN_PROGRESS, even after the lease ended, and in
 *       IN_DOUBT: a late result of the original owner is better than a doubt.
 *   <li><em>Resolve</em>, by an operator: ends a doubt, supplies a result that is unavailable, or retires a finished
 *       record. It names the fence and version that the operator has seen, and applies to that version only.
 * </ul>
 *
 * <h2>What a claim finds</h2>
 *
 * <p>The first that fits decides:
 *
 * <ol>
 *   <li>No record: acquired, with fence 1.
 *   <li>A record in progress with the claim's own token: acquired as before; only the acknowledgement was lost.
 *   <li>A retired record, or one past its retention: replaced by a new one, and acquired.
 *   <li>A record with another fingerprint: mismatched.
 *   <li>COMPLETED or REJECTED: finished, to be replayed.
 *   <li>RETRYABLE: paused if its runs were refused just now, else acquired.
 *   <li>IN_PROGRESS under a live lease: busy.
 *   <li>IN_PROGRESS under an ended lease, or IN_DOUBT: held in doubt, with token and fence kept, or taken over, as
 *       {@link OnUnknown} says. Always held if it is quarantined; held instead of rerun if the attempts are used up, or
 *       the latest rerun was refused just now.
 * </ol>
 *
 * <h2>What can race</h2>
 *
 * <p>A store must apply a decision only to the very record that it was made on, and decide again otherwise. Then:
 *
 * <ul>
 *   <li>Two claims of one record: one is applied, and the other finds a live lease.
 *   <li>A takeover against the former owner's heartbeat or result: the first to commit wins. A takeover changes the
 *       token, so that the owner is refused; a result changes the state, so that the takeover finds a finished record.
 *   <li>A late result of a record in doubt, against a claim or a resolve of it: likewise.
 *   <li>Any event against a repetition of itself after a lost acknowledgement: the token shows that it was applied, and
 *       the answer is given again without a write.
 * </ul>
 *
 * <p>The clock decides only whether a lease or a retention has ended; the token alone decides who owns the record.
 */
public final class ClaimMachine {
    /** The pause after refused runs: a herd of duplicates does not hammer a provider that is down. */
    private static final Backoff PAUSE = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30));

    private ClaimMachine() {}

    /**
     * Result of an event: the record to write, if any, and the answer to give once the write is durable.
     *
     * @param write the record's next state, or null to write nothing
     * @param outcome the answer
     */
    public record Decision<T>(@Nullable IdempotencyRecord write, T outcome) {
        /** The record's next state; empty to write nothing. */
        public Optional<IdempotencyRecord> next() {
            return Optional.ofNullable(write);
        }
    }

    // Claims.

    /** Decides a claim that finds {@code current}, null meaning no record. */
    public static Decision<ClaimOutcome> claim(@Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
        if (current == null) {
            return acquire(request, 1, 1, RecordNumbers.FIRST, now, now.plus(request.retention()), now, null);
        }
        if (current.token().equals(request.token()) && current.state() == RecordState.IN_PROGRESS) {
            return answer(new Acquired(
                    current.lease(), current.version(), current.numbers(), previousOfOwnClaim(current, request)));
        }
        // Before the fingerprint: the answer must not depend on whether a purge has deleted the record yet.
        if (isReplaceable(current, now)) {
            return replace(current, request, now);
        }
        if (!current.fingerprint().equals(request.fingerprint())) {
            return answer(new Mismatched(current.asOf(now)));
        }
        return switch (current.state()) {
            case COMPLETED, REJECTED -> answer(new Finished(current.asOf(now)));
            case RETRYABLE ->
                now.isBefore(claimableFrom(current))
                        ? answer(new Paused(current.asOf(now)))
                        : takeOver(current, request, now);
            case IN_PROGRESS ->
                now.isBefore(current.leaseUntil())
                        ? answer(new Busy(
                                Duration.between(now, current.leaseUntil()),
                                Duration.between(current.updatedAt(), now)))
                        : mustHold(current, request) ? putInDoubt(current, now) : takeOver(current, request, now);
            case IN_DOUBT ->
                mustHold(current, request)
                                || (request.onUnknown() == OnUnknown.RERUN && now.isBefore(claimableFrom(current)))
                        ? answer(new InDoubt(current.asOf(now), false))
                        : takeOver(current, request, now);
        };
    }

    private static boolean mustHold(IdempotencyRecord current, ClaimRequest request) {
        return request.onUnknown() == OnUnknown.HOLD
                || (request.onUnknown() == OnUnknown.RERUN && current.numbers().attempt() >= request.maxAttempts())
                || isQuarantined(current);
    }

    /**
     * The previous attempt, for an owner that recognises its own claim. Its takeover has overwritten what the record
     * said before, so the worst is assumed: unless the claim holds, and so takes over only what certainly did not run,
     * or is the only attempt that counts, the effect is unknown.
     */
    private static @Nullable Previous previousOfOwnClaim(IdempotencyRecord current, ClaimRequest request) {
        boolean certainlyNone = switch (request.onUnknown()) {
            case HOLD -> true;
            case RERUN -> current.numbers().attempt() == 1;
            case PROBE -> current.fence() == 1;
        };
        if (certainlyNone) {
            return null;
        }
        return new Previous(
                RecordState.IN_DOUBT,
                current.fence() - 1,
                Failure.unknown(
                        Failure.Codes.ACKNOWLEDGEMENT_LOST,
                        "the store's answer to the takeover was lost, and with it the result of the previous attempt"));
    }

    private static Decision<ClaimOutcome> takeOver(IdempotencyRecord current, ClaimRequest request, Instant now) {
        RecordNumbers before = current.numbers();
        boolean probes = request.onUnknown() == OnUnknown.PROBE && isUnfinished(current, now);
        // Never earlier: the retention of a retirement must outlast any later claim of the same life.
        Instant expiresAt = later(current.expiresAt(), now.plus(request.retention()));
        return acquire(
                request,
                current.fence() + 1,
                current.version() + 1,
                probes ? before : before.withAttempt(before.attempt() + 1),
                current.createdAt(),
                expiresAt,
                now,
                previousOf(current));
    }

    /** Begins the next life of a key. A retired record, and so its fence and numbers, is kept for its own retention. */
    private static Decision<ClaimOutcome> replace(IdempotencyRecord current, ClaimRequest request, Instant now) {
        return acquire(
                request,
                current.fence() + 1,
                current.version() + 1,
                new RecordNumbers(
                        current.numbers().life() + 1,
                        1,
                        0,
                        isPurgeable(current, now) ? 0 : current.numbers().providerKey()),
                now,
                later(now.plus(request.retention()), purgeableFrom(current)),
                now,
                previousOf(current));
    }

    private static Previous previousOf(IdempotencyRecord current) {
        return new Previous(current.state(), current.fence(), current.failure());
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Decision<ClaimOutcome> acquire(
            ClaimRequest request,
            long fence,
            long version,
            RecordNumbers numbers,
            Instant createdAt,
            Instant expiresAt,
            Instant now,
            @Nullable Previous previous) {
        IdempotencyRecord claimed = new IdempotencyRecord(
                request.id(),
                RecordState.IN_PROGRESS,
                fence,
                version,
                request.token(),
                request.owner(),
                now.plus(request.lease()),
                request.fingerprint(),
                request.storesRows(),
                numbers,
                null,
                null,
                createdAt,
                now,
                expiresAt,
                now);
        return new Decision<>(claimed, new Acquired(claimed.lease(), version, numbers, previous));
    }

    private static Decision<ClaimOutcome> putInDoubt(IdempotencyRecord current, Instant now) {
        Failure vanished = Failure.unknown(
                Failure.Codes.OWNER_VANISHED,
                "attempt " + current.fence() + " of owner " + current.owner() + " held a lease until "
                        + current.leaseUntil() + " and stored no result");
        IdempotencyRecord doubtful = moved(
                current,
                current.token(),
                RecordState.IN_DOUBT,
                current.numbers().withRefusals(0),
                null,
                vanished,
                now,
                now);
        return new Decision<>(doubtful, new InDoubt(doubtful, true));
    }

    // Transitions of the owner.

    /**
     * Decides a heartbeat: whether {@code lease} still owns the record, whose lease then ends {@code duration} from
     * now.
     */
    public static Decision<Boolean> heartbeat(
            @Nullable IdempotencyRecord current, Lease lease, Duration duration, Instant now) {
        Preconditions.positive(duration, "lease");
        if (current == null || !owns(lease, current) || current.state() != RecordState.IN_PROGRESS) {
            return answer(false);
        }
        return new Decision<>(
                new IdempotencyRecord(
                        current.id(),
                        current.state(),
                        current.fence(),
                        current.version(),
                        current.token(),
                        current.owner(),
                        now.plus(duration),
                        current.fingerprint(),
                        current.storesRows(),
                        current.numbers(),
                        null,
                        null,
                        current.createdAt(),
                        current.updatedAt(),
                        current.expiresAt(),
                        now),
                true);
    }

    /**
     * Decides a checkpoint.
     *
     * @param before the record's present checkpoint of this name, if it has one
     */
    public static Decision<TransitionOutcome> checkpoint(
            @Nullable IdempotencyRecord current, @Nullable Checkpoint before, Lease lease, Payload value, Instant now) {
        if (current == null || !owns(lease, current) || !acceptsResult(current)) {
            return leaseLost(current, now);
        }
        if (before != null
                && before.fence() == current.fence()
                && before.value().equals(value)) {
            return answer(new AlreadyApplied(current.state(), current.version(), before.at()));
        }
        // A doubt is as old as its beginning, however much is written during it.
        Instant updatedAt = current.state() == RecordState.IN_DOUBT ? current.updatedAt() : now;
        IdempotencyRecord next = moved(
                current, current.token(), current.state(), current.numbers(), null, current.failure(), updatedAt, now);
        return new Decision<>(next, new Applied(current.state(), current.state(), next.version(), now));
    }

    /** Decides the completion of a run with a result. */
    public static Decision<TransitionOutcome> complete(
            @Nullable IdempotencyRecord current, Lease lease, Payload result, Instant now) {
        return finish(current, lease, RecordState.COMPLETED, UnaryOperator.identity(), result, null, now);
    }

    /**
     * Decides the completion of a run with a failure.
     *
     * @param effect what is known about the effect of this run alone
     */
    public static Decision<TransitionOutcome> fail(
            @Nullable IdempotencyRecord current, Lease lease, Failure failure, RunEffect effect, Instant now) {
        return finish(
                current,
                lease,
                stateAfter(failure),
                numbers -> numbersAfter(numbers, failure, effect),
                null,
                failure,
                now);
    }

    /** The numbers of a record, {@code before}, whose run ended with {@code failure}. */
    public static RecordNumbers numbersAfter(RecordNumbers before, Failure failure, RunEffect effect) {
        int refusals = switch (effect) {
            case NOT_STARTED -> before.refusals();
            case NONE -> before.refusals() + 1;
            case UNKNOWN -> 0;
        };
        if (stateAfter(failure) == RecordState.RETRYABLE) {
            int providerKey = before.providerKey() + (failure.isRememberedByProvider() ? 1 : 0);
            return new RecordNumbers(before.life(), 0, refusals, providerKey);
        }
        int takenBack = effect == RunEffect.UNKNOWN ? 0 : 1;
        return before.withRefusals(refusals).withAttempt(Math.max(0, before.attempt() - takenBack));
    }

    /** The state of a record whose run ended with {@code failure}. */
    public static RecordState stateAfter(Failure failure) {
        return switch (failure.kind()) {
            case REJECTED -> RecordState.REJECTED;
            case NOT_EXECUTED -> RecordState.RETRYABLE;
            case UNKNOWN -> RecordState.IN_DOUBT;
        };
    }

    private static Decision<TransitionOutcome> finish(
            @Nullable IdempotencyRecord current,
            Lease lease,
            RecordState target,
            UnaryOperator<RecordNumbers> numbers,
            @Nullable Payload result,
            @Nullable Failure failure,
            Instant now) {
        if (current == null || !owns(lease, current)) {
            return leaseLost(current, now);
        }
        if (current.state() == target) {
            // A different result or final failure is refused. A different message of the same doubt or release is
            // dropped.
            boolean same = !target.isFinished()
                    || (Objects.equals(result, current.result()) && Objects.equals(failure, current.failure()));
            return same
                    ? answer(new AlreadyApplied(target, current.version(), current.updatedAt()))
                    : leaseLost(current, now);
        }
        if (!acceptsResult(current)) {
            return leaseLost(current, now);
        }
        IdempotencyRecord next =
                moved(current, current.token(), target, numbers.apply(current.numbers()), result, failure, now, now);
        return new Decision<>(next, new Applied(current.state(), target, next.version(), now));
    }

    private static boolean owns(Lease lease, IdempotencyRecord current) {
        return current.token().equals(lease.token());
    }

    private static boolean acceptsResult(IdempotencyRecord current) {
        return current.state() == RecordState.IN_PROGRESS || current.state() == RecordState.IN_DOUBT;
    }

    private static Decision<TransitionOutcome> leaseLost(@Nullable IdempotencyRecord current, Instant now) {
        return answer(new LeaseLost(current == null ? null : current.asOf(now)));
    }

    // Decisions of operators.

    /** Decides whether an operator's verdict applies to the record. */
    public static Decision<ResolveOutcome> resolve(
            @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
        if (current == null) {
            return answer(new Refused(RefusalReason.ABSENT, null));
        }
        if (current.token().equals(request.token())) {
            return answer(new AlreadyResolved(current.state(), current.version(), current.updatedAt()));
        }
        RefusalReason refusal = refusalOf(current, request, now);
        if (refusal != null) {
            return answer(new Refused(refusal, current.asOf(now)));
        }
        // The new token takes the record from its former owner.
        IdempotencyRecord next = moved(
                current,
                request.token(),
                request.target(),
                numbersAfter(current.numbers(), request.verdict()),
                request.result(),
                request.failure(),
                now,
                now);
        return new Decision<>(next, new Resolved(current.state(), next.state(), next.version(), now));
    }

    private static RecordNumbers numbersAfter(RecordNumbers before, ResolveRequest.Verdict verdict) {
        if (verdict instanceof ResolveRequest.Verdict.Retry) {
            return before.withAttempt(0).withRefusals(0);
        }
        return verdict instanceof ResolveRequest.Verdict.Retire
                ? before.withAttempt(0).withRefusals(0).withProviderKey(before.providerKey() + 1)
                : before;
    }

    private static @Nullable RefusalReason refusalOf(IdempotencyRecord current, ResolveRequest request, Instant now) {
        if (current.fence() != request.fence() || current.version() != request.version()) {
            return RefusalReason.MOVED;
        }
        if (request.verdict() instanceof ResolveRequest.Verdict.Retire) {
            return current.state().isFinished() ? null : RefusalReason.NOT_FINISHED;
        }
        RefusalReason rows = leavesRowsOut(current, request.verdict()) ? RefusalReason.STORES_ROWS : null;
        return switch (current.state()) {
            case COMPLETED -> lacksResult(current) ? whyNotSupplied(current, request, now) : RefusalReason.FINISHED;
            case REJECTED -> RefusalReason.FINISHED;
            case RETRYABLE -> RefusalReason.FREE;
            case IN_PROGRESS -> now.isBefore(current.leaseUntil()) ? RefusalReason.RUNNING : rows;
            case IN_DOUBT -> rows;
        };
    }

    /**
     * Why a decision cannot supply the result of {@code current}, which lacks one. Race: its retention ends between the
     * read that this is decided on and the write. Nobody has claimed the key meanwhile, or the write fails: it is as if
     * the decision had been in time.
     */
    private static @Nullable RefusalReason whyNotSupplied(
            IdempotencyRecord current, ResolveRequest request, Instant now) {
        if (isPurgeable(current, now)) {
            // Otherwise an answer to the next call would depend on whether a purge has run.
            return RefusalReason.ABSENT;
        }
        Payload given = request.result();
        return given != null && given.isAvailable() ? null : RefusalReason.RESULT_UNAVAILABLE;
    }

    /** Whether the verdict would complete a record that stores rows with its result, and says nothing of them. */
    private static boolean leavesRowsOut(IdempotencyRecord current, ResolveRequest.Verdict verdict) {
        return current.storesRows()
                && verdict instanceof ResolveRequest.Verdict.Completed completed
                && !completed.rowsSettled();
    }

    // What a record is at a given time.

    /** Whether {@code record} is completed and its result is unavailable: an operator may supply it. */
    public static boolean lacksResult(IdempotencyRecord record) {
        return record.result() != null && !record.result().isAvailable();
    }

    /** Whether {@code record} was retired, and remains only as the origin of the next fence and version. */
    public static boolean isRetired(IdempotencyRecord record) {
        return record.state() == RecordState.RETRYABLE && hasCode(record, Failure.Codes.RETIRED);
    }

    /**
     * Whether {@code record} is in doubt and not probed any more: an operator, or a late result of its owner, resolves
     * it.
     */
    public static boolean isQuarantined(IdempotencyRecord record) {
        return record.state() == RecordState.IN_DOUBT && hasCode(record, Failure.Codes.QUARANTINED);
    }

    private static boolean hasCode(IdempotencyRecord record, String code) {
        return record.failure() != null && record.failure().code().equals(code);
    }

    /**
     * The end of the pause of {@code record} after its runs in a row that certainly had no effect, 100 ms after one and
     * twice as long after each further one, up to 30 s; before it a claim does not run the action. The time of the
     * latest transition if there were none.
     */
    public static Instant claimableFrom(IdempotencyRecord record) {
        return record.updatedAt().plus(pauseAfter(record.numbers().refusals()));
    }

    /** The pause after so many runs in a row that certainly had no effect. */
    public static Duration pauseAfter(int refusals) {
        return PAUSE.after(refusals);
    }

    /** Whether the effect of {@code record} is unknown: in doubt, or in progress under an ended lease. */
    public static boolean isUnfinished(IdempotencyRecord record, Instant now) {
        return record.state() == RecordState.IN_DOUBT
                || (record.state() == RecordState.IN_PROGRESS && !now.isBefore(record.leaseUntil()));
    }

    /**
     * Whether a claim replaces {@code record} by a new one, with any input: it was retired, or its retention has ended.
     */
    public static boolean isReplaceable(IdempotencyRecord record, Instant now) {
        return isRetired(record) || isPurgeable(record, now);
    }

    /**
     * Whether {@code record} may be deleted: its effect is known, and {@link #purgeableFrom(IdempotencyRecord)} has
     * come.
     */
    public static boolean isPurgeable(IdempotencyRecord record, Instant now) {
        return record.state().isOutcomeKnown() && !now.isBefore(purgeableFrom(record));
    }

    /**
     * The end of the retention of {@code record}, if its effect is known. It counts from the last transition, so that
     * the result of a long run, or a late result, is kept for a full retention, and is never before {@code expiresAt}.
     */
    public static Instant purgeableFrom(IdempotencyRecord record) {
        Instant fromLastTransition = record.updatedAt().plus(Duration.between(record.createdAt(), record.expiresAt()));
        return fromLastTransition.isAfter(record.expiresAt()) ? fromLastTransition : record.expiresAt();
    }

    /**
     * When a decision may be deleted, if no journal keeps it for good and its key has no record any more: when the
     * record's retention has passed since the decision.
     */
    public static Instant purgeableFrom(KeyHistory.Entry entry) {
        return entry.at()
                .plus(Duration.between(
                        entry.before().createdAt(), entry.before().expiresAt()));
    }

    private static IdempotencyRecord moved(
            IdempotencyRecord current,
            ClaimToken token,
            RecordState state,
            RecordNumbers numbers,
            @Nullable Payload result,
            @Nullable Failure failure,
            Instant updatedAt,
            Instant now) {
        return new IdempotencyRecord(
                current.id(),
                state,
                current.fence(),
                current.version() + 1,
                token,
                current.owner(),
                current.leaseUntil(),
                current.fingerprint(),
                current.storesRows(),
                numbers,
                result,
                failure,
                current.createdAt(),
                updatedAt,
                current.expiresAt(),
                now);
    }

    private static <T> Decision<T> answer(T outcome) {
        return new Decision<>(null, outcome);
    }
}
