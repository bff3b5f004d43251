package io.toolgate.store.jdbc.internal.wakeup;

import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells those who wait for a record at this store that it moved: what this store did at once, on the thread that did it, and what
 * others did by {@link Wakeups}. Polling is the truth; this only makes it sooner.
 */
public final class LocalHints {
    private static final Logger log = LoggerFactory.getLogger(LocalHints.class);

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
    private final Wakeups wakeups;

    public LocalHints(Wakeups.Maker wakeups) {
        this.wakeups = wakeups.make(this::pass);
    }

    /** Somebody is about to own a record here, for which others may wait. */
    public void begin() {
        wakeups.begin();
    }

    public Subscription subscribe(Consumer<RecordId> consumer) {
        Listener listener = new Listener(consumer);
        listeners.add(listener);
        return new Subscription() {
            @Override
            public void announce(Collection<RecordId> ids) {
                wakeups.announce(ids);
            }

            @Override
            public void close() {
                listeners.remove(listener);
            }
        };
    }

    /** Passes news on, on the thread that made them and after they are durable. */
    public void tell(RecordId id, TransitionOutcome outcome) {
        if (outcome instanceof TransitionOutcome.Applied applied) {
            tell(id, applied.current() == RecordState.COMPLETED || applied.current() == RecordState.REJECTED);
        }
    }

    /** Passes a decision on, on the thread that made it and after it is durable. */
    public void tell(RecordId id, ResolveOutcome outcome) {
        if (outcome instanceof ResolveOutcome.Resolved) {
            tell(id, false);
        }
    }

    /** Passes on that {@code id} moved; {@code ended} if it is finished. */
    public void tell(RecordId id, boolean ended) {
        pass(id);
        wakeups.moved(id, ended);
    }

    private void pass(RecordId id) {
        for (Listener listener : listeners) {
            try {
                listener.consumer().accept(id);
            } catch (RuntimeException e) {
                log.warn("A consumer of hints threw; the hint is dropped for it", e);
            }
        }
    }

    /** Ends all registrations, and the way to others. */
    public void close() {
        listeners.clear();
        wakeups.close();
    }
}
