package io.toolgate.internal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One call's ear at a {@link WaitPoint}.
 *
 * <p>Race: the news, the deadline and a cancellation may come at once; the first to arrive is the one that counts.
 */
abstract class Waiter {
    private final AtomicBoolean told = new AtomicBoolean();

    /** Hands over {@code news} if nothing was handed over before. Never blocks. */
    final void tell(Settlement news) {
        if (told.compareAndSet(false, true)) {
            deliver(news);
        }
    }

    abstract void deliver(Settlement news);

    /** A waiter whose thread blocks. */
    static final class Blocking extends Waiter {
        final CompletableFuture<Settlement> news = new CompletableFuture<>();

        @Override
        void deliver(Settlement settlement) {
            var unused = news.complete(settlement);
        }
    }

    /** A waiter that holds no thread: the news is worked on by {@code continuations}. */
    static final class Deferred extends Waiter {
        private final Executor continuations;
        private final Consumer<Settlement> then;

        Deferred(Executor continuations, Consumer<Settlement> then) {
            this.continuations = continuations;
            this.then = then;
        }

        @Override
        void deliver(Settlement settlement) {
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
