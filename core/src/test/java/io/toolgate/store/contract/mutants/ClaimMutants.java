package io.toolgate.store.contract.mutants;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimOutcome.Mismatched;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import io.toolgate.store.RunEffect;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.Records;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Stores whose claims are broken. */
final class ClaimMutants {
    private static final Failure DOUBT = Failure.unknown("doubt", "any doubt");

    private ClaimMutants() {}

    private interface ClaimDecision {
        Decision<ClaimOutcome> decide(@Nullable IdempotencyRecord current, ClaimRequest request, Instant now);
    }

    private static ModelStore claiming(ModelDatabase database, ClaimDecision decision) {
        return new ModelStore(database) {
            @Override
            protected Decision<ClaimOutcome> decideClaim(
                    @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
                return decision.decide(current, request, now);
            }
        };
    }

    /** Reads, decides and writes in separate steps, between which another claim may write. */
    static final class ChecksThenActs extends ModelStore {
        ChecksThenActs(ModelDatabase database) {
            super(database);
        }

        @Override
        protected <T> T commit(RecordId id, Function<@Nullable IdempotencyRecord, Decision<T>> decide) {
            Decision<T> decision = decide.apply(stored(id));
            // The round trip to a database, during which other claims read too.
            LockSupport.parkNanos(20_000);
            decision.next().ifPresent(this::write);
            return decision.outcome();
        }
    }

    /** Treats keys that differ in case as equal. */
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
    static ModelStore keepsTheFenceOnTakeover(ModelDatabase database) {
        return claiming(database, (current, request, now) -> {
            Decision<ClaimOutcome> sound = ClaimMachine.claim(current, request, now);
            IdempotencyRecord next = sound.write();
            if (current == null || next == null || !(sound.outcome() instanceof Acquired acquired)) {
                return sound;
            }
            Lease lease = new Lease(request.id(), request.token(), current.fence());
            return new Decision<>(
                    Records.withFence(next, current.fence()),
                    new Acquired(lease, acquired.version(), acquired.numbers(), acquired.previous()));
        });
    }

    /** Treats a lease as live for ever. */
    static ModelStore forgetsExpiry(ModelDatabase database) {
        return claiming(database, (current, request, now) -> {
            boolean inProgress = current != null && current.state() == RecordState.IN_PROGRESS;
            return ClaimMachine.claim(
                    inProgress ? Records.withLeaseUntil(current, now.plus(request.lease())) : current, request, now);
        });
    }

    /** Takes over although the claim holds. */
    static ModelStore takesOverAlthoughTheClaimHolds(ModelDatabase database) {
        return claiming(
                database,
                (current, request, now) ->
                        ClaimMachine.claim(current, withRequest(request, OnUnknown.RERUN, request.fingerprint()), now));
    }

    /** Takes over a record of unknown effect without reporting it. */
    static ModelStore hidesTheUnknownEffectOfATakeover(ModelDatabase database) {
        return claiming(database, (current, request, now) -> {
            Decision<ClaimOutcome> sound = ClaimMachine.claim(current, request, now);
            if (!(sound.outcome() instanceof Acquired acquired)
                    || acquired.previous() == null
                    || !acquired.previous().effectUnknown()) {
                return sound;
            }
            Previous known =
                    new Previous(RecordState.RETRYABLE, acquired.previous().fence(), null);
            return new Decision<>(
                    sound.write(), new Acquired(acquired.lease(), acquired.version(), acquired.numbers(), known));
        });
    }

    /** Decides by the clock of its process, which is an hour ahead in every second one. */
    static final class UsesTheClockOfItsHost extends ModelStore {
        private final Duration skew;

        UsesTheClockOfItsHost(ModelDatabase database) {
            super(database);
            this.skew = Duration.ofHours(database.nextNumber() % 2);
        }

        @Override
        protected Instant now() {
            return super.now().plus(skew);
        }
    }

    /** Accepts subscriptions and sends no hint. */
    static final class NeverNotifiesSubscribers extends ModelStore {
        NeverNotifiesSubscribers(ModelDatabase database) {
            super(database);
            pushHints(false);
        }
    }

    /** Replays a key's result for another input. */
    static ModelStore ignoresTheFingerprint(ModelDatabase database) {
        return claiming(
                database,
                (current, request, now) -> ClaimMachine.claim(
                        current,
                        current == null ? request : withRequest(request, request.onUnknown(), current.fingerprint()),
                        now));
    }

