package io.toolgate.internal.attempt;

import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.ResultContext;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.Results;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns what is stored into what a caller is told. */
public final class OutcomeMapper {
    private OutcomeMapper() {}

    /** What {@code record} says about a call of {@code action}. */
    public static <R extends @Nullable Object> Outcome<R> of(PaidAction<?, R> action, IdempotencyRecord record) {
        return switch (record.state()) {
            case COMPLETED -> replay(action, record.id(), Objects.requireNonNull(record.result()));
            case REJECTED -> new Outcome.Rejected<>(failureOf(record), Origin.REPLAYED);
            case RETRYABLE -> new Outcome.Retryable<>(failureOf(record));
            case IN_DOUBT -> new Outcome.InDoubt<>(failureOf(record), record.updatedAt());
            case IN_PROGRESS -> new Outcome.InProgress<>(record.leaseRemaining());
        };
    }

    /** The outcome of a call whose record is gone. */
    public static <R extends @Nullable Object> Outcome<R> gone() {
        return new Outcome.Unavailable<>(
                Failure.unknown(
                        Outcome.Unavailable.RECORD_GONE,
                        "the record was removed, by a purge after its retention or by hand, before its end could be read"),
                null);
    }

    /** What a call of {@code action} is told whose record, {@code id}, is done and left {@code payload}. */
    public static <R extends @Nullable Object> Outcome<R> replay(
            PaidAction<?, R> action, RecordId id, Payload payload) {
        return Results.replay(
                action.codec(), action.codecId(), payload, ResultContext.ofResult(id), action.maxResultBytes());
    }

    private static Failure failureOf(IdempotencyRecord record) {
        return Objects.requireNonNull(record.failure());
    }
}
