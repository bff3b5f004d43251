package io.toolgate.race.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.race.fault.Failpoint;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A wait for the first racer that reaches a failpoint; it holds one and lets the others go. Safe for use by many
 * threads.
 */
final class FailpointTrap {
    private final Failpoint point;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private @Nullable RacerSlot caught;

    @GuardedBy("lock")
    private boolean over;

    FailpointTrap(Failpoint point) {
        this.point = point;
    }

    /** Whether to hold {@code slot}, one of whose threads stands at {@code at}. */
    boolean catches(RacerSlot slot, Failpoint at) {
        lock.lock();
        try {
            if (over || caught != null || at != point) {
                return false;
            }
            caught = slot;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a racer, and holds none after that; null if none came in time. */
    @Nullable
    RacerSlot await(Duration time) throws InterruptedException {
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
