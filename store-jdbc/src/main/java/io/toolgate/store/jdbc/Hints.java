package io.toolgate.store.jdbc;

import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells those in this process who wait for a record that this process moved it. What other processes do is found by
 * polling, which is the truth; this only makes it sooner.
 */
final class Hints {
    private static final Logger log = LoggerFactory.getLogger(Hints.class);

    /** A registration; an object of its own, so that one consumer may register twice. */
    private record Listener(Consumer<RecordId> consumer) {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    Subscription subscribe(Consumer<RecordId> consumer) {
        Listener listener = new Listener(consumer);
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Passes news on, on the thread that made them and after they are durable. */
    void tell(RecordId id, TransitionOutcome outcome) {
        if (outcome instanceof TransitionOutcome.Applied) {
            tell(id);
        }
    }

    /** Passes a decision on, on the thread that made it and after it is durable. */
    void tell(RecordId id, ResolveOutcome outcome) {
        if (outcome instanceof ResolveOutcome.Resolved) {
            tell(id);
        }
    }

    /** Passes on that {@code id} moved. */
    void tell(RecordId id) {
        for (Listener listener : listeners) {
            try {
                listener.consumer().accept(id);
            } catch (RuntimeException e) {
                log.warn("A consumer of hints threw; the hint is dropped for it", e);
            }
        }
    }

    void clear() {
        listeners.clear();
    }
}
