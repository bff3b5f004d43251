package io.toolgate.internal.waiting;

import io.toolgate.internal.base.KeyEvent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One call's ear at a {@link WaiterQueue}.
 *
 * <p>Race: the news, the deadline and a cancellation may come at once; the first to arrive is the one that counts.
 */
public abstract class Waiter {
    private final AtomicBoolean told = new AtomicBoolean();

    /** Hands over {@code news} if nothing was handed over before. Never blocks. */
    public final void tell(KeyEvent news) {
        if (told.compareAndSet(false, true)) {
            deliver(news);
        }
    }

    abstract void deliver(KeyEvent news);

    /** A waiter whose thread blocks. */
    public static final class Blocking extends Waiter {
        public final CompletableFuture<KeyEvent> news = new CompletableFuture<>();

        @Override
        void deliver(KeyEvent settlement) {
            var unused = news.complete(settlement);
        }
    }

    /** A waiter that holds no thread: the news is worked on by {@code continuations}. */
    public static final class Deferred extends Waiter {
        private final Executor continuations;
        private final Consumer<KeyEvent> then;

        public Deferred(Executor continuations, Consumer<KeyEvent> then) {
            this.continuations = continuations;
            this.then = then;
        }

        @Override
        void deliver(KeyEvent settlement) {
            try {
                continuations.execute(() -> then.accept(settlement));
            } catch (RejectedExecutionException | OutOfMemoryError e) {
                // The gate was closed while a run went on, or there is no thread to be had: the news is still told,
                // here.
                then.accept(settlement);
            }
        }
    }
}
