package io.toolgate.internal.attempt;

import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ResultContext;
import io.toolgate.ToolGateException;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.Results;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The input that an action has stored with its claims. */
public final class RememberedInput {
    private RememberedInput() {}

    /**
     * Encodes {@code input} for a claim; null if the action remembers none.
     *
     * @throws ToolGateException.NotExecuted if it cannot be stored
     */
    public static <I extends @Nullable Object> @Nullable Payload encode(PaidAction<I, ?> action, RecordId id, I input) {
        ResultCodec<I> codec = action.inputCodec().orElse(null);
        if (codec == null) {
            return null;
        }
        Payload payload =
                Results.encode(codec, codecId(action), input, ResultContext.ofInput(id), action.maxResultBytes());
        if (!payload.isAvailable()) {
            throw new ToolGateException.NotExecuted(
                    "The input of " + id + " cannot be remembered, as the action asks for: "
                            + payload.reason().message(),
                    null);
        }
        return payload;
    }

    /** The stored input among the checkpoints of a record; null if there is none. */
    public static @Nullable Payload in(List<Checkpoint> checkpoints) {
        return checkpoints.stream()
                .filter(checkpoint -> checkpoint.name().equals(Checkpoint.INPUT))
                .map(Checkpoint::value)
                .findAny()
                .orElse(null);
    }

    /**
     * Decodes a stored input of an action that remembers its inputs.
     *
     * @throws ToolGateException.InputUnavailable if it cannot be decoded
     */
    public static <I extends @Nullable Object> I decode(PaidAction<I, ?> action, RecordId id, Payload stored) {
        ResultCodec<I> codec = action.inputCodec().orElseThrow();
        Outcome<I> decoded =
                Results.replay(codec, codecId(action), stored, ResultContext.ofInput(id), action.maxResultBytes());
        if (decoded instanceof Outcome.Unavailable<I> unavailable) {
            throw new ToolGateException.InputUnavailable(
                    id, unavailable.reason().message());
        }
        return decoded.valueOrThrow();
    }

    private static String codecId(PaidAction<?, ?> action) {
        return Objects.requireNonNull(action.inputCodecId().orElse(null));
    }
}
