package io.toolgate;

import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A provider's answer to a probe: whether the effect happened. Immutable. */
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
     * The effect did not happen, and a run may follow. Return this only if the provider would know of the effect. An
     * owner frozen between its last ownership check and the effect can still act afterwards: only a provider that
     * dedupes on the provider key, or that refuses an old fence, closes that window.
     */
    static <R extends @Nullable Object> ProbeResult<R> notHappened() {
        return new NotHappened<>();
    }

    /** The effect cannot be determined; the record stays in doubt. */
    static <R extends @Nullable Object> ProbeResult<R> unknown() {
        return new Unknown<>();
    }

    /** Applies the function of this case and returns its value. */
    default <T> T fold(Function<R, T> happened, Supplier<T> notHappened, Supplier<T> unknown) {
        if (this instanceof Happened<R> h) {
            return happened.apply(h.result());
        } else if (this instanceof NotHappened<R>) {
            return notHappened.get();
        }
        return unknown.get();
    }
}
