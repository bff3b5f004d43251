package io.toolgate.store.jdbc.internal.sql;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.StoreException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the calls inside a store. Closing refuses new calls, and waits for those inside before the connections are
 * closed, so that results of effects that have happened are still stored.
 */
public final class InFlightCalls {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private int calls;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private boolean abandoned;

    public void enter() {
        lock.lock();
        try {
            if (closed) {
                throw new StoreException.Closed("The store was closed; open another one");
            }
            calls++;
        } finally {
            lock.unlock();
        }
    }

    public void exit() {
        lock.lock();
        try {
            calls--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Refuses to retry a call that outlasted the patience of {@link #close}: its connections are closed. */
    void refuseAbandoned() {
        lock.lock();
        try {
            if (abandoned) {
                throw new StoreException.Closed("The store was closed during this call, which may or may not have taken"
                        + " effect; open a store and retry with the same token");
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Refuses new calls, and waits for those inside, at most {@code patience}.
     *
     * @return whether this was the call that closed it
     */
    public boolean close(Duration patience) {
        boolean interrupted = false;
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            long left = patience.toNanos();
            while (calls > 0 && left > 0) {
                try {
                    left = changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            abandoned = true;
            return true;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
