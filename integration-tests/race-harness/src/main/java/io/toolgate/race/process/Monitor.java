package io.toolgate.race.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A lock with waits for a condition that time out unless progress is reported. */
final class Monitor {
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Duration timeout;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private long lastProgressNanos = System.nanoTime();

    /** A monitor whose waits end after {@code timeout} without progress. */
    Monitor(Duration timeout) {
        this.timeout = timeout;
    }

    Duration timeout() {
        return timeout;
    }

    /** Calls {@code what} under the lock. */
    <T> T get(Supplier<T> what) {
        lock.lock();
        try {
            return what.get();
        } finally {
            lock.unlock();
        }
    }

    /** Runs {@code what} under the lock. */
    void run(Runnable what) {
        lock.lock();
        try {
            what.run();
        } finally {
            lock.unlock();
        }
    }

    /** Reports progress: waiting threads check their conditions, and their timeout begins anew. */
    void progress() {
        lock.lock();
        try {
            lastProgressNanos = System.nanoTime();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Ends all waits. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until {@code what} is true.
     *
     * @param tick is run once a second, without the lock
     * @return whether it is; false if there was no progress for too long
     */
    boolean await(BooleanSupplier what, Runnable tick) throws InterruptedException {
        long tickAt = System.nanoTime() + TICK_NANOS;
        while (true) {
            lock.lock();
            try {
                long now = System.nanoTime();
                if (what.getAsBoolean()) {
                    return true;
                }
                long timeoutLeft = lastProgressNanos + timeout.toNanos() - now;
                if (closed || timeoutLeft < 0) {
                    return false;
                }
                if (now - tickAt < 0) {
                    long unused = changed.awaitNanos(Math.min(tickAt - now, timeoutLeft + 1));
                    continue;
                }
            } finally {
                lock.unlock();
            }
            tickAt += TICK_NANOS;
            tick.run();
        }
    }
}
