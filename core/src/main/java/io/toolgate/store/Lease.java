package io.toolgate.store;

import io.toolgate.internal.base.Preconditions;

/**
 * Proof of ownership that an acquired claim returns and that every transition of the owner requires. Stores compare its
 * token, never the clock. Immutable.
 *
 * @param id the record
 * @param token the claim's secret
 * @param fence the number of the attempt: 1, 2, 3 …
 */
public record Lease(RecordId id, ClaimToken token, long fence) {
    /** Validates the values. */
    public Lease {
        Preconditions.notNull(id, "id");
        Preconditions.notNull(token, "token");
        if (fence < 1) {
            throw new IllegalArgumentException("fence is " + fence + "; the first attempt has 1");
        }
    }
}
