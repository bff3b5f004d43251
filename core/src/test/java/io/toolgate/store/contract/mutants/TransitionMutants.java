package io.toolgate.store.contract.mutants;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Stores whose completions, failures or heartbeats are broken. */
final class TransitionMutants {
    private TransitionMutants() {}

    /** Lets a second completion replace the first. */
    static final class CompletesTwice extends ModelStore {
        CompletesTwice(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<TransitionOutcome> decideComplete(
                @Nullable IdempotencyRecord current, Lease lease, Payload result, Instant now) {
            boolean done = current != null && current.state() == RecordState.COMPLETED;
            return super.decideComplete(
                    done ? Records.withState(current, RecordState.IN_PROGRESS, null) : current, lease, result, now);
        }
    }

    /** Stores an empty result as null. */
    static final class DropsTheEmptyResult extends ModelStore {
        DropsTheEmptyResult(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<TransitionOutcome> decideComplete(
                @Nullable IdempotencyRecord current, Lease lease, Payload result, Instant now) {
            boolean empty = result.isAvailable() && !result.isNull() && result.size() == 0;
            return super.decideComplete(current, lease, empty ? Payload.ofNull(result.codec()) : result, now);
        }
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
    static final class IgnoresTheTokenOnComplete extends ModelStore {
        IgnoresTheTokenOnComplete(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<TransitionOutcome> decideComplete(
                @Nullable IdempotencyRecord current, Lease lease, Payload result, Instant now) {
            return super.decideComplete(current, current == null ? lease : current.lease(), result, now);
        }
    }

    /** Fails without comparing the token. */
    static final class IgnoresTheTokenOnFail extends ModelStore {
        IgnoresTheTokenOnFail(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<TransitionOutcome> decideFail(
                @Nullable IdempotencyRecord current, Lease lease, Failure failure, Instant now) {
            return super.decideFail(current, current == null ? lease : current.lease(), failure, now);
        }
    }

    /** Renews without comparing the token. */
    static final class IgnoresTheTokenOnHeartbeat extends ModelStore {
        IgnoresTheTokenOnHeartbeat(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<Boolean> decideHeartbeat(
                @Nullable IdempotencyRecord current, Lease lease, Duration duration, Instant now) {
            return super.decideHeartbeat(current, current == null ? lease : current.lease(), duration, now);
        }
    }

    /** Lets a heartbeat turn a doubt into a run again. */
    static final class RevivesALostLease extends ModelStore {
        RevivesALostLease(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<Boolean> decideHeartbeat(
                @Nullable IdempotencyRecord current, Lease lease, Duration duration, Instant now) {
            boolean doubtful = current != null && current.state() == RecordState.IN_DOUBT;
            return super.decideHeartbeat(
                    doubtful ? Records.withState(current, RecordState.IN_PROGRESS, null) : current,
                    lease,
                    duration,
                    now);
        }
    }

    /** Refuses a completion after the end of its lease although no other claim was made. */
    static final class CompletesByTheClock extends ModelStore {
        CompletesByTheClock(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<TransitionOutcome> decideComplete(
                @Nullable IdempotencyRecord current, Lease lease, Payload result, Instant now) {
            boolean over = current != null
                    && current.state() == RecordState.IN_PROGRESS
                    && !now.isBefore(current.leaseUntil());
            return over
                    ? new Decision<>(null, new LeaseLost(current))
                    : super.decideComplete(current, lease, result, now);
        }
    }

    /** Releases the key after any failure. */
    static final class ReleasesOnAnyFailure extends ModelStore {
        ReleasesOnAnyFailure(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<TransitionOutcome> decideFail(
                @Nullable IdempotencyRecord current, Lease lease, Failure failure, Instant now) {
            return super.decideFail(
                    current, lease, Failure.of(Failure.Kind.NOT_EXECUTED, failure.code(), failure.message()), now);
        }
    }

    /** Refuses late results of doubts. */
    static final class RefusesLateResults extends ModelStore {
        RefusesLateResults(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<TransitionOutcome> decideComplete(
                @Nullable IdempotencyRecord current, Lease lease, Payload result, Instant now) {
            boolean doubtful = current != null && current.state() == RecordState.IN_DOUBT;
            return doubtful
                    ? new Decision<>(null, new LeaseLost(current))
                    : super.decideComplete(current, lease, result, now);
        }
    }

    /** Makes a version of a repeated completion. */
    static final class WritesRepeatedCompletions extends ModelStore {
        WritesRepeatedCompletions(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<TransitionOutcome> decideComplete(
                @Nullable IdempotencyRecord current, Lease lease, Payload result, Instant now) {
            Decision<TransitionOutcome> sound = super.decideComplete(current, lease, result, now);
            if (current == null || !(sound.outcome() instanceof AlreadyApplied)) {
                return sound;
            }
            long version = current.version() + 1;
            return new Decision<>(
                    Records.with(
                            current,
                            current.state(),
                            current.token(),
                            current.fence(),
                            version,
                            current.result(),
                            null,
                            current.leaseUntil(),
                            now),
                    new Applied(current.state(), current.state(), version, now));
        }
    }
}
