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
 * Tells subscribers which records ended, on one thread that comes and goes with the work: a consumer that blocks or throws
 * costs other consumers their hints and a transition nothing. Hints that the thread cannot keep up with are dropped.
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
                // Full, or closed: a hint may be lost.
                new ThreadPoolExecutor.DiscardPolicy());
        thread.allowCoreThreadTimeOut(true);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "toolgate-memory-hints");
        thread.setDaemon(true);
        return thread;
    }

    Subscription subscribe(Consumer<RecordId> consumer) {
        // An object of its own, so that a consumer that subscribes twice can end one of the two.
        Consumer<RecordId> registration = new Consumer<>() {
            @Override
            public void accept(RecordId id) {
                consumer.accept(id);
            }
        };
        consumers.add(registration);
        return () -> consumers.remove(registration);
    }

    /** Tells everybody that {@code id} ended, soon. */
    void give(RecordId id) {
        if (!consumers.isEmpty()) {
            thread.execute(() -> tell(id));
        }
    }

    private void tell(RecordId id) {
        for (Consumer<RecordId> consumer : consumers) {
            try {
                consumer.accept(id);
            } catch (RuntimeException | Error e) {
                log.warn("A consumer of hints threw; the hint for {} is dropped", id, e);
            }
        }
    }

    void close() {
        consumers.clear();
        thread.shutdown();
    }
}
