package io.toolgate.store.jdbc.internal.wakeup;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is to be told, one lot at a time, and with the next lot all that has gathered meanwhile: commits that notify queue
 * behind one lock of the database. On one thread, which ends when it has had nothing to do for a while. What cannot be sent is
 * dropped, and what comes while too much waits to be sent; polling covers both.
 */
public final class NotifyQueue implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NotifyQueue.class);
    private static final int MOST_UNSENT = 50_000;
    private static final long PATIENCE_SECONDS = 1;

    private final long self;
    private final Consumer<List<String>> sending;
    private final ThreadPoolExecutor thread;

    // Guarded by this, which is not held while anything is sent.
    private final Map<NotifyPayload.Kind, Set<UUID>> unsent = new EnumMap<>(NotifyPayload.Kind.class);
    private int count;
    private boolean busy;

    // The thread's own.
    private boolean failing;

    /** Sends as {@code self}, by {@code sending}, which may block and may throw. */
    NotifyQueue(long self, Consumer<List<String>> sending) {
        this.self = self;
        this.sending = sending;
        this.thread = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> {
                    Thread started = new Thread(task, "toolgate-notifier");
                    started.setDaemon(true);
                    return started;
                },
                new ThreadPoolExecutor.DiscardPolicy());
        this.thread.allowCoreThreadTimeOut(true);
    }

    /** Has {@code ids} sent soon. */
    void send(NotifyPayload.Kind kind, Collection<UUID> ids) {
        synchronized (this) {
            Set<UUID> gathered = unsent.computeIfAbsent(kind, k -> new LinkedHashSet<>());
            for (UUID id : ids) {
                if (count < MOST_UNSENT && gathered.add(id)) {
                    count++;
                }
            }
            if (busy) {
                return;
            }
            busy = true;
        }
        try {
            thread.execute(this::sendAll);
        } catch (OutOfMemoryError e) {
            // No thread is to be had, which must not fail what is durable; the next one tries again.
            log.debug("Waiters in other processes are told later, or find out by polling", e);
            notBusy();
        }
    }

    private synchronized void notBusy() {
        busy = false;
    }

    private void sendAll() {
        for (List<String> lot = next(); !lot.isEmpty(); lot = next()) {
            try {
                sending.accept(lot);
                failing = false;
            } catch (RuntimeException | Error e) {
                report(e);
            }
        }
    }

    private synchronized List<String> next() {
        List<String> texts = new ArrayList<>();
        unsent.forEach((kind, ids) -> texts.addAll(NotifyPayload.texts(kind, self, ids)));
        unsent.clear();
        count = 0;
        busy = !texts.isEmpty();
        return texts;
    }

    private void report(Throwable e) {
        if (failing) {
            log.debug("Waiters in other processes could not be told again; they find out by polling", e);
        } else {
            log.warn("Waiters in other processes could not be told what moved here; they find out by polling", e);
        }
        failing = true;
    }

    /** Sends nothing more, and waits a little for what is on its way. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                log.debug("A notice is still on its way; it ends with its connection");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
