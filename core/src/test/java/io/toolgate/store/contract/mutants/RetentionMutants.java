package io.toolgate.store.contract.mutants;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import java.time.Instant;

/** Stores that forget what they must keep. */
final class RetentionMutants {
    private RetentionMutants() {}

    /** Looks at the time only. */
    static final class PurgesLiveAndDoubtfulRecords extends ModelStore {
        PurgesLiveAndDoubtfulRecords(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean mayPurge(IdempotencyRecord record, Instant now) {
            return !now.isBefore(record.expiresAt());
        }
    }

    /** Looks at the state only. */
    static final class PurgesBeforeTheRetentionIsOver extends ModelStore {
        PurgesBeforeTheRetentionIsOver(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean mayPurge(IdempotencyRecord record, Instant now) {
            return record.state().isEnded();
        }
    }

    /** Deletes all there is in one long transaction. */
    static final class PurgesWithoutLimit extends ModelStore {
        PurgesWithoutLimit(ModelDatabase database) {
            super(database);
        }

        @Override
        public int purge(int limit) {
            return super.purge(Integer.MAX_VALUE);
        }
    }
}
