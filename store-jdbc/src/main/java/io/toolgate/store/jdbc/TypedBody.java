package io.toolgate.store.jdbc;

import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.ResultCodec;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Payload;
import io.toolgate.store.StoreException;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** A body whose result a codec turns into bytes, and its outcomes back. For one call, used by one thread. */
final class TypedBody<R extends @Nullable Object, X extends Exception> implements TransactionBody<Payload, X> {
    private final ResultCodec<R> codec;
    private final TransactionBody<R, X> body;

    /** What the latest run returned: the one that committed, if any did. */
    private @Nullable R latest;

    TypedBody(ResultCodec<R> codec, TransactionBody<R, X> body) {
        this.codec = codec;
        this.body = body;
    }

    @Override
    public Payload run(Handle handle) throws X {
        R result = body.run(handle);
        latest = result;
        if (result == null) {
            return Payload.ofNull(codec.id());
        }
        byte[] bytes;
        try {
            bytes = Arguments.notNull(codec.encode(result), "what the codec made of the result");
        } catch (Exception e) {
            throw new StoreException.Refused(
                    "The codec " + codec.id() + " did not encode the result ("
                            + e.getClass().getName() + "), so the transaction was rolled back. Nothing was written",
                    e);
        }
        return Payload.of(codec.id(), bytes);
    }

    Outcome<R> outcome(TransactionOutcome outcome, InputFingerprint input) {
        return outcome.fold(
                executed -> completed(latest, Origin.EXECUTED),
                replayed -> replay(replayed.result()),
                rejected -> new Outcome.Rejected<>(rejected.failure(), Origin.REPLAYED),
                busy -> new Outcome.InProgress<>(busy.remaining()),
                inDoubt -> new Outcome.InDoubt<>(inDoubt.failure(), inDoubt.since()),
                mismatched -> new Outcome.KeyConflict<>(
                        mismatched.record().state(), mismatched.record().fingerprint(), input));
    }

    private Outcome<R> replay(Payload payload) {
        if (!payload.isAvailable()) {
            return new Outcome.Unavailable<>(payload.reason(), null);
        }
        if (!payload.codec().equals(codec.id())) {
            return undecodable("it was stored by codec " + payload.codec() + ", this call reads " + codec.id());
        }
        if (payload.isNull()) {
            return completed(null, Origin.REPLAYED);
        }
        try {
            return new Outcome.Completed<>(codec.decode(payload.bytes()), Origin.REPLAYED);
        } catch (Exception e) {
            return undecodable("codec " + codec.id() + " threw " + Failure.describe(e));
        }
    }

    @SuppressWarnings("NullAway") // A null that a body returned is a result; R is then a type that has it.
    private Outcome<R> completed(@Nullable R value, Origin origin) {
        return new Outcome.Completed<>(value, origin);
    }

    private Outcome<R> undecodable(String why) {
        return new Outcome.Unavailable<>(Failure.rejected(Outcome.Unavailable.NOT_DECODABLE, why), null);
    }
}
