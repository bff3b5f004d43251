package io.toolgate.store.memory;

import io.toolgate.store.RecordId;
import io.toolgate.store.Subscription;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Dispatcher of hints to the subscribers of a store, on one thread that exists while there is work. A consumer that
 * blocks or throws delays or loses hints of other consumers, never a transition. Hints beyond {@value #MAX_PENDING}
 * pending ones are dropped.
 */
final class Hints {
    private static final Logger log = LoggerFactory.getLogger(Hints.class);
    private static final int MAX_PENDING = 10_000;

    private final List<Consumer<RecordId>> consumers = new CopyOnWriteArrayList<>();
    private final ThreadPoolExecutor thread;

    Hints() {
        thread = new ThreadPoolExecutor(
                1,
                1,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_PENDING),
                Hints::daemon,
                // The queue is full or the store closed: hints may be lost.
                new ThreadPoolExecutor.DiscardPolicy());
        thread.allowCoreThreadTimeOut(true);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "toolgate-memory-hints");
        thread.setDaemon(true);
        return thread;
    }

    Subscription subscribe(Consumer<RecordId> consumer) {
        // A new object, so that a consumer that subscribed twice can close one of its subscriptions.
        Consumer<RecordId> registration = new Consumer<>() {
            @Override
            public void accept(RecordId id) {
                consumer.accept(id);
            }
        };
        consumers.add(registration);
        return () -> consumers.remove(registration);
    }

    /** Queues a hint for {@code id} to all subscribers. Never blocks. */
    void publish(RecordId id) {
        if (!consumers.isEmpty()) {
            thread.execute(() -> deliver(id));
        }
    }

    private void deliver(RecordId id) {
        for (Consumer<RecordId> consumer : consumers) {
            try {
                consumer.accept(id);
            } catch (RuntimeException | Error e) {
                log.warn("A subscriber of hints threw on the hint for {}; it gets the next hints as before", id, e);
            }
        }
    }

    void close() {
        consumers.clear();
        thread.shutdown();
    }
}
