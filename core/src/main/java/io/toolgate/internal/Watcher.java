package io.toolgate.internal;

import io.toolgate.ToolGateException;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.Subscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the records that calls of this process wait for while another process owns them: one thread, and one read a poll
 * for all of them, however many wait. A store's hint brings the next poll forward; polling is the truth.
 *
 * <p>Race: the run ends between a call's claim, which said busy, and its joining here. Nothing is lost, because a poll looks
 * at what a record is, not at what changed; it only comes a poll later.
 */
final class Watcher implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Watcher.class);

    // Short enough that a quick run is replayed quickly, long enough that a long one costs few reads.
    private static final long FIRST_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long SLOWEST_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long OUTAGE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final IdempotencyStore store;
    private final ConcurrentHashMap<CallKey, WaitPoint> points = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock.
    private @Nullable Thread thread;
    private @Nullable Subscription hints;
    private final Set<RecordId> hinted = new HashSet<>();
    private boolean newcomer;
    private volatile boolean closed;

    Watcher(IdempotencyStore store) {
        this.store = store;
    }

    /**
     * Joins those who wait for {@code key}. This, {@link #leave} and the telling of news go through the map's own atomicity,
     * so that a point is never dropped as empty while somebody joins it.
     *
     * @throws ToolGateException.TooManyWaiters if {@code limit} calls wait for this key already
     * @throws ToolGateException.Closed if the watcher is closed
     */
    void join(CallKey key, Waiter waiter, int limit) {
        boolean[] created = new boolean[1];
        var unused = points.compute(key, (k, known) -> {
            created[0] = known == null;
            WaitPoint joined = known == null ? new WaitPoint() : known;
            // A watched point is never settled, only told, so there is no news to take here.
            joined.join(waiter, limit);
            return joined;
        });
        // Race: close() told everybody just before this waiter joined. It set the flag first, so the flag is seen here.
        if (closed) {
            leave(key, waiter);
            throw new ToolGateException.Closed();
        }
        if (created[0]) {
            wake();
        }
    }

    /** Whether somebody waits for {@code key} already: who comes now learns the same news without asking the store. */
    boolean watches(CallKey key) {
        return points.containsKey(key);
    }

    void leave(CallKey key, Waiter waiter) {
        var unused = points.computeIfPresent(key, (k, point) -> {
            point.leave(waiter);
            return point.isEmpty() ? null : point;
        });
    }

    private void wake() {
        lock.lock();
        try {
            newcomer = true;
            changed.signal();
            if (thread == null && !closed) {
                Thread started = GateThreads.daemon("watcher", this);
                // Noted only once it has started: if it cannot, the next waiter tries again.
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
                return;
            }
        } finally {
            lock.unlock();
        }
        // Race: the gate was closed meanwhile and found nothing to close.
        subscription.close();
    }

    private void hint(RecordId id) {
        lock.lock();
        try {
            if (!points.isEmpty()) {
                hinted.add(id);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops watching, and tells those who still wait that the gate is closed. */
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
        points.keySet().forEach(key -> tell(key, Long.MAX_VALUE, new Settlement.Broken(ToolGateException.Closed::new)));
    }

    @Override
    public void run() {
        long interval = FIRST_POLL_NANOS;
        long due = System.nanoTime() + jittered(interval);
        Poll poll;
        while ((poll = awaitPoll(due)) != null) {
            if (poll.newcomers) {
                interval = FIRST_POLL_NANOS;
                due = Math.min(due - System.nanoTime(), jittered(interval)) + System.nanoTime();
                continue;
            }
            try {
                boolean news = read(poll.only);
                if (poll.only.isEmpty()) {
                    interval = news ? FIRST_POLL_NANOS : Math.min(SLOWEST_POLL_NANOS, interval + interval / 2);
                }
            } catch (StoreException e) {
                // Waiters keep their deadlines; an outage is theirs to learn only if it outlasts them.
                log.warn("A poll for {} waited-for keys failed and is tried again", points.size(), e);
                interval = OUTAGE_POLL_NANOS;
            } catch (RuntimeException | Error e) {
                log.error("A poll broke and is tried again", e);
                interval = OUTAGE_POLL_NANOS;
            }
            // A hinted read does not put the next full one off: a stream of hints must not starve those without.
            if (poll.only.isEmpty()) {
                due = System.nanoTime() + jittered(interval);
            }
        }
    }

    /**
     * Why the thread woke.
     *
     * @param newcomers somebody joined; plan anew
     * @param only the hinted records to read, or empty for all
     */
    private record Poll(boolean newcomers, Set<RecordId> only) {}

    private static long jittered(long interval) {
        return interval - interval / 4 + ThreadLocalRandom.current().nextLong(interval / 2);
    }

    /** Waits until a poll is due, somebody joins or a hint comes; null when the watcher is closed. */
    private @Nullable Poll awaitPoll(long due) {
        lock.lock();
        try {
            while (!closed) {
                long left = due - System.nanoTime();
                if (newcomer) {
                    newcomer = false;
                    return new Poll(true, Set.of());
                }
                if (!hinted.isEmpty()) {
                    Set<RecordId> only = new HashSet<>(hinted);
                    hinted.clear();
                    return new Poll(false, only);
                }
                if (!points.isEmpty() && left <= 0) {
                    return new Poll(false, Set.of());
                }
                try {
                    if (points.isEmpty()) {
                        changed.await();
                    } else {
                        long unused = changed.awaitNanos(left);
                    }
                } catch (InterruptedException e) {
                    log.warn("The watcher thread was interrupted and goes on; close the gate to stop it");
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Reads the records that are waited for, tells the news, and returns whether there was any. */
    private boolean read(Set<RecordId> only) {
        Map<CallKey, Long> marks = new HashMap<>();
        Set<RecordId> ids = new HashSet<>();
        points.forEach((key, point) -> {
            if (only.isEmpty() || only.contains(key.id())) {
                marks.put(key, point.mark());
                ids.add(key.id());
            }
        });
        if (ids.isEmpty()) {
            return false;
        }
        Map<RecordId, IdempotencyRecord> records = new HashMap<>();
        Map<RecordId, StoreException.Corrupt> unreadable = new HashMap<>();
        Set<RecordId> missing = new HashSet<>(ids);
        try {
            records.putAll(store.peekAll(ids));
            missing.removeAll(records.keySet());
        } catch (StoreException.Corrupt e) {
            log.warn("A waited-for record cannot be read; each is read by itself", e);
        }
        // One row that cannot be read must not keep the news of all the others back, nor be taken for one that is gone:
        // a store
        // may refuse the lot for it, or leave it out.
        readOneByOne(missing, records, unreadable);
        boolean news = false;
        for (Map.Entry<CallKey, Long> entry : marks.entrySet()) {
            CallKey key = entry.getKey();
            StoreException.Corrupt corrupt = unreadable.get(key.id());
            Optional<Settlement> settlement = corrupt == null
                    ? Settlement.of(records.get(key.id()), key.fingerprint())
                    : Optional.of(new Settlement.Broken(() -> new ToolGateException.NotExecuted(
                            "The record that this call waited for cannot be read: " + corrupt.getMessage(), corrupt)));
            if (settlement.isPresent()) {
                news = true;
                tell(key, entry.getValue(), settlement.get());
            }
        }
        return news;
    }

    private void readOneByOne(
            Set<RecordId> ids,
            Map<RecordId, IdempotencyRecord> records,
            Map<RecordId, StoreException.Corrupt> unreadable) {
        for (RecordId id : ids) {
            try {
                store.peek(id).ifPresent(record -> records.put(id, record));
            } catch (StoreException.Corrupt e) {
                unreadable.put(id, e);
            }
        }
    }

    private void tell(CallKey key, long mark, Settlement news) {
        List<Waiter> told = new ArrayList<>();
        var unused = points.computeIfPresent(key, (k, point) -> {
            told.addAll(point.take(mark));
            return point.isEmpty() ? null : point;
        });
        told.forEach(waiter -> waiter.tell(news));
    }
}
