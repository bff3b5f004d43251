package io.toolgate.store.contract.mutants;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.Records;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Stores whose checkpoints are broken. */
final class CheckpointMutants {
    private CheckpointMutants() {}

    private interface CheckpointDecision {
        Decision<TransitionOutcome> decide(
                @Nullable IdempotencyRecord current,
                @Nullable Checkpoint before,
                Lease lease,
                Payload value,
                Instant now);
    }

    private static ModelStore deciding(ModelDatabase database, CheckpointDecision decision) {
        return new ModelStore(database) {
            @Override
            protected Decision<TransitionOutcome> decideCheckpoint(
                    @Nullable IdempotencyRecord current,
                    @Nullable Checkpoint before,
                    Lease lease,
                    Payload value,
                    Instant now) {
                return decision.decide(current, before, lease, value, now);
            }
        };
    }

    /** Accepts a checkpoint without comparing the token. */
    static ModelStore ignoresTheToken(ModelDatabase database) {
        return deciding(
                database,
                (current, before, lease, value, now) -> ClaimMachine.checkpoint(
                        current, before, current == null ? lease : current.lease(), value, now));
    }

    /** Makes no version of a checkpoint, so that no watch sees it. */
    static ModelStore makesNoVersion(ModelDatabase database) {
        return deciding(database, (current, before, lease, value, now) -> {
            Decision<TransitionOutcome> sound = ClaimMachine.checkpoint(current, before, lease, value, now);
            if (current == null || !(sound.outcome() instanceof Applied applied)) {
                return sound;
            }
            return new Decision<>(
                    null, new Applied(applied.previous(), applied.current(), current.version(), applied.at()));
        });
    }

    /** Accepts a checkpoint for a finished record. */
    static ModelStore changesFinishedRecords(ModelDatabase database) {
        return deciding(database, (current, before, lease, value, now) -> {
            boolean finished = current != null && current.state().isFinished();
            return ClaimMachine.checkpoint(
                    finished ? Records.withState(current, RecordState.IN_PROGRESS, null) : current,
                    before,
                    lease,
                    value,
                    now);
        });
    }

    /** Sets the time of a doubt to that of its latest checkpoint. */
    static ModelStore makesDoubtsYounger(ModelDatabase database) {
        return deciding(database, (current, before, lease, value, now) -> {
            Decision<TransitionOutcome> sound = ClaimMachine.checkpoint(current, before, lease, value, now);
            IdempotencyRecord next = sound.write();
            return next == null ? sound : new Decision<>(Records.withUpdatedAt(next, now), sound.outcome());
        });
    }

    /** Makes a version of a repeated checkpoint. */
    static ModelStore writesRepetitions(ModelDatabase database) {
        return deciding(
                database,
                (current, before, lease, value, now) -> ClaimMachine.checkpoint(current, null, lease, value, now));
    }

    /** Reads the version, decides and writes in separate steps, between which another checkpoint may be written. */
    static final class ChecksThenActs extends ModelStore {
        // One for each store.
        @SuppressWarnings("ThreadLocalUsage")
        private final ThreadLocal<@Nullable IdempotencyRecord> read = new ThreadLocal<>();

        ChecksThenActs(ModelDatabase database) {
            super(database);
        }

        @Override
        public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
            if (lease != null) {
                read.set(stored(lease.id()));
                // The round trip to a database, during which other writers read too.
                LockSupport.parkNanos(20_000);
            }
            return super.checkpoint(lease, name, value);
        }

        @Override
        protected Decision<TransitionOutcome> decideCheckpoint(
                @Nullable IdempotencyRecord current,
                @Nullable Checkpoint before,
                Lease lease,
                Payload value,
                Instant now) {
            return super.decideCheckpoint(read.get(), before, lease, value, now);
        }
    }

    /** Returns checkpoints of former lives of a key. */
    static final class ShowsThemToTheNextLife extends ModelStore {
        ShowsThemToTheNextLife(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean belongsTo(IdempotencyRecord record, int life, Instant createdAt) {
            return true;
        }
    }

    /** Takes two lives of a key that began within one tick of the clock for one. */
    static final class TellsLivesApartByTheClock extends ModelStore {
        TellsLivesApartByTheClock(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean belongsTo(IdempotencyRecord record, int life, Instant createdAt) {
            return createdAt.equals(record.createdAt());
        }
    }
}
