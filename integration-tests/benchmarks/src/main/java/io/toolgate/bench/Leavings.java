package io.toolgate.bench;

import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a run must tidy up, once: at its end, or when the process is told to stop (Ctrl-C, SIGTERM) in the middle of it. Last
 * in, first out. Safe for use by many threads.
 */
final class Leavings implements AutoCloseable {
    private final PrintWriter complaints;
    private final Thread hook = new Thread(this::tidyUp, "tidy-up");

    // Held while tidying up. Race: the process is stopped while the run's own thread does; the hook must wait for it.
    private final ReentrantLock tidying = new ReentrantLock();
    private final Deque<AutoCloseable> entries = new ArrayDeque<>();

    /** Listens to the end of this process; what cannot be tidied up is told to {@code complaints}. */
    Leavings(PrintWriter complaints) {
        this.complaints = complaints;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    void add(AutoCloseable entry) {
        tidying.lock();
        try {
            entries.push(entry);
        } finally {
            tidying.unlock();
        }
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
            @Nullable AutoCloseable entry = entries.poll();
            while (entry != null) {
                close(entry);
                entry = entries.poll();
            }
        } finally {
            tidying.unlock();
        }
    }

    private void close(AutoCloseable entry) {
        try {
            entry.close();
        } catch (Exception e) {
            complaints.println("toolgate-bench: could not tidy up: " + e);
            complaints.flush();
        }
    }
}
