package io.toolgate.store;

import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.Outcome.Unavailable;
import io.toolgate.ResultCodec;
import io.toolgate.ResultContext;
import io.toolgate.internal.base.Redaction.Redacted;
import java.nio.channels.ClosedByInterruptException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Conversion of results to payloads and back, for the executor and for stores that complete runs themselves. Whatever a
 * codec throws, errors included, makes the result unavailable, because the effect has happened by then and must not
 * happen again.
 */
public final class Results {
    private static final Logger log = LoggerFactory.getLogger(Results.class);

    private static final int MAX_CAUSES = 50;

    private Results() {}

    /**
     * Returns the payload of {@code value}: its bytes, null, or "done, result unavailable" if it cannot be encoded or
     * has more than {@code maxBytes}. An interrupt is deferred meanwhile: it could abort the codec's call of a key
     * service and so lose the result.
     *
     * @param codecId the codec's id, under which the payload is stored
     */
    public static <R extends @Nullable Object> Payload encode(
            ResultCodec<R> codec, String codecId, R value, ResultContext context, int maxBytes) {
        if (value == null) {
            return Payload.ofNull(codecId);
        }
        return withoutInterrupt(() -> encodeValue(codec, codecId, value, context, maxBytes));
    }

    private static <R extends @Nullable Object> Payload encodeValue(
            ResultCodec<R> codec, String codecId, R value, ResultContext context, int maxBytes) {
        byte[] bytes;
        try {
            bytes = codec.encode(value, context);
        } catch (Throwable e) {
            restoreInterrupt(e);
            log.warn(
                    "Codec {} failed to encode the {}. If a run or a step gave this result, its effect has happened:"
                            + " it is stored as \"done, result unavailable\" and not run again; an operator can supply"
                            + " the result of a run. An operator's result and an input are refused, and a transaction"
                            + " that contains its own effect is rolled back",
                    codecId,
                    context,
                    e);
            return unavailable(
                    Failure.Codes.RESULT_NOT_ENCODABLE, "codec " + codecId + " threw " + Failure.describe(e));
        }
        if (bytes == null) {
            return unavailable(Failure.Codes.RESULT_NOT_ENCODABLE, "codec " + codecId + " returned null");
        }
        if (bytes.length > maxBytes) {
            return unavailable(
                    Failure.Codes.RESULT_TOO_LARGE,
                    "the " + noun(context) + " has " + bytes.length + " bytes, the action allows " + maxBytes);
        }
        return Payload.of(codecId, bytes);
    }

    /**
     * Returns the outcome of a replay: {@link Outcome.Completed}, or {@link Outcome.Unavailable} if the payload is
     * unavailable, has more than {@code maxBytes}, was stored by another codec, or cannot be decoded. An interrupt is
     * deferred meanwhile, as by {@link #encode encode}.
     *
     * @param codecId the codec's id
     */
    public static <R extends @Nullable Object> Outcome<R> replay(
            ResultCodec<R> codec, String codecId, Payload payload, ResultContext context, int maxBytes) {
        return withoutInterrupt(() -> decode(codec, codecId, payload, context, maxBytes));
    }

    /**
     * Returns the outcome of the call whose own run returned {@code local}: the result as it was stored, so that this
     * call is given what every later one will be given (rule 2), or {@link Outcome.Unavailable} with {@code local}.
     *
     * @param codecId the codec's id
     * @param payload what was stored
     */
    public static <R extends @Nullable Object> Outcome<R> ofOwnRun(
            ResultCodec<R> codec,
            String codecId,
            Payload payload,
            ResultContext context,
            int maxBytes,
            @Nullable R local,
            Origin origin) {
        Outcome<R> stored = replay(codec, codecId, payload, context, maxBytes);
        return stored instanceof Outcome.Completed<R> completed
                ? new Outcome.Completed<>(completed.value(), origin)
                : new Unavailable<>(((Unavailable<R>) stored).reason(), local);
    }

    private static <R extends @Nullable Object> Outcome<R> decode(
            ResultCodec<R> codec, String codecId, Payload payload, ResultContext context, int maxBytes) {
        if (!payload.isAvailable()) {
            return new Unavailable<>(payload.reason(), null);
        }
        String stored = payload.codec();
        try {
            if (!stored.equals(codecId) && !codec.reads(stored)) {
                return unreadable("it was stored by codec " + stored + ", the action reads " + codecId);
            }
            if (payload.isNull()) {
                return completedWithNull();
            }
            if (payload.size() > maxBytes) {
                return new Unavailable<>(
                        Failure.rejected(
                                Failure.Codes.RESULT_TOO_LARGE,
                                "the stored " + noun(context) + " has " + payload.size() + " bytes, the action allows "
                                        + maxBytes),
                        null);
            }
            R value = codec.decode(payload.bytes(), stored, context);
            // A null result is stored without a codec, so that this one is none that was ever given.
            return value == null
                    ? unreadable("codec " + codecId + " returned null for " + payload.size() + " stored bytes")
                    : new Outcome.Completed<>(value, Origin.REPLAYED);
        } catch (Throwable e) {
            restoreInterrupt(e);
            log.warn(
                    "Codec {} failed to decode the stored {}. Until a codec can read the stored bytes, calls get"
                            + " \"result unavailable\", and what needs an input fails",
                    codecId,
                    context,
                    e);
            return unreadable("codec " + codecId + " threw " + Failure.describe(e));
        }
    }

    @SuppressWarnings("NullAway") // A stored null is a result; R is then a nullable type.
    private static <R extends @Nullable Object> Outcome<R> completedWithNull() {
        return new Outcome.Completed<>(null, Origin.REPLAYED);
    }

    private static <R extends @Nullable Object> Outcome<R> unreadable(String why) {
        return new Unavailable<>(Failure.rejected(Failure.Codes.RESULT_NOT_DECODABLE, why), null);
    }

    private static String noun(ResultContext context) {
        return context.part().equals(ResultContext.INPUT) ? "input" : "result";
    }

    /** Returns the payload "done, result unavailable". */
    public static Payload unavailable(String code, String why) {
        return Payload.unavailable(Failure.rejected(code, why));
    }

    /** Runs {@code use} with an interrupt that has come before held back, and restores it. */
    private static <T> T withoutInterrupt(Supplier<T> use) {
        boolean interrupted = Thread.interrupted();
        try {
            return use.get();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A codec may be interrupted while it calls a key service over the network, and wrap that in its own exception. */
    private static void restoreInterrupt(Throwable thrown) {
        Throwable cause = thrown instanceof Redacted redacted ? redacted.original() : thrown;
        // Bounded: causes may form a circle.
        for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
            if (cause instanceof InterruptedException || cause instanceof ClosedByInterruptException) {
                Thread.currentThread().interrupt();
                return;
            }
            cause = cause.getCause();
        }
    }
}
