package io.toolgate.store.jdbc.internal.sqlite;

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
 * This process's place in the line of processes that write to one file. Used by one thread at a time; {@link #close} by any.
 *
 * <p>There are two locks. Who has {@code TURN} writes; who has {@code NEXT} is the first of those who wait for it. Between
 * two turns a process must have had {@code NEXT}, so that one that has just written cannot be served again before it. The kernel
 * gives both in the order in which they were asked for, and takes them from a process that dies. A process keeps coming back
 * without asking for {@code NEXT} for as long as a turn may last, since handing over costs about as much as a commit.
 *
 * <p>Waiting in the kernel has no end and stops for nobody. So a thread of its own does it, and who wants the turn waits for that
 * thread with a patience. When it is over, the wait goes on, and whoever comes meanwhile does without a turn; what the thread gets
 * in the end it gives back.
 */
public final class ProcessQueue implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ProcessQueue.class);
    private static final long TURN = 0;
    private static final long NEXT = 1;

    /** A few commits. */
    private static final Duration QUANTUM = Duration.ofMillis(4);

    /** How long the thread that waits stays for the next time. */
    private static final Duration KEPT = Duration.ofSeconds(10);

    private final FileLocks locks;
    private final Duration patience;
    private final LongSupplier nanos;

    // Of whoever writes.
    private @Nullable Held held;
    private long began;
    private boolean everHeld;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock, which is not held during I/O.
    private Waiting waiting = Waiting.NOBODY;
    private @Nullable Held place;
    private @Nullable Held got;
    private @Nullable Thread waiter;
    private boolean broken;
    private boolean closed;

    /** What the waiting thread is doing. Only itself leaves WANTED (for GOT) and GIVEN_UP (for NOBODY). */
    private enum Waiting {
        /** Nothing. */
        NOBODY,
        /** It waits, and somebody for it. */
        WANTED,
        /** It has what somebody waits for. */
        GOT,
        /** It waits, and nobody for it any more. */
        GIVEN_UP
    }

    ProcessQueue(FileLocks locks, Duration patience, LongSupplier nanos) {
        this.locks = locks;
        this.patience = patience;
        this.nanos = nanos;
    }

    /** Waits for the turn, or goes on without it. */
    void enter() {
        if (isOutOfOrder()) {
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
            held = locks.tryLock(TURN);
            boolean kept = held == null && await(next);
            if (!kept && next != null) {
                next.release();
            }
        } catch (IOException | OverlappingFileLockException e) {
            giveUpFor("The turns of the processes that write to one SQLite store do not work", e);
        }
    }

    private boolean isOutOfOrder() {
        lock.lock();
        try {
            return broken || closed || waiting != Waiting.NOBODY;
        } finally {
            lock.unlock();
        }
    }

    private boolean startWaiter() {
        try {
            Thread started = new Thread(this::waitForTurns, "toolgate-turn");
            started.setDaemon(true);
            started.start();
            waiter = started;
            return true;
        } catch (OutOfMemoryError e) {
            // No thread is to be had, which must not fail what is to be written; it goes without a turn.
            log.debug("Nothing can wait for a turn yet", e);
            return false;
        }
    }

    /**
     * Has the waiting thread get the turn, beginning from {@code next} if that is ours, and waits for it for a while. False if
     * there is no such thread, and {@code next} is still the caller's.
     */
    private boolean await(@Nullable Held next) {
        boolean interrupted = false;
        lock.lock();
        try {
            if (waiter == null && !startWaiter()) {
                return false;
            }
            place = next;
            waiting = Waiting.WANTED;
            changed.signalAll();
            long left = patience.toNanos();
            while (waiting == Waiting.WANTED && left > 0 && !broken && !closed) {
                try {
                    left = changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    // It is no longer than the patience.
                    interrupted = true;
                }
            }
            if (waiting == Waiting.GOT) {
                held = got;
                got = null;
                waiting = Waiting.NOBODY;
                began = nanos.getAsLong();
                everHeld = true;
            } else if (waiting == Waiting.WANTED) {
                waiting = Waiting.GIVEN_UP;
            }
            return true;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void waitForTurns() {
        try {
            while (isWanted()) {
                Held next = takePlace();
                if (next == null) {
                    next = locks.lock(NEXT);
                }
                Held turn = locks.lock(TURN);
                next.release();
                if (!handOver(turn)) {
                    turn.release();
                    handedBack();
                }
            }
        } catch (IOException | OverlappingFileLockException e) {
            giveUpFor("Waiting for a turn to write to a SQLite store failed", e);
        }
    }

    /**
     * Whether there is something to wait for; false ends the thread. Race: somebody wants a turn at the very moment when it has
     * stayed long enough. That is decided under the lock: it goes on, or whoever comes later finds no thread and begins one.
     */
    private boolean isWanted() {
        lock.lock();
        try {
            stay();
            boolean wanted = !closed && isWaitedFor();
            if (!wanted) {
                waiter = null;
            }
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    private void stay() {
        long left = KEPT.toNanos();
        try {
            while (!isWaitedFor() && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt this thread; to end early does no harm.
            log.debug("The thread that waits for turns was interrupted", e);
        }
    }

    /** Whether the thread is to wait in the kernel. */
    private boolean isWaitedFor() {
        return waiting == Waiting.WANTED || waiting == Waiting.GIVEN_UP;
    }

    private @Nullable Held takePlace() {
        lock.lock();
        try {
            Held taken = place;
            place = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Gives {@code turn} to whoever waits for it. Returns whether anybody does. */
    private boolean handOver(Held turn) {
        lock.lock();
        try {
            if (waiting != Waiting.WANTED) {
                return false;
            }
            got = turn;
            waiting = Waiting.GOT;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void handedBack() {
        lock.lock();
        try {
            waiting = Waiting.NOBODY;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the turn, if there was one. */
    void exit() {
        Held ending = held;
        held = null;
        if (ending != null) {
            try {
                ending.release();
            } catch (IOException e) {
                giveUpFor("A turn to write to a SQLite store could not be ended", e);
            }
        }
    }

    /** Whether it is the turn of this process; for tests. */
    boolean isOurs() {
        return held != null;
    }

    /** Whether somebody waits; for tests. */
    boolean isWaiting() {
        lock.lock();
        try {
            return waiting == Waiting.WANTED;
        } finally {
            lock.unlock();
        }
    }

    private void giveUpFor(String what, Exception e) {
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
            log.warn("{}. This process goes on without; under load it may starve others, or be starved", what, e);
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
            // Also wakes the thread that waits for a lock of it.
            locks.close();
        } catch (IOException e) {
            log.debug("A file of turns did not close cleanly", e);
        }
    }
}
