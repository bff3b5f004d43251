package io.toolgate.store.jdbc.internal.transaction;

import io.toolgate.store.RecordId;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who of this process may hold a connection for a transaction: one for each key, and a few in all. Those who wait here hold
 * none, and enough are left for heartbeats (rule 8).
 */
public final class Turns {
    private final int most;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();

    // Guarded by lock, which is never held during I/O.
    private final Set<RecordId> running = new HashSet<>();

    /** How a wait for a turn ended. */
    enum Turn {
        /** It is this caller's; {@link #exit} follows. */
        MINE,
        /** Another transaction of this key went on until time was up. */
        KEY_BUSY,
        /** Transactions of other keys took all places until time was up. */
        NO_PLACE
    }

    Turns(int most) {
        this.most = most;
    }

    /**
     * Waits for a turn, at most until {@link System#nanoTime()} is {@code deadlineNanos}.
     *
     * @throws InterruptedException if the thread was interrupted while it waited
     */
    Turn enter(RecordId id, long deadlineNanos) throws InterruptedException {
        lock.lock();
        try {
            while (running.contains(id) || running.size() >= most) {
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0) {
                    return running.contains(id) ? Turn.KEY_BUSY : Turn.NO_PLACE;
                }
                long unused = ended.awaitNanos(left);
            }
            running.add(id);
            return Turn.MINE;
        } finally {
            lock.unlock();
        }
    }

    void exit(RecordId id) {
        lock.lock();
        try {
            running.remove(id);
            // All: whoever waits, waits for a key or for a place.
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
