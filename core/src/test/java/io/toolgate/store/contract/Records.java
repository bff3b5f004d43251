package io.toolgate.store.contract;

import io.toolgate.Failure;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Copies of records with single values changed as no sound store would change them. */
public final class Records {
    private Records() {}

    /** The values of a record that a copy may change. */
    static final class Values {
        RecordState state;
        ClaimToken token;
        long fence;
        long version;
        RecordNumbers numbers;
        boolean storesRows;

        @Nullable
        Payload result;

        @Nullable
        Failure failure;

        Instant leaseUntil;
        Instant createdAt;
        Instant updatedAt;
        Instant expiresAt;

        private Values(IdempotencyRecord r) {
            state = r.state();
            token = r.token();
            fence = r.fence();
            version = r.version();
            numbers = r.numbers();
            storesRows = r.storesRows();
            result = r.result();
            failure = r.failure();
            leaseUntil = r.leaseUntil();
            createdAt = r.createdAt();
            updatedAt = r.updatedAt();
            expiresAt = r.expiresAt();
        }
    }

    /** A copy of {@code r} with the values that {@code change} sets. */
    static IdempotencyRecord with(IdempotencyRecord r, Consumer<Values> change) {
        Values values = new Values(r);
        change.accept(values);
        return new IdempotencyRecord(
                r.id(),
                values.state,
                values.fence,
                values.version,
                values.token,
                r.owner(),
                values.leaseUntil,
                r.fingerprint(),
                values.storesRows,
                values.numbers,
                values.result,
                values.failure,
                values.createdAt,
                values.updatedAt,
                values.expiresAt,
                r.readAt());
    }

    public static IdempotencyRecord withToken(IdempotencyRecord r, ClaimToken token) {
        return with(r, values -> values.token = token);
    }

    public static IdempotencyRecord withFence(IdempotencyRecord r, long fence) {
        return with(r, values -> values.fence = fence);
    }

    public static IdempotencyRecord withVersion(IdempotencyRecord r, long version) {
        return with(r, values -> values.version = version);
    }

    public static IdempotencyRecord withState(IdempotencyRecord r, RecordState state, @Nullable Failure failure) {
        return withState(r, state, null, failure);
    }

    public static IdempotencyRecord withState(
            IdempotencyRecord r, RecordState state, @Nullable Payload result, @Nullable Failure failure) {
        return with(r, values -> {
            values.state = state;
            values.result = result;
            values.failure = failure;
        });
    }

    public static IdempotencyRecord withLeaseUntil(IdempotencyRecord r, Instant leaseUntil) {
        return with(r, values -> values.leaseUntil = leaseUntil);
    }

    public static IdempotencyRecord withUpdatedAt(IdempotencyRecord r, Instant updatedAt) {
        return with(r, values -> values.updatedAt = updatedAt);
    }

    public static IdempotencyRecord withExpiresAt(IdempotencyRecord r, Instant expiresAt) {
        return with(r, values -> values.expiresAt = expiresAt);
    }

    public static IdempotencyRecord withNumbers(IdempotencyRecord r, RecordNumbers numbers) {
        return with(r, values -> values.numbers = numbers);
    }

    public static IdempotencyRecord withFailure(IdempotencyRecord r, Failure failure) {
        return with(r, values -> values.failure = failure);
    }

    public static IdempotencyRecord withStoresRows(IdempotencyRecord r, boolean storesRows) {
        return with(r, values -> values.storesRows = storesRows);
    }
}
