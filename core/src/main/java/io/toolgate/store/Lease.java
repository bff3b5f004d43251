package io.toolgate.store;

import io.toolgate.internal.base.Preconditions;

/**
 * What a claim gave its owner, and what it shows to change the record: stores compare the token, never the clock.
 *
 * @param id the record
 * @param token the claim's secret
 * @param fence the number of the attempt: 1, 2, 3 …
 */
public record Lease(RecordId id, ClaimToken token, long fence) {
    /** Refuses null and fences below one. */
    public Lease {
        Preconditions.notNull(id, "id");
        Preconditions.notNull(token, "token");
        if (fence < 1) {
            throw new IllegalArgumentException("fence is " + fence + "; the first attempt has 1");
        }
    }
}
