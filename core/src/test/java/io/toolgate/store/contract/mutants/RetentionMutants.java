package io.toolgate.store.contract.mutants;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import java.time.Instant;

/** Stores whose purge is broken. */
final class RetentionMutants {
    private RetentionMutants() {}

    /** Purges by time only. */
    static final class PurgesLiveAndDoubtfulRecords extends ModelStore {
        PurgesLiveAndDoubtfulRecords(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean mayPurge(IdempotencyRecord record, Instant now) {
            return !now.isBefore(record.expiresAt());
        }
    }

    /** Purges by state only. */
    static final class PurgesBeforeTheRetentionIsOver extends ModelStore {
        PurgesBeforeTheRetentionIsOver(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean mayPurge(IdempotencyRecord record, Instant now) {
            return record.state().isOutcomeKnown();
        }
    }

    /** Purges without its limit. */
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
