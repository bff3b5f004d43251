package io.toolgate.store;

import io.toolgate.Failure;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Snapshot of a key's record in a store. All times are by the store's clock. Immutable.
 *
 * @param id the identity
 * @param state the state
 * @param fence the number of the latest attempt; only grows
 * @param version the number of transitions so far, starting at 1 with the first claim; only grows. Heartbeats do not
 *     count
 * @param token the token of the latest claim or decision
 * @param owner the owner of the latest claim
 * @param leaseUntil when the lease ends, or ended
 * @param fingerprint the fingerprint of the input
 * @param storesRows whether the action of the latest claim stores rows of its own with its result
 * @param numbers its life, attempts, refusals and the number of its provider keys
 * @param result the result of the run; present exactly in {@link RecordState#COMPLETED}
 * @param failure the reason why there is no result; present exactly in REJECTED, RETRYABLE and IN_DOUBT
 * @param createdAt when the key was first claimed, or claimed again after it was retired or its retention had ended
 * @param updatedAt when the record last changed: its latest transition or, while it is in progress, checkpoint
 * @param expiresAt before this time the record is not deleted: the time of a claim plus its retention, of the claim of
 *     this life that asked for most. Retention counts from the record's end, see
 *     {@link ClaimMachine#purgeableFrom(IdempotencyRecord)}
 * @param readAt when this snapshot was taken
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
        boolean storesRows,
        RecordNumbers numbers,
        @Nullable Payload result,
        @Nullable Failure failure,
        Instant createdAt,
        Instant updatedAt,
        Instant expiresAt,
        Instant readAt) {

    /** The time that was left of the lease when the snapshot was taken; zero if it had ended. */
    public Duration leaseRemaining() {
        Duration remaining = Duration.between(readAt, leaseUntil);
        return remaining.isNegative() ? Duration.ZERO : remaining;
    }

    /**
     * The time that was left of the pause after refused runs, see {@link ClaimMachine#claimableFrom}, when the snapshot
     * was taken; zero if it had ended.
     */
    public Duration pauseRemaining() {
        Duration remaining = Duration.between(readAt, ClaimMachine.claimableFrom(this));
        return remaining.isNegative() ? Duration.ZERO : remaining;
    }

    /** Whether the record was in progress under a live lease when the snapshot was taken. */
    public boolean isLive() {
        return state == RecordState.IN_PROGRESS && readAt.isBefore(leaseUntil);
    }

    /** Returns this record as a snapshot taken at {@code instant}. */
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
                storesRows,
                numbers,
                result,
                failure,
                createdAt,
                updatedAt,
                expiresAt,
                instant);
    }

    /** Returns the lease of the latest claim. */
    public Lease lease() {
        return new Lease(id, token, fence);
    }
}
