package io.toolgate.race.process;

import io.toolgate.race.Messages;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a run must tidy up, and the promise that it is tidied up once: at the run's end, or when the process is told to stop
 * (Ctrl-C, SIGTERM) in the middle of it. Last in, first out. Safe for use by many threads.
 *
 * <p>Against kill -9 nothing runs here; then child processes see the end of their input (see {@link ParentLink}).
 */
public final class RunScope implements AutoCloseable {
    /** Something to tidy up. */
    @FunctionalInterface
    public interface Tidy {
        /** Tidies up; what it throws is told to the user and keeps nothing else from being tidied up. */
        void run() throws Exception;
    }

    /** Something was started after the scope was closed; it is tidied up already. */
    public static final class ClosedException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        ClosedException() {
            super("the run is over");
        }
    }

    private record Entry(String what, Tidy tidy) {}

    private final PrintWriter complaints;
    private final Thread hook = new Thread(this::interrupted, "tidy-up");
    // Held while tidying up, and taken before the other lock. Race: the process is stopped while the run's own thread
    // tidies
    // up; the hook must wait for it, since the process is gone as soon as the hook has ended.
    private final ReentrantLock tidying = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock.
    private final Deque<Entry> entries = new ArrayDeque<>();
    private boolean closed;
    private boolean interrupted;

    private RunScope(PrintWriter complaints) {
        this.complaints = complaints;
    }

    /** A scope that listens to the end of this process; what cannot be tidied up is told to {@code complaints}. */
    public static RunScope open(PrintWriter complaints) {
        RunScope scope = new RunScope(complaints);
        Runtime.getRuntime().addShutdownHook(scope.hook);
        return scope;
    }

    /**
     * Promises to run {@code tidy}.
     *
     * @param what it does, as the end of "could not …"
     * @throws ClosedException if the scope was closed meanwhile; {@code tidy} has run then
     */
    public void onClose(String what, Tidy tidy) {
        lock.lock();
        try {
            if (!closed) {
                entries.push(new Entry(what, tidy));
                return;
            }
        } finally {
            lock.unlock();
        }
        run(new Entry(what, tidy));
        throw new ClosedException();
    }

    /**
     * Whether this process is being stopped; waits up to {@code millis} for it to turn out. Ctrl-C reaches child processes as
     * soon as this one, so that their deaths can be seen here before its own.
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
        tidyUp();
    }

    @Override
    public void close() {
        tidyUp();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is stopping: the hook runs, or has run, and finds nothing left to do.
        }
    }

    private void tidyUp() {
        tidying.lock();
        try {
            Entry entry = next();
            while (entry != null) {
                run(entry);
                entry = next();
            }
        } finally {
            tidying.unlock();
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
            entry.tidy().run();
        } catch (Exception e) {
            complaints.println("could not " + entry.what() + ": " + Messages.oneLine(e));
            complaints.flush();
        }
    }
}
