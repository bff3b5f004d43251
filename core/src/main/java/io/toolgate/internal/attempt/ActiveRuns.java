package io.toolgate.internal.attempt;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.ToolGateException;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What this process is running, and whether it may begin anything new. */
public final class ActiveRuns {
    private final ConcurrentHashMap<RecordId, Integer> running = new ConcurrentHashMap<>();

    /** What the thread itself leads and runs, innermost last. */
    private static final class Mine {
        int leading;
        final Deque<RecordId> running = new ArrayDeque<>();
    }

    private final ThreadLocal<Mine> mine = ThreadLocal.withInitial(Mine::new);

    private final AtomicInteger probes = new AtomicInteger();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private int leading;
    // Written under lock, read anywhere.
    private volatile boolean closed;

    public boolean isOpen() {
        return !closed;
    }

    public void ensureOpen() {
        if (closed) {
            throw new ToolGateException.Closed();
        }
    }

    /** Whether a run of {@code id} goes on in this process, whatever its lease says. */
    public boolean isRunning(RecordId id) {
        return running.containsKey(id);
    }

    /** Whether a run of {@code id} goes on on this very thread. */
    public boolean isRunningHere(RecordId id) {
        return isRunning(id) && mine.get().running.contains(id);
    }

    /** Counts a call that is about to claim. Every call of this is followed by one of {@link #endLeading}. */
    public void beginLeading() {
        lock.lock();
        try {
            // Race: close() while calls come in. Under this lock a call is either counted, and drained, or refused.
            ensureOpen();
            leading++;
        } finally {
            lock.unlock();
        }
        mine.get().leading++;
    }

    public void endLeading() {
        Mine here = mine.get();
        if (--here.leading == 0) {
            mine.remove();
        }
        lock.lock();
        try {
            leading--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether this very thread leads a call now. */
    public boolean isLeadingHere() {
        Mine here = mine.get();
        if (here.leading == 0 && here.running.isEmpty()) {
            mine.remove();
        }
        return here.leading > 0;
    }

    void begin(RecordId id) {
        running.merge(id, 1, Integer::sum);
        beginHere(id);
    }

    void end(RecordId id) {
        endHere();
        var unused = running.computeIfPresent(id, (key, count) -> count == 1 ? null : count - 1);
    }

    private void beginHere(RecordId id) {
        mine.get().running.push(id);
    }

    private void endHere() {
        Mine here = mine.get();
        here.running.pop();
        if (here.running.isEmpty() && here.leading == 0) {
            mine.remove();
        }
    }

    /** Notes that this thread runs a probe about {@code id}. */
    void beginProbe(RecordId id) {
        beginHere(id);
        probes.incrementAndGet();
    }

    void endProbe() {
        probes.decrementAndGet();
        endHere();
    }

    /** How many probes run, those included whose callers have stopped waiting for them. */
    public int probesRunning() {
        return probes.get();
    }

    /**
     * Refuses new work, and waits for what goes on, except on the calling thread, which cannot end while it waits.
     *
     * @return how many calls still went on after {@code timeout}
     * @throws InterruptedException if the thread was interrupted; new work stays refused
     */
    @CanIgnoreReturnValue
    public int close(Duration timeout) throws InterruptedException {
        int here = mine.get().leading;
        lock.lock();
        try {
            closed = true;
            long left = timeout.toNanos();
            while (leading > here && left > 0) {
                left = changed.awaitNanos(left);
            }
            return leading - here;
        } finally {
            lock.unlock();
        }
    }
}
