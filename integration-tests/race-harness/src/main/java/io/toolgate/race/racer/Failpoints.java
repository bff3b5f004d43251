package io.toolgate.race.racer;

import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Event;
import java.io.PrintStream;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The places at which a racer's process can be met. The parent arms one; the next thread that comes by says so and stands
 * still, so that the signal that follows finds it exactly there. After a kill nothing goes on; after a freeze the parent lets
 * the thread go.
 */
final class Failpoints {
    /** What comes before the name of the failpoint at which a thread stands. */
    static final String AT = "at ";

    private final HistoryWriter history;
    private final DatabaseClock clock;
    private final PrintStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock.
    private @Nullable Failpoint armed;
    private boolean standing;

    Failpoints(HistoryWriter history, DatabaseClock clock, PrintStream out) {
        this.history = history;
        this.clock = clock;
        this.out = out;
    }

    /** Stops the next thread that passes {@code point}. */
    void arm(Failpoint point) {
        lock.lock();
        try {
            armed = point;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the order back. Race: a thread came by meanwhile; then it has said so, and the parent lets it go. */
    void disarm() {
        lock.lock();
        try {
            armed = null;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the thread go that stands at a failpoint. */
    void resume() {
        lock.lock();
        try {
            standing = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A thread that is busy with {@code key} comes by {@code point}. */
    void pass(Failpoint point, String key) {
        lock.lock();
        try {
            if (armed != point) {
                return;
            }
            armed = null;
            standing = true;
            long now = System.nanoTime();
            history.write(new Event.Reached(now, clock.at(now), key, point.text()));
            out.println(AT + point.text());
            while (standing) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
