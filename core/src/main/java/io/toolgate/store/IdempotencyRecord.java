package io.toolgate.store;

import io.toolgate.Failure;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record as a store held it at one moment. All times are the store's.
 *
 * @param id its identity
 * @param state where it stands
 * @param fence the number of its latest attempt; only grows
 * @param version the number of its transitions so far, the first claim being 1; only grows. Heartbeats do not count
 * @param token of its latest claim
 * @param owner who made the latest claim
 * @param leaseUntil when the lease ends, or ended
 * @param fingerprint of the input it belongs to
 * @param result what the run left; present exactly in {@link RecordState#COMPLETED}
 * @param failure why the run has no result; present exactly in REJECTED, RETRYABLE and IN_DOUBT
 * @param createdAt when the key was first claimed
 * @param updatedAt when it last moved
 * @param expiresAt when its retention is over
 * @param readAt when this view was taken
 */
public record IdempotencyRecord(
        RecordId id,
        RecordState state,
        long fence,
        long version,
        ClaimToken token,
        String owner,
        Instant leaseUntil,
        InputFingerprint fingerprint,
        @Nullable Payload result,
        @Nullable Failure failure,
        Instant createdAt,
        Instant updatedAt,
        Instant expiresAt,
        Instant readAt) {

    /** What is left of the lease when the view was taken; zero if it has ended. */
    public Duration leaseRemaining() {
        Duration remaining = Duration.between(readAt, leaseUntil);
        return remaining.isNegative() ? Duration.ZERO : remaining;
    }

    /** Whether somebody owned the key when the view was taken: in progress under a lease that had not ended. */
    public boolean isLive() {
        return state == RecordState.IN_PROGRESS && readAt.isBefore(leaseUntil);
    }

    /** This record as seen at {@code instant}. */
    public IdempotencyRecord asOf(Instant instant) {
        return new IdempotencyRecord(
                id,
                state,
                fence,
                version,
                token,
                owner,
                leaseUntil,
                fingerprint,
                result,
                failure,
                createdAt,
                updatedAt,
                expiresAt,
                instant);
    }

    /** The lease of the latest claim. */
    public Lease lease() {
        return new Lease(id, token, fence);
    }
}
