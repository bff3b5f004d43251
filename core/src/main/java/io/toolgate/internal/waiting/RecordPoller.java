package io.toolgate.internal.waiting;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.internal.base.Backoff;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.Subscription;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls records on one thread, which starts on demand: soon after an event, ever more slowly while there is none. The
 * polled records are announced to the store, at once and again every few seconds; a hint from the store brings the next
 * poll of its record forward. Polling is sufficient without hints: it covers lost ones, and stores that give none.
 */
abstract class RecordPoller {
    private static final Logger log = LoggerFactory.getLogger(RecordPoller.class);

    /** A third of the time for which a store heeds an announcement, so that a lost one does no harm. */
    static final long ANNOUNCE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final String name;
    private final IdempotencyStore store;
    private final Pace pace;
    private final ThreadFactory threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private @Nullable Thread thread;

    @GuardedBy("lock")
    private @Nullable Subscription hints;

    @GuardedBy("lock")
    private final Set<RecordId> hinted = new HashSet<>();

    @GuardedBy("lock")
    private final Set<RecordId> newcomers = new HashSet<>();

    // Written under the lock, read without it.
    private volatile boolean closed;

    /**
     * The intervals from one poll to the next, before jitter.
     *
     * @param firstNanos after an event
     * @param slowestNanos after a long time without one
     * @param outageNanos after a poll that failed
     * @param hintGapNanos from one hinted poll to the next, at least: hints may arrive as fast as records are written
     * @param announceNanos from one announcement of all polled records to the next
     */
    record Pace(long firstNanos, long slowestNanos, long outageNanos, long hintGapNanos, long announceNanos) {
        /**
         * The interval after one without an event. Where events come by hints, the first polls cover a run that ends
         * while it is being announced; later ones cover a hint that is lost.
         */
        long slower(long nanos, boolean hinted) {
            return Math.min(slowestNanos, hinted ? 4 * nanos : nanos + nanos / 2);
        }
    }

    /** A poller whose thread is called {@code name}. */
    RecordPoller(String name, IdempotencyStore store, Pace pace) {
        this(name, store, pace, task -> GateThreads.daemon(name, task));
    }

    /** A poller whose thread comes from {@code threads}; for tests. */
    RecordPoller(String name, IdempotencyStore store, Pace pace, ThreadFactory threads) {
        this.name = name;
        this.store = store;
        this.pace = pace;
        this.threads = threads;
    }

    /** The polled records: a view that is safe to read while records come and go. */
    abstract Set<RecordId> polled();

    /**
     * Polls once and hands out the events. Called on the poller's thread only.
     *
     * @param only the records to poll, or empty for all
     * @return whether there was an event
     */
    abstract boolean poll(Set<RecordId> only);

    final boolean isClosed() {
        return closed;
    }

    /** Notes that {@code id} is polled from now on. */
    final void added(RecordId id) {
        lock.lock();
        try {
            newcomers.add(id);
            changed.signal();
            if (thread == null && !closed) {
                Thread started = threads.newThread(this::run);
                // Assigned only once it has started: if it cannot, the next record tries again.
                started.start();
                thread = started;
                startSubscribing();
            }
        } finally {
            lock.unlock();
        }
    }

    private void startSubscribing() {
        try {
            GateThreads.daemon("subscribe", this::subscribe).start();
        } catch (OutOfMemoryError e) {
            log.warn(
                    "There is no thread to subscribe at the store; this gate polls without hints, which takes longer",
                    e);
        }
    }

