package io.toolgate.store;

import io.toolgate.Failure;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimOutcome.InDoubt;
import io.toolgate.store.ClaimOutcome.Mismatched;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ResolveOutcome.AlreadyResolved;
import io.toolgate.store.ResolveOutcome.Refused;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveOutcome.Why;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The life of a record, as a pure function: given what is stored, what is asked and the store's time, what is written
 * and what is answered. No I/O, no clock, no state.
 *
 * <pre>
 *                      claim                complete
 *        (absent) ───────────────▶ IN_PROGRESS ─────────▶ COMPLETED
 *                                  │ ▲   ▲  │ fail(rejected)
 *                  fail(not        │ │   │  └───────────▶ REJECTED
 *                  executed)       ▼ │   │
 *                          RETRYABLE─┘   │ claim (take): probe or rerun
 *                          claim         │
 *                                  IN_DOUBT ◀── fail(unknown), or a claim that finds an ended lease and holds
 *                                     └──▶ COMPLETED, REJECTED, RETRYABLE: the late truth of the same token,
 *                                          or somebody's decision
 * </pre>
 *
 * <p>A finished record that is retired becomes RETRYABLE, too, and the claim after that begins a new one.
 *
 * <p>Who moves it: the owner of the latest claim, known by its token, with complete, fail, checkpoint and heartbeat; anybody,
 * with a claim, once the record is released, in doubt, out of its lease, or ended and past its retention; and a person, or who
 * speaks for one, with a decision about the very state that was looked at.
 *
 * <p>What can race, and why it is harmless: two claims of one state, of which a store lets one win (it must apply a
 * decision only to the very state that the decision was made on); a takeover against the old owner's heartbeat or
 * completion, of which the first to commit wins, because the takeover changes the token and the completion changes the
 * state; and a late completion of a record in doubt against a claim of it, for the same reason. The clock decides only
 * whether a lease or a retention is over, never who the owner is.
 */
public final class ClaimMachine {
    private ClaimMachine() {}

    /** The code of the failure that a holding claim gives to a record whose lease ended. */
    public static final String OWNER_VANISHED = "owner-vanished";

    /** The code of the failure shown to an owner that recognises its own takeover after a lost acknowledgement. */
    public static final String ACKNOWLEDGEMENT_LOST = "acknowledgement-lost";

    /** The code of the failure that a retired record shows until the next claim begins a new one. */
    public static final String RETIRED = "toolgate:retired";

    /** The code of the failure that a record shows which somebody resolved to be run again. */
    public static final String RESOLVED = "toolgate:resolved";

    /** The code of the failure of a doubtful record that is not asked about any more: a person must resolve it. */
    public static final String QUARANTINED = "toolgate:quarantined";

    /**
     * What to do: the record to write, if any, and what to answer once it is durable.
     *
     * @param write the record's next state, or null to leave what is stored untouched
     * @param outcome the answer
     */
    public record Decision<T>(@Nullable IdempotencyRecord write, T outcome) {
        /** The record's next state, if it has one. */
        public Optional<IdempotencyRecord> next() {
            return Optional.ofNullable(write);
        }
    }

    /** Decides a claim that finds {@code current}, null meaning no record. */
    public static Decision<ClaimOutcome> claim(@Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
        if (current == null) {
            return acquire(request, 1, 1, now, now, null);
        }
        if (current.token().equals(request.token()) && current.state() == RecordState.IN_PROGRESS) {
            return answer(new Acquired(current.lease(), current.version(), beforeOwnClaim(current, request)));
        }
        // Retention comes before the fingerprint: what a caller sees must not depend on whether a purge ran already.
        if (beginsAnew(current, now)) {
            return takeOver(current, request, now, now);
        }
        if (!current.fingerprint().equals(request.fingerprint())) {
            return answer(new Mismatched(current.asOf(now)));
        }
        return switch (current.state()) {
            case COMPLETED, REJECTED -> answer(new Finished(current.asOf(now)));
            case RETRYABLE -> takeOver(current, request, current.createdAt(), now);
            case IN_PROGRESS ->
                now.isBefore(current.leaseUntil())
                        ? answer(new Busy(Duration.between(now, current.leaseUntil())))
                        : holds(current, request)
                                ? markInDoubt(current, now)
                                : takeOver(current, request, current.createdAt(), now);
            case IN_DOUBT ->
                holds(current, request)
                        ? answer(new InDoubt(current.asOf(now)))
                        : takeOver(current, request, current.createdAt(), now);
        };
    }

