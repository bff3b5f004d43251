package io.toolgate.internal.waiting;

import io.toolgate.ToolGateException;
import io.toolgate.internal.base.KeyEvent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A waiting call; completed exactly once.
 *
 * <p>Race: an event, the deadline and a cancellation may arrive at once; only the first one counts.
 */
public abstract sealed class Waiter {
    private final AtomicBoolean completed = new AtomicBoolean();

    Waiter() {}

    /** Hands over {@code event}, unless an event was handed over before. Never blocks. */
    public final void complete(KeyEvent event) {
        if (completed.compareAndSet(false, true)) {
            deliver(event);
        }
    }

    abstract void deliver(KeyEvent event);

    /** A waiter whose thread blocks. */
    public static final class Blocking extends Waiter {
        private final CompletableFuture<KeyEvent> event = new CompletableFuture<>();

        /** The event, once it arrives. */
        public CompletableFuture<KeyEvent> event() {
            return event;
        }

        @Override
        void deliver(KeyEvent arrived) {
            var unused = event.complete(arrived);
        }
    }

    /** A waiter that holds no thread: its event is processed by an executor. */
    public static final class Deferred extends Waiter {
        private final Executor continuations;
        private final Consumer<KeyEvent> then;

        /** A waiter whose event {@code continuations}, which refuses nothing, passes to {@code then}. */
        public Deferred(Executor continuations, Consumer<KeyEvent> then) {
            this.continuations = continuations;
            this.then = then;
        }

        @Override
        void deliver(KeyEvent event) {
            continuations.execute(() -> then.accept(event));
        }
    }

    /** The limit of calls that wait at one gate. */
    public static final class Limit {
        private final int limit;
        private final int limitPerKey;
        private final AtomicInteger waiting = new AtomicInteger();

        /** A limit for the whole gate, and one for each key, which waiter queues enforce. */
        public Limit(int limit, int limitPerKey) {
            this.limit = limit;
            this.limitPerKey = limitPerKey;
        }

        /** How many calls may wait for one key. */
        public int perKey() {
            return limitPerKey;
        }

        /** Takes a place. Every call of this that returns is followed by one of {@link #leave}. */
        public void enter() {
            if (waiting.incrementAndGet() > limit) {
                leave();
                throw new ToolGateException.TooManyWaiters(limit, "at this gate");
            }
        }

        /** Frees a place. */
        public void leave() {
            waiting.decrementAndGet();
        }
    }
}
