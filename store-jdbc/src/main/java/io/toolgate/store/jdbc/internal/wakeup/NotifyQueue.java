package io.toolgate.store.jdbc.internal.wakeup;

import com.google.errorprone.annotations.concurrent.GuardedBy;
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
 * Queue of notifications to other stores. One batch is sent at a time, with all that was queued meanwhile in the next,
 * because commits that notify wait for each other behind one lock of the database. Its one thread ends when it has
 * been idle for a while. A notification that cannot be sent, or comes while too many are queued, is dropped; polling
 * covers both.
 */
public final class NotifyQueue implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NotifyQueue.class);
    private static final int MOST_UNSENT = 50_000;
    private static final long PATIENCE_SECONDS = 1;

    private final long self;
    private final Consumer<List<String>> sending;
    private final ThreadPoolExecutor thread;

    @GuardedBy("this")
    private final Map<NotifyPayload.Kind, Set<UUID>> unsent = new EnumMap<>(NotifyPayload.Kind.class);

    @GuardedBy("this")
    private int count;

    /** Whether the thread is sending, or about to. */
    @GuardedBy("this")
    private boolean busy;

    /** Used by the sending thread only. */
    private boolean failing;

    /** Sends as {@code self} with {@code sending}, which may block and may throw. */
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

    /** Queues {@code ids} to be sent. */
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
            // No thread can be created, which must not fail a change that is durable; the next call tries again.
            log.debug("Cannot start to notify other processes yet; their waiters may find out by polling", e);
            notBusy();
        }
    }

    private synchronized void notBusy() {
        busy = false;
    }

    private void sendAll() {
        for (List<String> payloads = next(); !payloads.isEmpty(); payloads = next()) {
            try {
                sending.accept(payloads);
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
            log.debug("Still cannot notify other processes; their waiters find out by polling", e);
        } else {
            log.warn("Cannot notify other processes of changes made here; their waiters find out by polling", e);
        }
        failing = true;
    }

    /** Accepts no more notifications, and waits a little for those that are being sent. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                log.debug("A notification is still being sent; it ends with its connection");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
