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
 * Passes changes of records to this store's subscribers: its own changes at once, on the thread that made them, and
 * those of other stores as {@link Wakeups} reports them. What a poll reads is authoritative; a hint only makes a
 * waiter poll sooner.
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

    /** Called before a claim: its record may get waiters in other processes. */
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

    /** Publishes a transition, on the thread that made it and after it is durable. */
    public void publish(RecordId id, TransitionOutcome outcome) {
        if (outcome instanceof TransitionOutcome.Applied applied) {
            publish(id, applied.current() == RecordState.COMPLETED || applied.current() == RecordState.REJECTED);
        }
    }

    /** Publishes an operator's decision, on the thread that made it and after it is durable. */
    public void publish(RecordId id, ResolveOutcome outcome) {
        if (outcome instanceof ResolveOutcome.Resolved) {
            publish(id, false);
        }
    }

    /** Publishes a change of {@code id}; {@code ended} if the record is finished. */
    public void publish(RecordId id, boolean ended) {
        pass(id);
        wakeups.moved(id, ended);
    }

    private void pass(RecordId id) {
        for (Listener listener : listeners) {
            try {
                listener.consumer().accept(id);
            } catch (RuntimeException e) {
                log.warn(
                        "A subscriber to record changes threw; this change is dropped for it, and its waiters find out"
                                + " by polling",
                        e);
            }
        }
    }

    /** Ends all subscriptions and the notifications. */
    public void close() {
        listeners.clear();
        wakeups.close();
    }
}
