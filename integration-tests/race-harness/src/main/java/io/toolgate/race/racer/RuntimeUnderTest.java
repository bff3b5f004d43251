package io.toolgate.race.racer;

import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ToolGate;
import io.toolgate.race.action.RaceAction;
import io.toolgate.store.IdempotencyStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The runtime that is raced. Its methods are the hooks by which a deliberately broken runtime differs from the real
 * one.
 */
public interface RuntimeUnderTest {
    /** The real runtime. */
    RuntimeUnderTest REAL = new RuntimeUnderTest() {};

    /** The changes to the SQL of the store. */
    default List<SqlPatch> sql() {
        return List.of();
    }

    /** The store that the gate uses, in front of {@code store}, which records what really happens. */
    default IdempotencyStore store(IdempotencyStore store) {
        return store;
    }

    /** The action that the gate runs. */
    default RaceAction<?, ?> action(RaceAction<?, ?> action) {
        return action;
    }

    /**
     * Returns the runtime of this class name.
     *
     * @param name the name of a public class with a public constructor without parameters, or null for the real runtime
     * @throws IllegalArgumentException if there is no such class
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
