package io.toolgate.race.racer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Event;
import java.io.PrintStream;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The failpoints of a racer's process. The parent arms one; the next thread that passes it reports this and waits, so
 * that the parent's signal hits the process exactly there. After a freeze the parent resumes the thread.
 */
final class Failpoints {
    /** The prefix of the report that a thread waits at a failpoint. */
    static final String AT = "at ";

    private final HistoryWriter history;
    private final DatabaseClock clock;
    private final PrintStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private @Nullable Failpoint armed;

    @GuardedBy("lock")
    private boolean waiting;

    Failpoints(HistoryWriter history, DatabaseClock clock, PrintStream out) {
        this.history = history;
        this.clock = clock;
        this.out = out;
    }

    /** Makes the next thread that passes {@code point} wait there. */
    void arm(Failpoint point) {
        lock.lock();
        try {
            armed = point;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Cancels {@link #arm}. Race: a thread has passed meanwhile; then it has reported so, and the parent resumes it.
     */
    void disarm() {
        lock.lock();
        try {
            armed = null;
        } finally {
            lock.unlock();
        }
    }

    /** Resumes the thread that waits at a failpoint. */
    void resume() {
        lock.lock();
        try {
            waiting = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Called by a thread that works on {@code key} and passes {@code point}; waits if that is armed. */
    void pass(Failpoint point, String key) {
        lock.lock();
        try {
            if (armed != point) {
                return;
            }
            armed = null;
            waiting = true;
            long now = System.nanoTime();
            history.write(new Event.Reached(now, clock.at(now), key, point.text()));
            out.println(AT + point.text());
            while (waiting) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
