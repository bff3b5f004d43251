package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An operator's verdict on a record in doubt: whether its effect happened, and whether the action may run again. On a
 * completed record whose result is unavailable only {@link Completed} is accepted: it supplies the result. Immutable.
 */
public sealed interface Resolution<R extends @Nullable Object> {
    /** The effect happened, with this result. */
    record Completed<R extends @Nullable Object>(R result) implements Resolution<R> {}

    /** The effect did not happen and must not. */
    record Rejected<R extends @Nullable Object>(Failure failure) implements Resolution<R> {}

    /** The effect did not happen, and the next call runs the action. */
    record Retry<R extends @Nullable Object>() implements Resolution<R> {}

    /** The effect happened, with this result, which every later call gets. */
    static <R extends @Nullable Object> Resolution<R> completed(R result) {
        return new Completed<>(result);
    }

    /** The effect did not happen and must not: every later call gets this failure. See {@link Failure#rejected}. */
    static <R extends @Nullable Object> Resolution<R> rejected(String code, @Nullable String message) {
        return new Rejected<>(Failure.rejected(code, message));
    }

    /**
     * The effect did not happen, and the next call runs the action. Decide so only if the former owner is dead or the
     * provider dedupes on the provider key: an owner frozen just before the effect can still perform it.
     */
    static <R extends @Nullable Object> Resolution<R> retry() {
        return new Retry<>();
    }

    /** Applies the function of this case and returns its value. */
    default <T> T fold(Function<R, T> completed, Function<Failure, T> rejected, Supplier<T> retry) {
        Preconditions.notNull(completed, "completed");
        if (this instanceof Completed<R> o) {
            return completed.apply(o.result());
        } else if (this instanceof Rejected<R> o) {
            return rejected.apply(o.failure());
        }
        return retry.get();
    }
}
