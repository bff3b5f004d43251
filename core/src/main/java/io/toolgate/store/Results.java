package io.toolgate.store;

import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.Outcome.Unavailable;
import io.toolgate.ResultCodec;
import io.toolgate.ResultContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns results into payloads and back, whatever their codec does: what it throws, be it an error, makes a result unavailable,
 * because the effect has happened by then and must not happen again. For the executor, and for stores that end runs
 * themselves.
 */
public final class Results {
    private static final Logger log = LoggerFactory.getLogger(Results.class);

    private Results() {}

    /**
     * What {@code value} leaves in the store: its bytes, null, or "done, result unavailable" where it has none, or more than
     * {@code maxBytes}. Interrupts are held back meanwhile: they would end a codec's call of its key service, and so lose a
     * result that is there.
     *
     * @param codecId the codec's id, under which it is stored
     */
    public static <R extends @Nullable Object> Payload encode(
            ResultCodec<R> codec, String codecId, R value, ResultContext context, int maxBytes) {
        if (value == null) {
            return Payload.ofNull(codecId);
        }
        boolean interrupted = Thread.interrupted();
        try {
            return encodeValue(codec, codecId, value, context, maxBytes);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static <R extends @Nullable Object> Payload encodeValue(
            ResultCodec<R> codec, String codecId, R value, ResultContext context, int maxBytes) {
        byte[] bytes;
        try {
            bytes = codec.encode(value, context);
        } catch (Throwable e) {
            noteInterrupt(e);
            log.warn("The codec {} did not encode the {}; it is stored as unavailable", codecId, context, e);
            return unavailable(Unavailable.NOT_ENCODABLE, "codec threw " + Failure.describe(e));
        }
        if (bytes == null) {
            return unavailable(Unavailable.NOT_ENCODABLE, "codec " + codecId + " returned null");
        }
        if (bytes.length > maxBytes) {
            return unavailable(
                    Unavailable.TOO_LARGE, "the result has " + bytes.length + " bytes, the action allows " + maxBytes);
        }
        return Payload.of(codecId, bytes);
    }

    /**
     * The outcome of a call that is given what is stored: {@link Outcome.Completed} as a replay, or
     * {@link Outcome.Unavailable}. More than {@code maxBytes}, or what another codec wrote, is not decoded at all.
     *
     * @param codecId the codec's id
     */
    public static <R extends @Nullable Object> Outcome<R> replay(
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
                                Unavailable.TOO_LARGE,
                                "the stored result has " + payload.size() + " bytes, the action allows " + maxBytes),
                        null);
            }
            return new Outcome.Completed<>(codec.decode(payload.bytes(), stored, context), Origin.REPLAYED);
        } catch (Throwable e) {
            noteInterrupt(e);
            log.warn("The codec {} did not decode the {}", codecId, context, e);
            return unreadable("codec " + codecId + " threw " + Failure.describe(e));
        }
    }

    @SuppressWarnings("NullAway") // A null that was stored is a result; R is then a type that has it.
    private static <R extends @Nullable Object> Outcome<R> completedWithNull() {
        return new Outcome.Completed<>(null, Origin.REPLAYED);
    }

    private static <R extends @Nullable Object> Outcome<R> unreadable(String why) {
        return new Unavailable<>(Failure.rejected(Unavailable.NOT_DECODABLE, why), null);
    }

    /** "Done, result unavailable", as it is stored. */
    public static Payload unavailable(String code, String why) {
        return Payload.unavailable(Failure.rejected(code, why));
    }

    /** A codec may ask a key service over the network, and be interrupted there. */
    private static void noteInterrupt(Throwable thrown) {
        if (thrown instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
    }
}
