package io.toolgate.internal.attempt;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.ToolGateException;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
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

    /**
     * How many probes, and runs of reconcilers, go on or are about to, those included that nobody waits for any more.
     */
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
        return isRunning(id) && here().running.contains(id);
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
        here.calls--;
        forgetIfIdle(here);
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
        return here().calls > 0;
    }

    /** The calls and runs of this thread, to read: a thread without any keeps no entry. */
    private OfThread here() {
        OfThread here = ofThread.get();
        forgetIfIdle(here);
        return here;
    }

    private void forgetIfIdle(OfThread here) {
        if (here.calls == 0 && here.running.isEmpty()) {
            ofThread.remove();
        }
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
        forgetIfIdle(here);
    }

    /** A slot for one probe, which does not count as running yet. */
    public ProbeSlot probeSlot() {
        return new ProbeSlot();
    }

    /**
     * A place among the running probes, for one thread at a time: that of the caller until the probe's own thread has
     * been started, which frees the slot when the probe returns, even if its caller has stopped waiting for it. A run
     * of a reconciler takes one, too.
     */
    public final class ProbeSlot implements AutoCloseable {
        private boolean counted;

        private ProbeSlot() {}

        /**
         * Counts the probe as running, in advance, unless {@code limit} probes run already. Race: several threads find
         * a free slot, each before the others have started their probes; therefore it is taken when it is found.
         *
         * @return whether it is counted now
         */
        public boolean reserve(int limit) {
            counted = probes.getAndUpdate(running -> running < limit ? running + 1 : running) < limit;
            return counted;
        }

        /**
         * Starts {@code thread}, which calls {@link #callInSlot}. A probe that was not reserved is counted now. Race:
         * the caller's wait ends before the thread has begun; therefore the thread does not count the probe itself.
         */
        public void start(Thread thread) {
            if (!counted) {
                probes.incrementAndGet();
                counted = true;
            }
            thread.start();
            counted = false;
        }

        /** Frees the slot, unless a thread was started, which frees it itself. Idempotent. */
        @Override
        public void close() {
            if (counted) {
                counted = false;
                probes.decrementAndGet();
            }
        }
    }

    /** Calls a probe about {@code id} on this thread, which {@link ProbeSlot#start} started, and frees its slot. */
    public <T> T callInSlot(RecordId id, Callable<T> probe) throws Exception {
        try {
            beginHere(id);
            try {
                return probe.call();
            } finally {
                endHere();
            }
        } finally {
            probes.decrementAndGet();
        }
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
        int here = here().calls;
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