    /** Subscribes on a thread of its own: a store that connects slowly, or not at all, must not delay polling. */
    private void subscribe() {
        Subscription subscription;
        try {
            subscription = store.subscribe(this::hint);
        } catch (RuntimeException | Error e) {
            log.warn("The store accepted no subscription; this gate polls without hints, which takes longer", e);
            return;
        }
        lock.lock();
        try {
            hints = subscription;
            if (!closed) {
                // Race: records that were added before are announced now; later ones find the subscription.
                newcomers.addAll(polled());
                changed.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        // Race: close() came first and found nothing to close.
        subscription.close();
    }

    private void hint(RecordId id) {
        if (!polled().contains(id)) {
            return;
        }
        lock.lock();
        try {
            hinted.add(id);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Stops polling. A poll in progress ends by itself. */
    final void stop() {
        Subscription subscription;
        lock.lock();
        try {
            closed = true;
            subscription = hints;
            hints = null;
            changed.signal();
        } finally {
            lock.unlock();
        }
        if (subscription != null) {
            subscription.close();
        }
    }

    private void run() {
        long interval = pace.firstNanos;
        long due = System.nanoTime() + Backoff.jittered(interval);
        long hintsFrom = System.nanoTime();
        long announceFrom = System.nanoTime() + pace.announceNanos;
        boolean failing = false;
        boolean hinted = false;
        Wakeup wakeup;
        while ((wakeup = await(due, hintsFrom)) != null) {
            if (!wakeup.newcomers.isEmpty()) {
                announce(wakeup.newcomers);
                interval = pace.firstNanos;
                due = Math.min(due - System.nanoTime(), Backoff.jittered(interval)) + System.nanoTime();
                continue;
            }
            boolean full = wakeup.only.isEmpty();
            long from = System.nanoTime();
            if (full && from - announceFrom >= 0) {
                announce(Set.copyOf(polled()));
                announceFrom = from + pace.announceNanos;
            }
            try {
                boolean event = poll(wakeup.only);
                if (event) {
                    hinted = !full;
                }
                if (full) {
                    interval = event ? pace.firstNanos : pace.slower(interval, hinted);
                }
                failing = false;
            } catch (RuntimeException | Error e) {
                logFailure(e, failing);
                failing = true;
                interval = pace.outageNanos;
            }
            // Hinted polls take half of the time at most, however slow the store is and however fast hints arrive.
            long length = Math.min(System.nanoTime() - from, pace.slowestNanos);
            hintsFrom = System.nanoTime() + Math.max(pace.hintGapNanos, length);
            // A hinted poll does not postpone the next full one: hints must not starve records that get none.
            if (full) {
                due = System.nanoTime() + Backoff.jittered(interval);
            }
        }
    }

    private void announce(Set<RecordId> ids) {
        Subscription subscription;
        lock.lock();
        try {
            subscription = hints;
        } finally {
            lock.unlock();
        }
        if (subscription == null || ids.isEmpty()) {
            return;
        }
        try {
            subscription.announce(ids);
        } catch (RuntimeException | Error e) {
            log.debug("The store accepted no announcement of the {} thread, which polls and announces again", name, e);
        }
    }

    /** Warns once an outage. Waiters have deadlines of their own. */
    private void logFailure(Throwable e, boolean failing) {
        if (failing) {
            log.debug("Poll of the {} thread failed again; will retry", name, e);
        } else if (e instanceof StoreException) {
            log.warn("Poll of the {} thread failed because of the store; will retry", name, e);
        } else {
            log.error("Poll of the {} thread failed unexpectedly; will retry. Please report this as a bug", name, e);
        }
    }

    /**
     * The reason why the thread woke.
     *
     * @param newcomers records to announce, after which the next poll is planned anew; empty for a poll
     * @param only the hinted records to poll, or empty for all
     */
    private record Wakeup(Set<RecordId> newcomers, Set<RecordId> only) {}

    /** Waits until a poll is due, a record was added or a hint arrived; null when the poller is closed. */
    private @Nullable Wakeup await(long due, long hintsFrom) {
        lock.lock();
        try {
            while (!closed) {
                long now = System.nanoTime();
                long left = polled().isEmpty() ? Long.MAX_VALUE : due - now;
                if (left <= 0) {
                    // A full poll covers the hinted records. It comes first, or a stream of hints would keep it off.
                    hinted.clear();
                    return new Wakeup(Set.of(), Set.of());
                }
                if (!newcomers.isEmpty()) {
                    Set<RecordId> added = new HashSet<>(newcomers);
                    newcomers.clear();
                    return new Wakeup(added, Set.of());
                }
                if (!hinted.isEmpty()) {
                    left = Math.min(left, hintsFrom - now);
                    if (hintsFrom - now <= 0) {
                        Set<RecordId> only = new HashSet<>(hinted);
                        hinted.clear();
                        return new Wakeup(Set.of(), only);
                    }
                }
                try {
                    long unused = changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    log.warn("The {} thread was interrupted; it ignores that. Close the gate to stop it", name);
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }
}
