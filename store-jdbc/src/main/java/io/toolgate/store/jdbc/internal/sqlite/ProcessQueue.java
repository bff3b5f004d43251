package io.toolgate.store.jdbc.internal.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.jdbc.internal.sqlite.FileLocks.Held;
import java.io.IOException;
import java.nio.channels.OverlappingFileLockException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's position in the queue of processes that write to one file. Used by one thread at a time; {@link
 * #close} by any.
 *
 * <p>There are two file locks: the process that holds {@code HEAD} writes; the one that holds {@code NEXT} is the
 * first to wait for it. The kernel grants both in the order of the requests, and releases those of a process that
 * dies. Race: a process that has just written might be served again before those that wait; therefore it has to
 * acquire {@code NEXT} before it acquires {@code HEAD} again. For a {@code QUANTUM} it may come back without that,
 * because handing over costs about as much as a commit.
 *
 * <p>A wait in the kernel has no timeout and cannot be interrupted. So a thread of its own waits there, and the writer
 * waits for that thread with a timeout. Race: a wait that a writer has given up on is granted later. Then the waiting
 * thread releases what it got; until that happens writers of this process do not queue.
 */
public final class ProcessQueue implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ProcessQueue.class);
    private static final long HEAD = 0;
    private static final long NEXT = 1;

    /** How long a process may come back to the head without {@code NEXT}: a few commits. */
    private static final Duration QUANTUM = Duration.ofMillis(4);

    /** How long the waiting thread stays alive without work. */
    private static final Duration IDLE_TIME = Duration.ofSeconds(10);

    private final FileLocks locks;
    private final Duration patience;
    private final LongSupplier nanos;

    // Used only by the thread that writes, which holds the lock of the WriterQueue.
    private @Nullable Held held;
    private long began;
    private boolean everHeld;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private Waiting waiting = Waiting.IDLE;

    /** {@code NEXT}, on its way from the writer to the waiting thread. */
    @GuardedBy("lock")
    private @Nullable Held nextLock;

    /** {@code HEAD}, on its way from the waiting thread to the writer. */
    @GuardedBy("lock")
    private @Nullable Held acquired;

    @GuardedBy("lock")
    private @Nullable Thread waiter;

    @GuardedBy("lock")
    private boolean broken;

    @GuardedBy("lock")
    private boolean closed;

    /** State of the waiting thread. Only that thread moves WANTED to ACQUIRED and ABANDONED to IDLE. */
    private enum Waiting {
        /** It has nothing to wait for. */
        IDLE,
        /** It waits in the kernel, and a writer waits for it. */
        WANTED,
        /** It has acquired {@code HEAD} for the writer. */
        ACQUIRED,
        /** It waits in the kernel, and the writer has given up. */
        ABANDONED
    }

    ProcessQueue(FileLocks locks, Duration patience, LongSupplier nanos) {
        this.locks = locks;
        this.patience = patience;
        this.nanos = nanos;
    }

    /** Waits for the head of the queue; after a timeout it returns without it. */
    void enter() {
        if (isUnavailable()) {
            return;
        }
        long now = nanos.getAsLong();
        try {
            Held next = null;
            if (!everHeld || now - began >= QUANTUM.toNanos()) {
                next = locks.tryLock(NEXT);
                if (next == null) {
                    boolean unused = await(null);
                    return;
                }
                began = now;
                everHeld = true;
            }
            held = locks.tryLock(HEAD);
            boolean kept = held == null && await(next);
            if (!kept && next != null) {
                next.release();
            }
        } catch (IOException | OverlappingFileLockException e) {
            giveUp("Cannot use the lock file of the writer queue of a SQLite store", e);
        }
    }

    private boolean isUnavailable() {
        lock.lock();
        try {
            return broken || closed || waiting != Waiting.IDLE;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private boolean startWaiter() {
        try {
            Thread started = new Thread(this::acquireHead, "toolgate-queue");
            started.setDaemon(true);
            started.start();
            waiter = started;
            return true;
        } catch (OutOfMemoryError e) {
            // No thread can be created, which must not fail the write; it does not queue.
            log.debug("Cannot start the thread that waits in the writer queue", e);
            return false;
        }
    }

    /**
     * Has the waiting thread acquire {@code HEAD}, from {@code next} on if this process holds that, and waits for it
     * with a timeout. False if there is no such thread; {@code next} is then still the caller's.
     */
    private boolean await(@Nullable Held next) {
        boolean interrupted = false;
        lock.lock();
        try {
            if (waiter == null && !startWaiter()) {
                return false;
            }
            nextLock = next;
            waiting = Waiting.WANTED;
            changed.signalAll();
            long left = patience.toNanos();
            while (waiting == Waiting.WANTED && left > 0 && !broken && !closed) {
                try {
                    left = changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    // The wait is short, and goes on.
                    interrupted = true;
                }
            }
            if (waiting == Waiting.ACQUIRED) {
                held = acquired;
                acquired = null;
                waiting = Waiting.IDLE;
                began = nanos.getAsLong();
                everHeld = true;
            } else if (waiting == Waiting.WANTED) {
                waiting = Waiting.ABANDONED;
            }
            return true;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void acquireHead() {
        try {
            while (isWanted()) {
                Held next = takeNextLock();
                if (next == null) {
                    next = locks.lock(NEXT);
                }
                Held head = locks.lock(HEAD);
                next.release();
                if (!handOver(head)) {
                    head.release();
                    abandonedIsReleased();
                }
            }
        } catch (IOException | OverlappingFileLockException e) {
            giveUp("Waiting in the writer queue of a SQLite store failed", e);
        }
    }

    /**
     * Whether there is something to wait for; false ends the thread. Race: a writer arrives at the moment when the
     * thread has been idle for long enough. Decided under the lock: the thread goes on, or a later writer finds none
     * and starts another.
     */
    private boolean isWanted() {
        lock.lock();
        try {
            awaitWork();
            boolean wanted = !closed && hasWork();
            if (!wanted) {
                waiter = null;
            }
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void awaitWork() {
        long left = IDLE_TIME.toNanos();
        try {
            while (!hasWork() && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            // Not expected, and to end early does no harm.
            log.debug("The thread that waits in the writer queue was interrupted", e);
        }
    }

    /** Whether the thread is to wait in the kernel. */
    @GuardedBy("lock")
    private boolean hasWork() {
        return waiting == Waiting.WANTED || waiting == Waiting.ABANDONED;
    }

    private @Nullable Held takeNextLock() {
        lock.lock();
        try {
            Held taken = nextLock;
            nextLock = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Hands {@code head} to the writer that waits for it; false if it has given up. */
    private boolean handOver(Held head) {
        lock.lock();
        try {
            if (waiting != Waiting.WANTED) {
                return false;
            }
            acquired = head;
            waiting = Waiting.ACQUIRED;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void abandonedIsReleased() {
        lock.lock();
        try {
            waiting = Waiting.IDLE;
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the head of the queue, if this process is there. */
    void exit() {
        Held ending = held;
        held = null;
        if (ending != null) {
            try {
                ending.release();
            } catch (IOException e) {
                giveUp("Cannot release the lock at the head of the writer queue of a SQLite store", e);
            }
        }
    }

    /** Whether this process is at the head of the queue; for tests. */
    boolean isHead() {
        return held != null;
    }

    /** Whether a writer waits; for tests. */
    boolean isWaiting() {
        lock.lock();
        try {
            return waiting == Waiting.WANTED;
        } finally {
            lock.unlock();
        }
    }

    private void giveUp(String what, Exception e) {
        boolean first;
        lock.lock();
        try {
            first = !broken && !closed;
            broken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (first) {
            log.warn(
                    "{}. This process writes without the queue from now on; under load it may starve other processes,"
                            + " or be starved",
                    what,
                    e);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            // Also ends the wait of the waiting thread.
            locks.close();
        } catch (IOException e) {
            log.debug("Closing the lock file of the writer queue failed", e);
        }
    }
}
