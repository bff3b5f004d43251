package io.toolgate.internal.waiting;

import io.toolgate.internal.base.GateThreads;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.Subscription;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at records again and again, on one thread that starts on demand: soon after there was news, ever more slowly while
 * there is none. What is looked at is announced to the store, at once and again every few seconds; a store's hint brings the
 * next look at its record forward. Polling is the truth: it covers hints that are lost, and stores that give none.
 */
public final class RecordPoller implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(RecordPoller.class);

    private final String name;
    private final IdempotencyStore store;
    private final Pace pace;
    private final Subject subject;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock.
    private @Nullable Thread thread;
    private @Nullable Subscription hints;
    private final Set<RecordId> hinted = new HashSet<>();
    private final Set<RecordId> newcomers = new HashSet<>();
    private volatile boolean closed;

    /** What is looked at. */
    interface Subject {
        /** Whether there is nothing to look at. */
        boolean isEmpty();

        /** Whether a hint about this record is of use. */
        boolean concerns(RecordId id);

        /** The records that are looked at now. */
        Set<RecordId> all();

        /**
         * Looks once, and tells whoever is interested. Called on the poller's thread only.
         *
         * @param only the records to look at, or empty for all
         * @return whether there was news
         */
        boolean look(Set<RecordId> only);
    }

    /**
     * How long it is from one look to the next, before jitter.
     *
     * @param firstNanos after news
     * @param slowestNanos after a long time without
     * @param outageNanos after a look that failed
     * @param hintGapNanos from one hinted look to the next, at least: hints may come as fast as somebody writes
     * @param announceNanos from one announcement of all that is looked at to the next
     */
    record Pace(long firstNanos, long slowestNanos, long outageNanos, long hintGapNanos, long announceNanos) {
        /**
         * The interval after one that brought no news. Where news comes by hints, the first polls still cover a run that ends
         * while it is being announced; those after them are against a hint that is lost.
         */
        long slower(long nanos, boolean hinted) {
            return Math.min(slowestNanos, hinted ? 4 * nanos : nanos + nanos / 2);
        }
    }

    /** A third of the time for which a store heeds an announcement, so that one that is lost does no harm. */
    static final long ANNOUNCE_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** A poller whose thread is called {@code name}. */
    RecordPoller(String name, IdempotencyStore store, Pace pace, Subject subject) {
        this.name = name;
        this.store = store;
        this.pace = pace;
        this.subject = subject;
    }

    boolean isClosed() {
        return closed;
    }

    /** Says that the subject has this one to look at, which is new. */
    void wake(RecordId id) {
        lock.lock();
        try {
            newcomers.add(id);
            changed.signal();
            if (thread == null && !closed) {
                Thread started = GateThreads.daemon(name, this);
                // Noted only once it has started: if it cannot, the next one who wakes tries again.
                started.start();
                thread = started;
                GateThreads.daemon("subscribe", this::subscribe).start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** On a thread of its own: a store that connects slowly, or not at all, must not keep anybody from polling. */
    private void subscribe() {
        Subscription subscription;
        try {
            subscription = store.subscribe(this::hint);
        } catch (RuntimeException | Error e) {
            log.warn("The store took no subscription; this gate polls only", e);
            return;
        }
        lock.lock();
        try {
            hints = subscription;
            if (!closed) {
                // Race: who came before this is announced now; who comes later finds the subscription.
                newcomers.addAll(subject.all());
                changed.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        // Race: the gate was closed meanwhile and found nothing to close.
        subscription.close();
    }

    private void hint(RecordId id) {
        if (!subject.concerns(id)) {
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

    /** Stops looking. A look that goes on ends by itself. */
    void close() {
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

    @Override
    public void run() {
        long interval = pace.firstNanos;
        long due = System.nanoTime() + jittered(interval);
        long hintsFrom = System.nanoTime();
        long announceFrom = System.nanoTime() + pace.announceNanos;
        boolean failing = false;
        boolean hinted = false;
        Poll poll;
        while ((poll = awaitPoll(due, hintsFrom)) != null) {
            if (!poll.newcomers.isEmpty()) {
                announce(poll.newcomers);
                interval = pace.firstNanos;
                due = Math.min(due - System.nanoTime(), jittered(interval)) + System.nanoTime();
                continue;
            }
            boolean full = poll.only.isEmpty();
            long from = System.nanoTime();
            if (full && from - announceFrom >= 0) {
                announce(subject.all());
                announceFrom = from + pace.announceNanos;
            }
            try {
                boolean news = subject.look(poll.only);
                if (news) {
                    hinted = !full;
                }
                if (full) {
                    interval = news ? pace.firstNanos : pace.slower(interval, hinted);
                }
                failing = false;
            } catch (RuntimeException | Error e) {
                report(e, failing);
                failing = true;
                interval = pace.outageNanos;
            }
            // Hinted looks take half of the time at most, however slow the store is and however fast hints come.
            long length = Math.min(System.nanoTime() - from, pace.slowestNanos);
            hintsFrom = System.nanoTime() + Math.max(pace.hintGapNanos, length);
            // A hinted look does not put the next full one off: a stream of hints must not starve those without.
            if (full) {
                due = System.nanoTime() + jittered(interval);
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
            log.debug("The store took no announcement; the {} polls, and announces again", name, e);
        }
    }

    /** Once an outage: the looks that fail while it lasts say nothing new. Who waits has a deadline of its own. */
    private void report(Throwable e, boolean failing) {
        if (failing) {
            log.debug("A look of the {} failed again", name, e);
        } else if (e instanceof StoreException) {
            log.warn("A look of the {} at the store failed and is tried again", name, e);
        } else {
            log.error("A look of the {} broke and is tried again", name, e);
        }
    }

    /**
     * Why the thread woke.
     *
     * @param newcomers what is new to look at: announce it, and plan anew; empty for a look
     * @param only the hinted records to look at, or empty for all
     */
    private record Poll(Set<RecordId> newcomers, Set<RecordId> only) {}

    private static long jittered(long interval) {
        return interval - interval / 4 + ThreadLocalRandom.current().nextLong(interval / 2);
    }

    /** Waits until a look is due, a newcomer is there or a hint comes; null when the poller is closed. */
    private @Nullable Poll awaitPoll(long due, long hintsFrom) {
        lock.lock();
        try {
            while (!closed) {
                long now = System.nanoTime();
                long left = subject.isEmpty() ? Long.MAX_VALUE : due - now;
                if (left <= 0) {
                    // It looks at what was hinted, too. Hints and newcomers come second, or a stream of them would keep
                    // it off.
                    hinted.clear();
                    return new Poll(Set.of(), Set.of());
                }
                if (!newcomers.isEmpty()) {
                    Set<RecordId> come = new HashSet<>(newcomers);
                    newcomers.clear();
                    return new Poll(come, Set.of());
                }
                if (!hinted.isEmpty()) {
                    left = Math.min(left, hintsFrom - now);
                    if (hintsFrom - now <= 0) {
                        Set<RecordId> only = new HashSet<>(hinted);
                        hinted.clear();
                        return new Poll(Set.of(), only);
                    }
                }
                try {
                    long unused = changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    log.warn("The {} thread was interrupted and goes on; close the gate to stop it", name);
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }
}
