package io.toolgate.internal;

import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what is stored into what a caller is told. */
final class Outcomes {
    private static final Logger log = LoggerFactory.getLogger(Outcomes.class);

    private Outcomes() {}

    /** What {@code record} says about a call of {@code action}. */
    static <R extends @Nullable Object> Outcome<R> of(PaidAction<?, R> action, IdempotencyRecord record) {
        return switch (record.state()) {
            case COMPLETED -> replay(action, Objects.requireNonNull(record.result()));
            case REJECTED -> new Outcome.Rejected<>(failureOf(record), Origin.REPLAYED);
            case RETRYABLE -> new Outcome.Retryable<>(failureOf(record));
            case IN_DOUBT -> new Outcome.InDoubt<>(failureOf(record), record.updatedAt());
            case IN_PROGRESS -> new Outcome.InProgress<>(record.leaseRemaining());
        };
    }

    /** The outcome of a call whose record is gone. */
    static <R extends @Nullable Object> Outcome<R> gone() {
        return new Outcome.Unavailable<>(
                Failure.unknown(
                        Outcome.Unavailable.RECORD_GONE,
                        "the record was removed, by a purge after its retention or by hand, before its end could be read"),
                null);
    }

    /** Decodes a stored result. One that cannot be decoded is unavailable; it is never run again on that account. */
    static <R extends @Nullable Object> Outcome<R> replay(PaidAction<?, R> action, Payload payload) {
        if (!payload.isAvailable()) {
            return new Outcome.Unavailable<>(payload.reason(), null);
        }
        String codec = action.codecId();
        if (!payload.codec().equals(codec)) {
            return undecodable("it was stored by codec " + payload.codec() + ", the action reads " + codec);
        }
        if (payload.isNull()) {
            return completedWithNull();
        }
        if (payload.size() > action.maxResultBytes()) {
            return undecodable("it has " + payload.size() + " bytes, the action allows " + action.maxResultBytes());
        }
        try {
            return new Outcome.Completed<>(action.codec().decode(payload.bytes()), Origin.REPLAYED);
        } catch (Throwable e) {
            log.warn("The codec {} of {} did not decode a stored result", codec, action, e);
            return undecodable("codec " + codec + " threw " + Failure.describe(e));
        }
    }

    @SuppressWarnings("NullAway") // A null that was stored is a result; R is then a type that has it.
    private static <R extends @Nullable Object> Outcome<R> completedWithNull() {
        return new Outcome.Completed<>(null, Origin.REPLAYED);
    }

    private static <R extends @Nullable Object> Outcome<R> undecodable(String why) {
        return new Outcome.Unavailable<>(Failure.rejected(Outcome.Unavailable.NOT_DECODABLE, why), null);
    }

    /** "Done, result unavailable", as it is stored. */
    static Payload unavailable(String code, String why) {
        return Payload.unavailable(Failure.rejected(code, why));
    }

    private static Failure failureOf(IdempotencyRecord record) {
        return Objects.requireNonNull(record.failure());
    }
}
