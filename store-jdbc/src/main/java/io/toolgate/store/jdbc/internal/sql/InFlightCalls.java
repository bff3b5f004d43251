package io.toolgate.store.jdbc.internal.sql;

import io.toolgate.store.StoreException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The calls that are inside the store, so that closing it neither lets new ones in nor pulls the connections from under
 * those that store what has happened.
 */
public final class InFlightCalls {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by lock, which is never held during I/O.
    private int calls;
    private boolean closed;
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

    /** Ends a call that outlasted the patience of {@link #close}: its connections are gone. */
    void refuseAbandoned() {
        lock.lock();
        try {
            if (abandoned) {
                throw new StoreException.Closed("The store was closed in the middle of this call, which may or may not"
                        + " have had its effect; ask another store with the same token");
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets nobody in any more, and waits for those inside, at most {@code patience}.
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
