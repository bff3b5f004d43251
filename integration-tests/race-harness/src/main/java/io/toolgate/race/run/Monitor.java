package io.toolgate.race.run;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A lock, and waits for what it guards that go on as long as there is news, and no longer. */
final class Monitor {
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock.
    private boolean closed;
    private long lastNewsNanos = System.nanoTime();

    /** A monitor whose waits are given up after {@code patience} without news. */
    Monitor(Duration patience) {
        this.patience = patience;
    }

    Duration patience() {
        return patience;
    }

    /** What {@code what} gives under the lock. */
    <T> T get(Supplier<T> what) {
        lock.lock();
        try {
            return what.get();
        } finally {
            lock.unlock();
        }
    }

    /** Does {@code what} under the lock. */
    void run(Runnable what) {
        lock.lock();
        try {
            what.run();
        } finally {
            lock.unlock();
        }
    }

    /** Tells those that wait that something has changed. */
    void news() {
        lock.lock();
        try {
            lastNewsNanos = System.nanoTime();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return get(() -> closed);
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
     * @return whether it is; false if there was no news for too long
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
                long patienceLeft = lastNewsNanos + patience.toNanos() - now;
                if (closed || patienceLeft < 0) {
                    return false;
                }
                if (now - tickAt < 0) {
                    long unused = changed.awaitNanos(Math.min(tickAt - now, patienceLeft + 1));
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
