package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An action's policy for an attempt whose effect is unknown, because its owner vanished or failed without knowing. A
 * lease alone never guarantees that an effect outside the database happens once; this policy says what does. Immutable.
 */
public sealed interface Recovery<R extends @Nullable Object> {
    /** Keeps the record in doubt. */
    record Hold<R extends @Nullable Object>() implements Recovery<R> {}

    /** Runs the action again. */
    record Rerun<R extends @Nullable Object>() implements Recovery<R> {}

    /** Probes the provider. */
    record ByProbe<R extends @Nullable Object>(Probe<R> probe) implements Recovery<R> {}

    /** A query to the provider whether an effect happened. Implementations must be thread-safe. */
    @FunctionalInterface
    interface Probe<R extends @Nullable Object> {
        /**
         * Queries the provider about the record of {@code attempt}; an exception counts as
         * {@link ProbeResult#unknown()}. Called on a thread of the gate, without the caller's thread-locals, and
         * interrupted at the action's {@linkplain PaidAction#probeTimeout() probe timeout}; an answer after that is
         * dropped.
         */
        ProbeResult<R> probe(Attempt attempt) throws Exception;
    }

    /** Holds the record in doubt until a late result or an operator resolves it. The default. */
    static <R extends @Nullable Object> Recovery<R> hold() {
        return new Hold<>();
    }

    /**
     * Runs the action again: a declaration that this does no harm, as the provider dedupes on
     * {@link Attempt#providerKey()}. The next call does so, and a {@link Reconciler}, if the action
     * {@linkplain PaidAction.Builder#remembering remembers} its inputs.
     */
    static <R extends @Nullable Object> Recovery<R> rerun() {
        return new Rerun<>();
    }

    /**
     * Probes the provider, and runs the action again only if the effect did not happen. This is safe against a dead
     * owner. An owner frozen between its last ownership check and the effect can still act after the probe: only a
     * provider that dedupes on {@link Attempt#providerKey()}, or that refuses an old {@link Attempt#number()}, closes
     * that window.
     */
    static <R extends @Nullable Object> Recovery<R> probe(Probe<R> probe) {
        return new ByProbe<>(Preconditions.notNull(probe, "probe"));
    }

    /** Applies the function of this case and returns its value. */
    default <T> T fold(Supplier<T> hold, Supplier<T> rerun, Function<Probe<R>, T> probe) {
        if (this instanceof Hold<R>) {
            return hold.get();
        } else if (this instanceof Rerun<R>) {
            return rerun.get();
        }
        return probe.apply(((ByProbe<R>) this).probe());
    }
}
