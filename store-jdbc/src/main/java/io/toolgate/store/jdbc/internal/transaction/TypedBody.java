package io.toolgate.store.jdbc.internal.transaction;

import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.ResultCodec;
import io.toolgate.ResultContext;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.Results;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.TransactionBody;
import io.toolgate.store.jdbc.TransactionOutcome;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** A body whose result a codec encodes, and the decoder of its outcome. For one call, used by one thread. */
public final class TypedBody<R extends @Nullable Object, X extends Exception> implements TransactionBody<Payload, X> {
    private final ResultCodec<R> codec;
    private final String codecId;
    private final ResultContext context;
    private final TransactionBody<R, X> body;

    /** The result of the latest run of the body, as it was stored: that of the run that committed, if any did. */
    private @Nullable R latest;

    public TypedBody(RecordId id, ResultCodec<R> codec, TransactionBody<R, X> body) {
        this.codec = codec;
        this.codecId = codec.id();
        this.context = ResultContext.ofResult(id);
        this.body = body;
    }

    @Override
    public Payload run(Handle handle) throws X {
        R result = body.run(handle);
        Payload payload = Results.encode(codec, codecId, result, context, Integer.MAX_VALUE);
        Outcome<R> stored = Results.replay(codec, codecId, payload, context, Integer.MAX_VALUE);
        if (stored instanceof Outcome.Unavailable<R> unavailable) {
            throw new StoreException.Refused(
                    "The result cannot be stored and read again ("
                            + unavailable.reason().message()
                            + "), so the transaction was rolled back. Nothing was written",
                    null);
        }
        latest = stored.valueOrThrow();
        return payload;
    }

    public Outcome<R> outcome(TransactionOutcome outcome, InputFingerprint input) {
        return outcome.fold(
                executed -> completed(latest, Origin.EXECUTED),
                replayed -> Results.replay(codec, codecId, replayed.result(), context, Integer.MAX_VALUE),
                rejected -> new Outcome.Rejected<>(rejected.failure(), Origin.REPLAYED),
                busy -> new Outcome.InProgress<>(busy.retryAfter()),
                inDoubt -> new Outcome.InDoubt<>(
                        inDoubt.failure(),
                        inDoubt.since(),
                        inDoubt.attempts(),
                        "A transaction does not recover a run of a gate: let the gate's action recover it, or check"
                                + " with the provider, and then resolve the record, with ToolGate.resolve or the"
                                + " command line"),
                mismatched -> new Outcome.KeyConflict<>(
                        mismatched.record().state(), mismatched.record().fingerprint(), input));
    }

    @SuppressWarnings("NullAway") // A null result is a result; R is then a nullable type.
    private Outcome<R> completed(@Nullable R value, Origin origin) {
        return new Outcome.Completed<>(value, origin);
    }
}
