package io.toolgate.store.contract;

import io.toolgate.Failure;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Copies of records with single values changed as no sound store would change them. */
public final class Records {
    private Records() {}

    public static IdempotencyRecord with(
            IdempotencyRecord r,
            RecordState state,
            ClaimToken token,
            long fence,
            long version,
            @Nullable Payload result,
            @Nullable Failure failure,
            Instant leaseUntil,
            Instant updatedAt) {
        return new IdempotencyRecord(
                r.id(),
                state,
                fence,
                version,
                token,
                r.owner(),
                leaseUntil,
                r.fingerprint(),
                r.numbers(),
                result,
                failure,
                r.createdAt(),
                updatedAt,
                r.expiresAt(),
                r.readAt());
    }

    public static IdempotencyRecord withToken(IdempotencyRecord r, ClaimToken token) {
        return with(
                r, r.state(), token, r.fence(), r.version(), r.result(), r.failure(), r.leaseUntil(), r.updatedAt());
    }

    public static IdempotencyRecord withFence(IdempotencyRecord r, long fence) {
        return with(
                r, r.state(), r.token(), fence, r.version(), r.result(), r.failure(), r.leaseUntil(), r.updatedAt());
    }

    public static IdempotencyRecord withState(IdempotencyRecord r, RecordState state, @Nullable Failure failure) {
        return withState(r, state, null, failure);
    }

    public static IdempotencyRecord withState(
            IdempotencyRecord r, RecordState state, @Nullable Payload result, @Nullable Failure failure) {
        return with(r, state, r.token(), r.fence(), r.version(), result, failure, r.leaseUntil(), r.updatedAt());
    }

    public static IdempotencyRecord withLeaseUntil(IdempotencyRecord r, Instant leaseUntil) {
        return with(
                r, r.state(), r.token(), r.fence(), r.version(), r.result(), r.failure(), leaseUntil, r.updatedAt());
    }

    public static IdempotencyRecord withUpdatedAt(IdempotencyRecord r, Instant updatedAt) {
        return with(
                r, r.state(), r.token(), r.fence(), r.version(), r.result(), r.failure(), r.leaseUntil(), updatedAt);
    }

    public static IdempotencyRecord withExpiresAt(IdempotencyRecord r, Instant expiresAt) {
        return new IdempotencyRecord(
                r.id(),
                r.state(),
                r.fence(),
                r.version(),
                r.token(),
                r.owner(),
                r.leaseUntil(),
                r.fingerprint(),
                r.numbers(),
                r.result(),
                r.failure(),
                r.createdAt(),
                r.updatedAt(),
                expiresAt,
                r.readAt());
    }

    public static IdempotencyRecord withNumbers(IdempotencyRecord r, RecordNumbers numbers) {
        return new IdempotencyRecord(
                r.id(),
                r.state(),
                r.fence(),
                r.version(),
                r.token(),
                r.owner(),
                r.leaseUntil(),
                r.fingerprint(),
                numbers,
                r.result(),
                r.failure(),
                r.createdAt(),
                r.updatedAt(),
                r.expiresAt(),
                r.readAt());
    }

    public static IdempotencyRecord withFailure(IdempotencyRecord r, Failure failure) {
        return with(
                r, r.state(), r.token(), r.fence(), r.version(), r.result(), failure, r.leaseUntil(), r.updatedAt());
    }
}
