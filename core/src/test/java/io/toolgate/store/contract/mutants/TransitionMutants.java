package io.toolgate.store.contract.mutants;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.RunEffect;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.Records;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Stores whose completions, failures or heartbeats are broken. */
final class TransitionMutants {
    private TransitionMutants() {}

    private interface LeaseDecision<A, T> {
        Decision<T> decide(@Nullable IdempotencyRecord current, Lease lease, A argument, Instant now);
    }

    private static ModelStore completing(ModelDatabase database, LeaseDecision<Payload, TransitionOutcome> decision) {
        return new ModelStore(database) {
            @Override
            protected Decision<TransitionOutcome> decideComplete(
                    @Nullable IdempotencyRecord current, Lease lease, Payload result, Instant now) {
                return decision.decide(current, lease, result, now);
            }
        };
    }

    private static ModelStore failing(ModelDatabase database, LeaseDecision<Failure, TransitionOutcome> decision) {
        return new ModelStore(database) {
            @Override
            protected Decision<TransitionOutcome> decideFail(
                    @Nullable IdempotencyRecord current, Lease lease, Failure failure, RunEffect effect, Instant now) {
                return decision.decide(current, lease, failure, now);
            }
        };
    }

    private static ModelStore heartbeating(ModelDatabase database, LeaseDecision<Duration, Boolean> decision) {
        return new ModelStore(database) {
            @Override
            protected Decision<Boolean> decideHeartbeat(
                    @Nullable IdempotencyRecord current, Lease lease, Duration duration, Instant now) {
                return decision.decide(current, lease, duration, now);
            }
        };
    }

    /** Lets a second completion replace the first. */
    static ModelStore completesTwice(ModelDatabase database) {
        return completing(database, (current, lease, result, now) -> {
            boolean done = current != null && current.state() == RecordState.COMPLETED;
            return ClaimMachine.complete(
                    done ? Records.withState(current, RecordState.IN_PROGRESS, null) : current, lease, result, now);
        });
    }

    /** Stores an empty result as null. */
    static ModelStore dropsTheEmptyResult(ModelDatabase database) {
        return completing(database, (current, lease, result, now) -> {
            boolean empty = result.isAvailable() && !result.isNull() && result.size() == 0;
            return ClaimMachine.complete(current, lease, empty ? Payload.ofNull(result.codec()) : result, now);
        });
    }

    /** Writes a completion at the next call only. */
    static final class AcknowledgesBeforeItWrites extends ModelStore {
        private @Nullable IdempotencyRecord pending;

        AcknowledgesBeforeItWrites(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Instant now() {
            // Called by every operation, under the database's monitor.
            if (pending != null) {
                super.write(pending);
                pending = null;
            }
            return super.now();
        }

        @Override
        protected void write(IdempotencyRecord next) {
            if (next.state().isFinished()) {
                pending = next;
            } else {
                super.write(next);
            }
        }
    }

    /** Acknowledges completions and never writes them. */
    static final class LosesAcknowledgedWrites extends ModelStore {
        LosesAcknowledgedWrites(ModelDatabase database) {
            super(database);
        }

        @Override
        protected void write(IdempotencyRecord next) {
            if (!next.state().isFinished()) {
                super.write(next);
            }
        }
    }

    /** Completes without comparing the token. */
    static ModelStore ignoresTheTokenOnComplete(ModelDatabase database) {
        return completing(
                database,
                (current, lease, result, now) ->
                        ClaimMachine.complete(current, current == null ? lease : current.lease(), result, now));
    }

    /** Fails without comparing the token. */
    static ModelStore ignoresTheTokenOnFail(ModelDatabase database) {
        return failing(
                database,
                (current, lease, failure, now) -> ClaimMachine.fail(
                        current, current == null ? lease : current.lease(), failure, RunEffect.of(failure), now));
    }

    /** Renews without comparing the token. */
    static ModelStore ignoresTheTokenOnHeartbeat(ModelDatabase database) {
        return heartbeating(
                database,
                (current, lease, duration, now) ->
                        ClaimMachine.heartbeat(current, current == null ? lease : current.lease(), duration, now));
    }

    /** Lets a heartbeat turn a doubt into a run again. */
    static ModelStore revivesALostLease(ModelDatabase database) {
        return heartbeating(database, (current, lease, duration, now) -> {
            boolean doubtful = current != null && current.state() == RecordState.IN_DOUBT;
            return ClaimMachine.heartbeat(
                    doubtful ? Records.withState(current, RecordState.IN_PROGRESS, null) : current,
                    lease,
                    duration,
                    now);
        });
    }

    /** Refuses a completion after the end of its lease although no other claim was made. */
    static ModelStore completesByTheClock(ModelDatabase database) {
        return completing(database, (current, lease, result, now) -> {
            boolean over = current != null
                    && current.state() == RecordState.IN_PROGRESS
                    && !now.isBefore(current.leaseUntil());
            return over
                    ? new Decision<>(null, new LeaseLost(current))
                    : ClaimMachine.complete(current, lease, result, now);
        });
    }

    /** Releases the key after any failure. */
    static ModelStore releasesOnAnyFailure(ModelDatabase database) {
        return failing(
                database,
                (current, lease, failure, now) -> ClaimMachine.fail(
                        current,
                        lease,
                        Failure.of(Failure.Kind.NOT_EXECUTED, failure.code(), failure.message()),
                        RunEffect.NONE,
                        now));
    }

    /** Refuses late results of doubts. */
    static ModelStore refusesLateResults(ModelDatabase database) {
        return completing(database, (current, lease, result, now) -> {
            boolean doubtful = current != null && current.state() == RecordState.IN_DOUBT;
            return doubtful
                    ? new Decision<>(null, new LeaseLost(current))
                    : ClaimMachine.complete(current, lease, result, now);
        });
    }

    /** Makes a version of a repeated completion. */
    static ModelStore writesRepeatedCompletions(ModelDatabase database) {
        return completing(database, (current, lease, result, now) -> {
            Decision<TransitionOutcome> sound = ClaimMachine.complete(current, lease, result, now);
            if (current == null || !(sound.outcome() instanceof AlreadyApplied)) {
                return sound;
            }
            long version = current.version() + 1;
            return new Decision<>(
                    Records.withUpdatedAt(Records.withVersion(current, version), now),
                    new Applied(current.state(), current.state(), version, now));
        });
    }
}
