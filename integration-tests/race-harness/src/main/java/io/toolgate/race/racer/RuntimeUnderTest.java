package io.toolgate.race.racer;

import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ToolGate;
import io.toolgate.race.action.RaceAction;
import io.toolgate.store.IdempotencyStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is raced. Its methods are the places at which a deliberately broken runtime differs from the real one. */
public interface RuntimeUnderTest {
    /** The runtime as it is. */
    RuntimeUnderTest REAL = new RuntimeUnderTest() {};

    /** What is changed in the SQL of the store. */
    default List<SqlPatch> sql() {
        return List.of();
    }

    /** The store that the gate uses, in front of {@code store}, which writes down what really happens. */
    default IdempotencyStore store(IdempotencyStore store) {
        return store;
    }

    /** The action that is run. */
    default RaceAction<?, ?> action(RaceAction<?, ?> action) {
        return action;
    }

    /**
     * The runtime that {@code name} names.
     *
     * @param name of a public class with a public constructor without parameters, or null for the real one
     * @throws IllegalArgumentException if it is none
     */
    static RuntimeUnderTest of(@Nullable String name) {
        return name == null ? REAL : ByName.make(name, RuntimeUnderTest.class);
    }

    /** Makes one call. */
    default <I extends @Nullable Object, R extends @Nullable Object> Outcome<R> execute(
            ToolGate gate, PaidAction<I, R> action, IdempotencyKey key, I input) {
        return gate.execute(action, key, input);
    }
}
