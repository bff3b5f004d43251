package io.toolgate.store.contract.mutants;

import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Stores that answer a claim wrongly. */
final class ClaimMutants {
    private ClaimMutants() {}

    /** Selects, decides, then writes, and somebody else may be between. */
    static final class ChecksThenActs extends ModelStore {
        ChecksThenActs(ModelDatabase database) {
            super(database);
        }

        @Override
        protected <T> T commit(RecordId id, Function<@Nullable IdempotencyRecord, Decision<T>> decide) {
            Decision<T> decision = decide.apply(stored(id));
            // The round trip to a database, in which the others select too.
            LockSupport.parkNanos(20_000);
            decision.next().ifPresent(this::write);
            return decision.outcome();
        }
    }

    /** Takes texts for equal that are not. */
    static final class NormalisesKeys extends ModelStore {
        NormalisesKeys(ModelDatabase database) {
            super(database);
        }

        @Override
        protected RecordId identity(RecordId id) {
            return RecordId.of(id.tenant(), id.action(), id.key().toLowerCase(Locale.ROOT));
        }
    }

    /** Takes over without a new fence. */
    static final class KeepsTheFenceOnTakeover extends ModelStore {
        KeepsTheFenceOnTakeover(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            Decision<ClaimOutcome> sound = super.decideClaim(current, request, now);
            IdempotencyRecord next = sound.write();
            if (current == null || next == null || !(sound.outcome() instanceof Acquired acquired)) {
                return sound;
            }
            Lease lease = new Lease(request.id(), request.token(), current.fence());
            return new Decision<>(
                    Records.withFence(next, current.fence()),
                    new Acquired(lease, acquired.version(), acquired.previous()));
        }
    }

    /** Waits for a dead owner for ever. */
    static final class ForgetsExpiry extends ModelStore {
        ForgetsExpiry(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            boolean inProgress = current != null && current.state() == RecordState.IN_PROGRESS;
            return super.decideClaim(
                    inProgress ? Records.withLeaseUntil(current, now.plus(request.lease())) : current, request, now);
        }
    }

    /** Takes over although it was told to hold. */
    static final class RerunsWithoutAsking extends ModelStore {
        RerunsWithoutAsking(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            return super.decideClaim(current, asking(request, OnUnknown.TAKE, request.fingerprint()), now);
        }
    }

    /** Takes over and does not say from what. */
    static final class ForgetsThatTheAttemptBeforeIsUnknown extends ModelStore {
        ForgetsThatTheAttemptBeforeIsUnknown(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            Decision<ClaimOutcome> sound = super.decideClaim(current, request, now);
            if (!(sound.outcome() instanceof Acquired acquired)
                    || acquired.previous() == null
                    || !acquired.previous().effectUnknown()) {
                return sound;
            }
            Previous known =
                    new Previous(RecordState.RETRYABLE, acquired.previous().fence(), null);
            return new Decision<>(sound.write(), new Acquired(acquired.lease(), acquired.version(), known));
        }
    }

    /** Decides by a clock of its own, which is an hour ahead in every second process. */
    static final class TrustsTheClockOfItsHost extends ModelStore {
        private final Duration skew;

        TrustsTheClockOfItsHost(ModelDatabase database) {
            super(database);
            this.skew = Duration.ofHours(database.nextNumber() % 2);
        }

        @Override
        protected Instant now() {
            return super.now().plus(skew);
        }
    }

    /** Says that it pushes hints, and does not. */
    static final class NeverTellsSubscribers extends ModelStore {
        NeverTellsSubscribers(ModelDatabase database) {
            super(database);
            pushHints(false);
        }
    }

    /** Replays a key's result to another input. */
    static final class IgnoresTheFingerprint extends ModelStore {
        IgnoresTheFingerprint(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            return super.decideClaim(
                    current,
                    current == null ? request : asking(request, request.onUnknown(), current.fingerprint()),
                    now);
        }
    }

    /** Lets nobody near a key whose run failed without an effect. */
    static final class KeepsReleasedKeysBusy extends ModelStore {
        KeepsReleasedKeysBusy(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            return current != null && current.state() == RecordState.RETRYABLE
                    ? new Decision<>(null, new Busy(request.lease()))
                    : super.decideClaim(current, request, now);
        }
    }

    /** Takes a result that cannot be given to anybody for none. */
    static final class RerunsWhatHasNoResult extends ModelStore {
        RerunsWhatHasNoResult(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            Payload result = current == null ? null : current.result();
            boolean unavailable = result != null && !result.isAvailable();
            return super.decideClaim(
                    unavailable ? Records.withState(current, RecordState.RETRYABLE, result.reason()) : current,
                    request,
                    now);
        }
    }

    /** Does not mind being closed. */
    static final class GoesOnWhenClosed extends ModelStore {
        GoesOnWhenClosed(ModelDatabase database) {
            super(database);
        }

        @Override
        public void close() {}
    }

    /** Takes a repeated claim for another one. */
    static final class DoesNotKnowItsOwnClaim extends ModelStore {
        DoesNotKnowItsOwnClaim(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            boolean own = current != null
                    && current.state() == RecordState.IN_PROGRESS
                    && current.token().equals(request.token());
            ClaimToken another =
                    new ClaimToken(~request.token().high(), ~request.token().low());
            return super.decideClaim(own ? Records.withToken(current, another) : current, request, now);
        }
    }

    private static ClaimRequest asking(ClaimRequest r, OnUnknown onUnknown, InputFingerprint fingerprint) {
        return new ClaimRequest(
                r.id(), r.token(), r.owner(), fingerprint, r.lease(), r.retention(), onUnknown, r.maxAttempts());
    }
}
