package io.toolgate.support.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.support.Messages;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The clean-up of a run: registered actions, run once and in reverse order, at the run's end or when the process is
 * told to stop (Ctrl-C, SIGTERM) in the middle of it. Safe for use by many threads.
 *
 * <p>After kill -9 no clean-up runs here; child processes notice it by the end of their input.
 */
public final class RunScope implements AutoCloseable {
    /** A clean-up action. */
    @FunctionalInterface
    public interface Cleanup {
        /** Cleans up; an exception is reported to the user, and the other actions run all the same. */
        void run() throws Exception;
    }

    /** An action was registered after the scope was closed; it has run. */
    public static final class ClosedException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        ClosedException() {
            super("the run is over");
        }
    }

    private record Entry(String what, Cleanup cleanup) {}

    private final PrintWriter err;
    private final Thread hook = new Thread(this::interrupted, "clean-up");
    // Held during the clean-up, and taken before the other lock. Race: the process is told to stop while the run's own
    // thread cleans up; the hook must wait for it, since the process is gone as soon as the hook has ended.
    private final ReentrantLock cleaning = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final Deque<Entry> entries = new ArrayDeque<>();

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private boolean interrupted;

    private RunScope(PrintWriter err) {
        this.err = err;
    }

    /** Opens a scope that watches for the end of this process, and reports failed actions on {@code err}. */
    public static RunScope open(PrintWriter err) {
        RunScope scope = new RunScope(err);
        Runtime.getRuntime().addShutdownHook(scope.hook);
        return scope;
    }

    /**
     * Registers an action.
     *
     * @param what the action does, as the end of "could not …"
     * @throws ClosedException if the scope was closed already; {@code cleanup} has run then
     */
    public void onClose(String what, Cleanup cleanup) {
        lock.lock();
        try {
            if (!closed) {
                entries.push(new Entry(what, cleanup));
                return;
            }
        } finally {
            lock.unlock();
        }
        run(new Entry(what, cleanup));
        throw new ClosedException();
    }

    /**
     * Whether this process is being stopped, or is within {@code millis}. Ctrl-C reaches child processes at the same
     * time, so that their ends may be noticed before the signal to this process.
     */
    public boolean isInterrupted(long millis) throws InterruptedException {
        long left = TimeUnit.MILLISECONDS.toNanos(millis);
        lock.lock();
        try {
            while (!interrupted && left > 0) {
                left = changed.awaitNanos(left);
            }
            return interrupted;
        } finally {
            lock.unlock();
        }
    }

    private void interrupted() {
        lock.lock();
        try {
            interrupted = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        cleanUp();
    }

    @Override
    public void close() {
        cleanUp();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is stopping: the hook runs or has run, and finds no action left.
        }
    }

    private void cleanUp() {
        cleaning.lock();
        try {
            Entry entry = next();
            while (entry != null) {
                run(entry);
                entry = next();
            }
        } finally {
            cleaning.unlock();
        }
    }

    private @Nullable Entry next() {
        lock.lock();
        try {
            closed = true;
            return entries.poll();
        } finally {
            lock.unlock();
        }
    }

    private void run(Entry entry) {
        try {
            entry.cleanup().run();
        } catch (Exception e) {
            err.println("could not " + entry.what() + ": " + Messages.oneLine(e));
            err.flush();
        }
    }
}
