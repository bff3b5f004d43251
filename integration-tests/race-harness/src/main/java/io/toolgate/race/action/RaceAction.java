package io.toolgate.race.action;

import io.toolgate.PaidAction;
import org.jspecify.annotations.Nullable;

/**
 * The paid action under test. Implement it, with a public constructor without parameters, to race an action of your
 * own: your codec, classification and probe. Only the charge itself goes to the race's provider.
 *
 * @param <I> the action's input
 * @param <R> its result
 */
public interface RaceAction<I extends @Nullable Object, R extends @Nullable Object> {
    /**
     * The action. It must have the name, the lease and the recovery of {@code terms}; start from
     * {@link ActionTerms#apply}. It pays with {@code payments}, once a run.
     */
    PaidAction<I, R> action(ActionTerms terms, Payments payments);

    /** The action's input for {@code order}. Orders that differ must give inputs with different fingerprints. */
    I input(Order order);

    /** The name of the charge that {@code result} is about, as {@link Payments#receipt} gives it. */
    String receipt(R result);
}
