package io.toolgate.race.run;

import io.toolgate.race.fault.Failpoint;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The wait for the first racer that comes by a failpoint; it catches one and no more. Safe for use by many threads. */
final class Ambush {
    private final Failpoint point;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock.
    private @Nullable Member caught;
    private boolean over;

    Ambush(Failpoint point) {
        this.point = point;
    }

    /** Whether {@code member}, one of whose threads stands at {@code at}, is the one that is waited for. */
    boolean catches(Member member, Failpoint at) {
        lock.lock();
        try {
            if (over || caught != null || at != point) {
                return false;
            }
            caught = member;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for somebody to come by, and catches nobody after that; null if nobody came in time. */
    @Nullable
    Member await(Duration time) throws InterruptedException {
        long left = time.toNanos();
        lock.lock();
        try {
            while (caught == null && left > 0) {
                left = changed.awaitNanos(left);
            }
            over = true;
            return caught;
        } finally {
            lock.unlock();
        }
    }
}
