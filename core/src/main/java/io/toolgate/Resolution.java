package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What somebody found out, or decided, about an effect that nobody knew of: how a doubt ends. */
public sealed interface Resolution<R extends @Nullable Object> {
    /** It happened, with this result. */
    record Completed<R extends @Nullable Object>(R result) implements Resolution<R> {}

    /** It did not happen, and never shall. */
    record Rejected<R extends @Nullable Object>(Failure failure) implements Resolution<R> {}

    /** It did not happen, and the next call shall run it. */
    record Retry<R extends @Nullable Object>() implements Resolution<R> {}

    /** It happened, with this result, which every later call is given. */
    static <R extends @Nullable Object> Resolution<R> completed(R result) {
        return new Completed<>(result);
    }

    /** It did not happen, and never shall: every later call is told this failure. See {@link Failure#rejected}. */
    static <R extends @Nullable Object> Resolution<R> rejected(String code, @Nullable String message) {
        return new Rejected<>(Failure.rejected(code, message));
    }

    /**
     * It did not happen, and the next call shall run it. Say so only if the one who would have done it is dead, or if its
     * provider dedupes on the provider key: who is frozen just before the effect can still have it.
     */
    static <R extends @Nullable Object> Resolution<R> retry() {
        return new Retry<>();
    }

    /** Calls the one function that fits. */
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
