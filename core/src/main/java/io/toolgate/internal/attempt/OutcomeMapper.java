package io.toolgate.internal.attempt;

import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ResultContext;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.Results;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Maps stored records and payloads to outcomes for callers, and results to payloads. */
public final class OutcomeMapper {
    private OutcomeMapper() {}

    /** The outcome that {@code record} is to a call of {@code action}. */
    public static <R extends @Nullable Object> Outcome<R> of(PaidAction<?, R> action, IdempotencyRecord record) {
        return switch (record.state()) {
            case COMPLETED -> replay(action, record.id(), Objects.requireNonNull(record.result()));
            case REJECTED -> new Outcome.Rejected<>(failureOf(record), Origin.REPLAYED);
            case RETRYABLE -> new Outcome.Retryable<>(failureOf(record), record.pauseRemaining());
            case IN_DOUBT ->
                inDoubt(
                        action,
                        failureOf(record),
                        record.updatedAt(),
                        record.numbers().attempt());
            case IN_PROGRESS ->
                new Outcome.InProgress<>(new ClaimOutcome.Busy(
                                record.leaseRemaining(), Duration.between(record.updatedAt(), record.readAt()))
                        .expected());
        };
    }

    /** The outcome of a call of {@code action} whose record is in doubt after so many attempts of unknown effect. */
    public static <R extends @Nullable Object> Outcome<R> inDoubt(
            PaidAction<?, R> action, Failure failure, Instant since, int attempts) {
        return new Outcome.InDoubt<>(failure, since, attempts, adviceOf(action, failure, attempts));
    }

    private static String adviceOf(PaidAction<?, ?> action, Failure failure, int attempts) {
        String byHand =
                "Check with the provider, and then resolve the record, with ToolGate.resolve or the command line";
        if (failure.code().equals(Failure.Codes.QUARANTINED)) {
            return "It is not probed any more. " + byHand;
        } else if (action.recovery() instanceof Recovery.Hold<?>) {
            return "It will not run again by itself, because the action declares no recovery. " + byHand;
        } else if (action.recovery() instanceof Recovery.ByProbe<?>) {
            return "The next call with this key probes again, and so does a Reconciler of this action. " + byHand
                    + " if the provider never knows";
        }
        String used = attempts + " of at most " + action.maxAttempts() + " attempts are of unknown effect";
        String who = "the next call with this key"
                + (action.inputCodec().isPresent() ? ", or a Reconciler of this action," : "");
        return attempts < action.maxAttempts()
                ? used + ": " + who + " runs the action again, with the same provider key"
                : used + ": it will not run again by itself. " + byHand;
    }

    /** The outcome of a call whose record is gone. */
    public static <R extends @Nullable Object> Outcome<R> gone() {
        return new Outcome.Unavailable<>(
                Failure.unknown(
                        Failure.Codes.RECORD_GONE,
                        "the record was removed, by a purge after its retention or by hand, before its end was read"),
                null);
    }

    /** The outcome of a call of {@code action} whose record, {@code id}, is completed with {@code payload}. */
    public static <R extends @Nullable Object> Outcome<R> replay(
            PaidAction<?, R> action, RecordId id, Payload payload) {
        return Results.replay(
                action.codec(), action.codecId(), payload, ResultContext.ofResult(id), action.maxResultBytes());
    }

    /** The outcome of the call whose own run, or probe, gave {@code local}, which was stored as {@code payload}. */
    static <R extends @Nullable Object> Outcome<R> ofOwnRun(
            PaidAction<?, R> action, RecordId id, Payload payload, @Nullable R local, Origin origin) {
        return Results.ofOwnRun(
                action.codec(),
                action.codecId(),
                payload,
                ResultContext.ofResult(id),
                action.maxResultBytes(),
                local,
                origin);
    }

    /**
     * The payload of a result of the record {@code id}; unavailable, with the reason, where the codec or the size fail.
     */
    public static <R extends @Nullable Object> Payload encode(PaidAction<?, R> action, RecordId id, R value) {
        return Results.encode(
                action.codec(), action.codecId(), value, ResultContext.ofResult(id), action.maxResultBytes());
    }

    private static Failure failureOf(IdempotencyRecord record) {
        return Objects.requireNonNull(record.failure());
    }
}
