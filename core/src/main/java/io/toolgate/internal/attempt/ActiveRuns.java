package io.toolgate.internal.attempt;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.ToolGateException;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The calls and runs that are active in this process, and whether new ones may begin. */
public final class ActiveRuns {
    private final ConcurrentHashMap<RecordId, Integer> running = new ConcurrentHashMap<>();

    /** The calls and runs of one thread, innermost last. */
    private static final class OfThread {
        int calls;
        final Deque<RecordId> running = new ArrayDeque<>();
    }

    private final ThreadLocal<OfThread> ofThread = ThreadLocal.withInitial(OfThread::new);

    private final AtomicInteger probes = new AtomicInteger();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private int calls;

    // Written under the lock, read without it.
    private volatile boolean closed;

    public boolean isOpen() {
        return !closed;
    }

    public void ensureOpen() {
        if (closed) {
            throw new ToolGateException.Closed();
        }
    }

    /** Whether a run of {@code id} is active in this process, whatever its lease says. */
    public boolean isRunning(RecordId id) {
        return running.containsKey(id);
    }

    /** Whether a run of {@code id} is active on this thread. */
    public boolean isRunningHere(RecordId id) {
        return isRunning(id) && ofThread.get().running.contains(id);
    }

    /** Counts a call that is about to claim. Every call of this is followed by one of {@link #endCall}. */
    public void beginCall() {
        lock.lock();
        try {
            // Race: close() while calls arrive. Under this lock a call is either counted, and drained, or refused.
            ensureOpen();
            calls++;
        } finally {
            lock.unlock();
        }
        ofThread.get().calls++;
    }

    public void endCall() {
        OfThread here = ofThread.get();
        if (--here.calls == 0) {
            ofThread.remove();
        }
        lock.lock();
        try {
            calls--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a call that is counted here is active on this thread. */
    public boolean isCallingHere() {
        OfThread here = ofThread.get();
        if (here.calls == 0 && here.running.isEmpty()) {
            ofThread.remove();
        }
        return here.calls > 0;
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
        ofThread.get().running.push(id);
    }

    private void endHere() {
        OfThread here = ofThread.get();
        here.running.pop();
        if (here.running.isEmpty() && here.calls == 0) {
            ofThread.remove();
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
     * Refuses new calls, and waits for active ones, except those of the calling thread, which cannot end while it
     * waits.
     *
     * @return how many calls were still active after {@code timeout}
     * @throws InterruptedException if the thread was interrupted; new calls stay refused
     */
    @CanIgnoreReturnValue
    public int close(Duration timeout) throws InterruptedException {
        int here = ofThread.get().calls;
        lock.lock();
        try {
            closed = true;
            long left = timeout.toNanos();
            while (calls > here && left > 0) {
                left = changed.awaitNanos(left);
            }
            return calls - here;
        } finally {
            lock.unlock();
        }
    }
}
