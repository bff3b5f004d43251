package io.toolgate.internal.attempt;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordState;
import org.jspecify.annotations.Nullable;

/** Why a lease that a heartbeat did not renew is lost, by its record. */
final class LostLease {
    private LostLease() {}

    /**
     * Says what became of {@code lease}, given its record as it is now; null if it still has its owner: the record was
     * locked when it was to be renewed, or the run has completed it meanwhile, in a transaction of its own.
     */
    static @Nullable String why(Lease lease, @Nullable IdempotencyRecord now) {
        if (now == null) {
            return "its record is gone: removed by a purge or by hand, or forgotten by a failover or a restore; or the"
                    + " store's connections lead to different databases";
        }
        if (now.token().equals(lease.token())) {
            return switch (now.state()) {
                case IN_PROGRESS, COMPLETED -> null;
                case IN_DOUBT -> "its lease ended, and its record was put in doubt";
                case REJECTED, RETRYABLE -> "its record is " + now.state() + " already";
            };
        }
        if (now.fence() > lease.fence()) {
            return "its lease ended, and attempt " + now.fence() + " took the key over"
                    + (now.state() == RecordState.IN_PROGRESS
                            ? ", of " + now.owner()
                            : "; the record is " + now.state());
        }
        return "an operator decided on its record, which is " + now.state();
    }
}