    /** Answers busy for a key that was released. */
    static ModelStore keepsReleasedKeysBusy(ModelDatabase database) {
        return claiming(
                database,
                (current, request, now) -> current != null && current.state() == RecordState.RETRYABLE
                        ? new Decision<>(null, new Busy(request.lease(), Duration.ZERO))
                        : ClaimMachine.claim(current, request, now));
    }

    /** Treats a run whose result is unavailable as released. */
    static ModelStore rerunsUnavailableResults(ModelDatabase database) {
        return claiming(database, (current, request, now) -> {
            Payload result = current == null ? null : current.result();
            boolean unavailable = result != null && !result.isAvailable();
            return ClaimMachine.claim(
                    unavailable ? Records.withState(current, RecordState.RETRYABLE, result.reason()) : current,
                    request,
                    now);
        });
    }

    /** Works after it was closed. */
    static final class WorksWhenClosed extends ModelStore {
        WorksWhenClosed(ModelDatabase database) {
            super(database);
        }

        @Override
        public void close() {}
    }

    /** Treats a repeated claim as that of another owner. */
    static ModelStore doesNotRecogniseItsOwnClaim(ModelDatabase database) {
        return claiming(database, (current, request, now) -> {
            boolean own = current != null
                    && current.state() == RecordState.IN_PROGRESS
                    && current.token().equals(request.token());
            ClaimToken another =
                    new ClaimToken(~request.token().high(), ~request.token().low());
            return ClaimMachine.claim(own ? Records.withToken(current, another) : current, request, now);
        });
    }

    /** Compares the input of a claim with that of a retired record. */
    static ModelStore comparesTheInputOfARetiredKey(ModelDatabase database) {
        return claiming(database, (current, request, now) -> {
            boolean compared = current != null
                    && ClaimMachine.isRetired(current)
                    && !current.fingerprint().equals(request.fingerprint());
            return compared
                    ? new Decision<>(null, new Mismatched(current.asOf(now)))
                    : ClaimMachine.claim(current, request, now);
        });
    }

    /** Takes over a quarantined doubt. */
    static ModelStore ignoresQuarantine(ModelDatabase database) {
        return claiming(database, (current, request, now) -> {
            boolean quarantined = current != null && ClaimMachine.isQuarantined(current);
            return ClaimMachine.claim(quarantined ? Records.withFailure(current, DOUBT) : current, request, now);
        });
    }

    /** Lets every duplicate run again at once after a run that had no effect. */
    static ModelStore makesNoPause(ModelDatabase database) {
        return claiming(
                database,
                (current, request, now) -> ClaimMachine.claim(
                        current == null
                                ? null
                                : Records.withNumbers(
                                        current,
                                        new RecordNumbers(
                                                current.numbers().life(),
                                                current.numbers().attempt(),
                                                0,
                                                current.numbers().providerKey())),
                        request,
                        now));
    }

    /** Counts takeovers by probes as attempts. */
    static ModelStore countsProbes(ModelDatabase database) {
        return claiming(database, (current, request, now) -> {
            Decision<ClaimOutcome> sound = ClaimMachine.claim(current, request, now);
            IdempotencyRecord next = sound.write();
            return current == null || next == null || next.fence() == current.fence()
                    ? sound
                    : new Decision<>(
                            Records.withNumbers(
                                    next,
                                    new RecordNumbers(
                                            next.numbers().life(),
                                            current.numbers().attempt() + 1,
                                            next.numbers().refusals(),
                                            next.numbers().providerKey())),
                            sound.outcome());
        });
    }

    /** Changes the number of the provider key with every failure that the provider remembers, also within a doubt. */
    static ModelStore changesTheProviderKeyInDoubt(ModelDatabase database) {
        return new ModelStore(database) {
            @Override
            protected Decision<TransitionOutcome> decideFail(
                    @Nullable IdempotencyRecord current, Lease lease, Failure failure, RunEffect effect, Instant now) {
                Decision<TransitionOutcome> sound = super.decideFail(current, lease, failure, effect, now);
                IdempotencyRecord next = sound.write();
                return next == null || effect != RunEffect.NONE
                        ? sound
                        : new Decision<>(
                                Records.withNumbers(
                                        next,
                                        new RecordNumbers(
                                                next.numbers().life(),
                                                next.numbers().attempt(),
                                                next.numbers().refusals(),
                                                current.numbers().providerKey() + 1)),
                                sound.outcome());
            }
        };
    }

    private static ClaimRequest withRequest(ClaimRequest r, OnUnknown onUnknown, InputFingerprint fingerprint) {
        return new ClaimRequest(
                r.id(), r.token(), r.owner(), fingerprint, r.lease(), r.retention(), onUnknown, r.maxAttempts());
    }
}
