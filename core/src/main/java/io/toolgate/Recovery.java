package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an action does about an attempt that may have had its effect: its owner vanished, or failed without knowing. A
 * lease alone never guarantees that an effect outside the database happens once; this declaration says what does.
 */
public sealed interface Recovery<R extends @Nullable Object> {
    /** Keeps the record in doubt. */
    record Hold<R extends @Nullable Object>() implements Recovery<R> {}

    /** Runs again. */
    record Rerun<R extends @Nullable Object>() implements Recovery<R> {}

    /** Asks the provider. */
    record Ask<R extends @Nullable Object>(Probe<R> probe) implements Recovery<R> {}

    /** Asks a provider whether an effect happened. */
    @FunctionalInterface
    interface Probe<R extends @Nullable Object> {
        /**
         * Asks about the record of {@code attempt}; whatever it throws counts as {@link ProbeResult#unknown()}. Called on a thread
         * of the gate's own, which nothing of the caller's is bound to, and interrupted when the {@linkplain
         * PaidAction#probeTimeout() time} of the action is up: what it answers after that is dropped.
         */
        ProbeResult<R> probe(Attempt attempt) throws Exception;
    }

    /** Holds: the record stays in doubt until a late result, or a person, resolves it. The default. */
    static <R extends @Nullable Object> Recovery<R> hold() {
        return new Hold<>();
    }

    /**
     * Runs again: the declaration that a second run does no harm, because the provider dedupes on
     * {@link Attempt#providerKey()}.
     */
    static <R extends @Nullable Object> Recovery<R> rerun() {
        return new Rerun<>();
    }

    /**
     * Asks the provider, and runs again only if it says that the effect did not happen. That is safe against a dead owner.
     * An owner frozen between its last ownership check and the effect can still act after the answer: only a provider that
     * dedupes on {@link Attempt#providerKey()}, or that refuses an old {@link Attempt#number()}, closes that window.
     */
    static <R extends @Nullable Object> Recovery<R> probe(Probe<R> probe) {
        return new Ask<>(Preconditions.notNull(probe, "probe"));
    }

    /** Calls the one function that fits. */
    default <T> T fold(Supplier<T> hold, Supplier<T> rerun, Function<Probe<R>, T> ask) {
        if (this instanceof Hold<R>) {
            return hold.get();
        } else if (this instanceof Rerun<R>) {
            return rerun.get();
        }
        return ask.apply(((Ask<R>) this).probe());
    }
}
