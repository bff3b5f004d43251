package io.toolgate;

import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a provider answers when it is asked whether an effect happened. */
public sealed interface ProbeResult<R extends @Nullable Object> {
    /** It happened, with this result. */
    record Happened<R extends @Nullable Object>(R result) implements ProbeResult<R> {}

    /** It did not happen. */
    record NotHappened<R extends @Nullable Object>() implements ProbeResult<R> {}

    /** The provider does not know. */
    record Unknown<R extends @Nullable Object>() implements ProbeResult<R> {}

    /** The effect happened, and this is its result. */
    static <R extends @Nullable Object> ProbeResult<R> happened(R result) {
        return new Happened<>(result);
    }

    /**
     * The effect did not happen, and a run may follow. Answer so only if the provider would know: against an owner that is
     * frozen between its last ownership check and the effect, only a provider that dedupes on the provider key, or that
     * refuses an old fence, closes the window.
     */
    static <R extends @Nullable Object> ProbeResult<R> notHappened() {
        return new NotHappened<>();
    }

    /** Nobody can say; the record stays in doubt. */
    static <R extends @Nullable Object> ProbeResult<R> unknown() {
        return new Unknown<>();
    }

    /** Calls the one function that fits. */
    default <T> T fold(Function<R, T> happened, Supplier<T> notHappened, Supplier<T> unknown) {
        if (this instanceof Happened<R> h) {
            return happened.apply(h.result());
        } else if (this instanceof NotHappened<R>) {
            return notHappened.get();
        }
        return unknown.get();
    }
}