    /** Decides a heartbeat: whether {@code lease} still owns the record, which is then kept for {@code duration}. */
    public static Decision<Boolean> heartbeat(
            @Nullable IdempotencyRecord current, Lease lease, Duration duration, Instant now) {
        if (current == null || !owns(lease, current) || current.state() != RecordState.IN_PROGRESS) {
            return new Decision<>(null, false);
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
     * @param before the mark of this name that the record has, if it has one
     */
    public static Decision<TransitionOutcome> checkpoint(
            @Nullable IdempotencyRecord current, @Nullable Checkpoint before, Lease lease, Payload value, Instant now) {
        if (current == null || !owns(lease, current)) {
            return answer(new LeaseLost(current == null ? null : current.asOf(now)));
        }
        if (current.state() != RecordState.IN_PROGRESS && current.state() != RecordState.IN_DOUBT) {
            return answer(new LeaseLost(current.asOf(now)));
        }
        if (before != null
                && before.fence() == current.fence()
                && before.value().equals(value)) {
            return answer(new AlreadyApplied(current.state(), current.version(), before.at()));
        }
        // How long a doubt lasts counts from the doubt, not from what was learned about it.
        Instant updatedAt = current.state() == RecordState.IN_DOUBT ? current.updatedAt() : now;
        IdempotencyRecord next = new IdempotencyRecord(
                current.id(),
                current.state(),
                current.fence(),
                current.version() + 1,
                current.token(),
                current.owner(),
                current.leaseUntil(),
                current.fingerprint(),
                null,
                current.failure(),
                current.createdAt(),
                updatedAt,
                current.expiresAt(),
                now);
        return new Decision<>(next, new Applied(current.state(), current.state(), next.version(), now));
    }

    /** Decides what becomes of somebody's decision about a record. */
    public static Decision<ResolveOutcome> resolve(
            @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
        if (current == null) {
            return answer(new Refused(Why.ABSENT, null));
        }
        if (current.token().equals(request.token())) {
            return answer(new AlreadyResolved(current.state(), current.version(), current.updatedAt()));
        }
        Why why = whyNot(current, request, now);
        if (why != null) {
            return answer(new Refused(why, current.asOf(now)));
        }
        IdempotencyRecord next = new IdempotencyRecord(
                current.id(),
                request.target(),
                current.fence(),
                current.version() + 1,
                request.token(),
                current.owner(),
                current.leaseUntil(),
                current.fingerprint(),
                request.result(),
                request.failure(),
                current.createdAt(),
                now,
                current.expiresAt(),
                now);
        return new Decision<>(next, new Resolved(current.state(), next.state(), next.version(), now));
    }

    private static @Nullable Why whyNot(IdempotencyRecord current, ResolveRequest request, Instant now) {
        if (current.fence() != request.fence() || current.version() != request.version()) {
            return Why.MOVED;
        }
        if (request.verdict() instanceof ResolveRequest.Verdict.Retire) {
            return current.state().isFinished() ? null : Why.NOT_FINISHED;
        }
        return switch (current.state()) {
            case COMPLETED, REJECTED -> Why.FINISHED;
            case RETRYABLE -> Why.FREE;
            case IN_PROGRESS -> now.isBefore(current.leaseUntil()) ? Why.RUNNING : null;
            case IN_DOUBT -> null;
        };
    }

    /** Decides the completion of a run. */
    public static Decision<TransitionOutcome> complete(
            @Nullable IdempotencyRecord current, Lease lease, Payload result, Instant now) {
        return transition(current, lease, RecordState.COMPLETED, result, null, now);
    }

    /** Decides the failure of a run. */
    public static Decision<TransitionOutcome> fail(
            @Nullable IdempotencyRecord current, Lease lease, Failure failure, Instant now) {
        return transition(current, lease, stateAfter(failure), null, failure, now);
    }

    /** The state that a failure of this kind leads to. */
    public static RecordState stateAfter(Failure failure) {
        return switch (failure.kind()) {
            case REJECTED -> RecordState.REJECTED;
            case NOT_EXECUTED -> RecordState.RETRYABLE;
            case UNKNOWN -> RecordState.IN_DOUBT;
        };
    }

    /** Whether retention allows to delete or to overwrite {@code record}: it has ended, and {@link #purgeableFrom} is over. */
    public static boolean isPurgeable(IdempotencyRecord record, Instant now) {
        return record.state().isEnded() && !now.isBefore(purgeableFrom(record));
    }

    /**
     * When the retention of {@code record}, once it has ended, is over: when its time is, and its end is as old as its time was
     * long. The last keeps what a long run stored, or what was learned late about a doubt, from being forgotten the moment it
     * is known.
     */
    public static Instant purgeableFrom(IdempotencyRecord record) {
        Instant afterItsEnd = record.updatedAt().plus(Duration.between(record.createdAt(), record.expiresAt()));
        return afterItsEnd.isAfter(record.expiresAt()) ? afterItsEnd : record.expiresAt();
    }

    /**
     * When a decision may be forgotten, where no journal keeps it for good and its key has no record any more: when it is as
     * old as the record was to be kept. Until then a retirement also keeps the record that came after it from being purged:
     * attempts are counted from it, which they could not be in a record that began at fence 1 again.
     */
    public static Instant forgettableFrom(KeyHistory.Entry entry) {
        return entry.at()
                .plus(Duration.between(
                        entry.before().createdAt(), entry.before().expiresAt()));
    }

    /**
     * The fence that attempts of {@code record}, null if there is none, count from: that of its last retirement, 0 if there was
     * none. A retirement does not count for a life that began when it might be forgotten already: whether a purge did forget it
     * must make no difference, and nothing may change in the middle of a life, since provider keys are made from this.
     */
    public static long retiredFence(List<KeyHistory.Entry> entries, @Nullable IdempotencyRecord record) {
        return entries.stream()
                .filter(entry -> entry.decision() == KeyHistory.Decision.RETIRED)
                .filter(entry -> record == null || forgettableFrom(entry).isAfter(record.createdAt()))
                .mapToLong(entry -> entry.before().fence())
                .max()
                .orElse(0);
    }

    /** Whether {@code record} was retired, and is there only to keep count of fences and versions. */
    public static boolean isRetired(IdempotencyRecord record) {
        return record.state() == RecordState.RETRYABLE && hasCode(record, RETIRED);
    }

    /** Whether a claim of {@code record} begins a new one, with whatever input: it was retired, or its retention is over. */
    public static boolean beginsAnew(IdempotencyRecord record, Instant now) {
        return isRetired(record) || isPurgeable(record, now);
    }

    /** Whether {@code record} is in doubt and only a person, or the late word of its owner, shall end that. */
    public static boolean isQuarantined(IdempotencyRecord record) {
        return record.state() == RecordState.IN_DOUBT && hasCode(record, QUARANTINED);
    }

    private static boolean hasCode(IdempotencyRecord record, String code) {
        return record.failure() != null && record.failure().code().equals(code);
    }

    /** Whether nobody knows if the effect of {@code record} happened: in doubt, or in progress under an ended lease. */
    public static boolean isUnfinished(IdempotencyRecord record, Instant now) {
        return record.state() == RecordState.IN_DOUBT
                || (record.state() == RecordState.IN_PROGRESS && !now.isBefore(record.leaseUntil()));
    }

    private static Decision<TransitionOutcome> transition(
            @Nullable IdempotencyRecord current,
            Lease lease,
            RecordState target,
            @Nullable Payload result,
            @Nullable Failure failure,
            Instant now) {
        if (current == null || !owns(lease, current)) {
            return answer(new LeaseLost(current == null ? null : current.asOf(now)));
        }
        if (current.state() == target) {
            // A second, different result or rejection is refused; another wording of the same doubt or release is not
            // news.
            boolean same = !target.isFinished()
                    || (Objects.equals(result, current.result()) && Objects.equals(failure, current.failure()));
            return answer(
                    same
                            ? new AlreadyApplied(target, current.version(), current.updatedAt())
                            : new LeaseLost(current.asOf(now)));
        }
        if (current.state() != RecordState.IN_PROGRESS && current.state() != RecordState.IN_DOUBT) {
            return answer(new LeaseLost(current.asOf(now)));
        }
        IdempotencyRecord next = moved(current, target, result, failure, now);
        return new Decision<>(next, new Applied(current.state(), target, next.version(), now));
    }

    private static boolean owns(Lease lease, IdempotencyRecord current) {
        return current.token().equals(lease.token());
    }

    private static boolean holds(IdempotencyRecord current, ClaimRequest request) {
        return request.onUnknown() == OnUnknown.HOLD
                || current.fence() >= request.maxAttempts()
                || isQuarantined(current);
    }

    /**
     * What an owner that recognises its own claim must assume about the attempt before it: the takeover overwrote the
     * evidence. A holding claim takes only what is known not to have run; any other may stand in for one that did.
     */
    private static @Nullable Previous beforeOwnClaim(IdempotencyRecord current, ClaimRequest request) {
        if (current.fence() == 1 || request.onUnknown() == OnUnknown.HOLD) {
            return null;
        }
        return new Previous(
                RecordState.IN_DOUBT,
                current.fence() - 1,
                Failure.unknown(ACKNOWLEDGEMENT_LOST, "the answer that said how the previous attempt ended was lost"));
    }

    private static Decision<ClaimOutcome> takeOver(
            IdempotencyRecord current, ClaimRequest request, Instant createdAt, Instant now) {
        Previous previous = new Previous(current.state(), current.fence(), current.failure());
        return acquire(request, current.fence() + 1, current.version() + 1, createdAt, now, previous);
    }

    private static Decision<ClaimOutcome> acquire(
            ClaimRequest request,
            long fence,
            long version,
            Instant createdAt,
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
                null,
                null,
                createdAt,
                now,
                now.plus(request.retention()),
                now);
        return new Decision<>(claimed, new Acquired(claimed.lease(), version, previous));
    }

    private static Decision<ClaimOutcome> markInDoubt(IdempotencyRecord current, Instant now) {
        Failure vanished = Failure.unknown(
                OWNER_VANISHED,
                "attempt " + current.fence() + " of owner " + current.owner() + " held a lease until "
                        + current.leaseUntil() + " and left no result");
        IdempotencyRecord doubtful = moved(current, RecordState.IN_DOUBT, null, vanished, now);
        return new Decision<>(doubtful, new InDoubt(doubtful));
    }

    private static IdempotencyRecord moved(
            IdempotencyRecord current,
            RecordState state,
            @Nullable Payload result,
            @Nullable Failure failure,
            Instant now) {
        return new IdempotencyRecord(
                current.id(),
                state,
                current.fence(),
                current.version() + 1,
                current.token(),
                current.owner(),
                current.leaseUntil(),
                current.fingerprint(),
                result,
                failure,
                current.createdAt(),
                now,
                current.expiresAt(),
                now);
    }

    private static <T> Decision<T> answer(T outcome) {
        return new Decision<>(null, outcome);
    }
}
