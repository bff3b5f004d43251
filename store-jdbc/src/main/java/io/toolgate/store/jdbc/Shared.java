package io.toolgate.store.jdbc;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * A write that waits to share a commit, and the thread that waits for its answer.
 *
 * <p>QUEUED: nobody has sent it, its caller may withdraw it. TAKEN: it is being written, and whatever becomes of it is only
 * known when it is DONE. Races: a lane takes it while its caller withdraws, one of them wins; it is answered twice, the first
 * counts.
 *
 * @param <A> the answer of the database
 */
final class Shared<A> {
    private enum State {
        QUEUED,
        TAKEN,
        WITHDRAWN,
        DONE
    }

    /** Whoever takes a write wakes its caller in the end; this only bounds one sleep. */
    private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Write<A> write;
    private final Thread caller;
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);

    // Written before state becomes DONE, and read after that was seen.
    private @Nullable A answer;
    private @Nullable Throwable failure;
    private boolean sentOff;
    private List<Shared<?>> next = List.of();

    /** A write of {@code caller}'s. */
    Shared(Write<A> write, Thread caller) {
        this.write = write;
        this.caller = caller;
    }

    Write<A> write() {
        return write;
    }

    /** Makes it a lane's to write. Returns whether its caller has not withdrawn it. */
    boolean take() {
        return state.compareAndSet(State.QUEUED, State.TAKEN);
    }

    /** Answers it. The caller goes on when it is {@linkplain #wake woken}. */
    void answer(@Nullable A given) {
        if (!isDone()) {
            answer = given;
            state.set(State.DONE);
        }
    }

    /** Answers it with what went wrong. */
    void fail(Throwable cause) {
        if (!isDone()) {
            failure = cause;
            state.set(State.DONE);
        }
    }

    /** Sends it back to its caller, who writes it alone: nothing of it was written. */
    void sendOff() {
        if (!isDone()) {
            sentOff = true;
            state.set(State.DONE);
        }
    }

    boolean isDone() {
        return state.get() == State.DONE;
    }

    /** Has its caller wake those of {@code others} once it is awake itself. To be said before it is answered. */
    void wakesNext(List<Shared<?>> others) {
        next = others;
    }

    /** Wakes whom it is to wake. */
    void wakeNext() {
        next.forEach(Shared::wake);
    }

    /** Lets its caller go on. */
    void wake() {
        LockSupport.unpark(caller);
    }

    /** What came of waiting. */
    enum Waited {
        /** It is done: see {@link #isSentOff} and {@link #result}. */
        DONE,
        /** The caller's time was up, and nothing was sent. */
        WITHDRAWN_LATE,
        /** The caller was interrupted, which stays noted, and nothing was sent. */
        WITHDRAWN_INTERRUPTED
    }

    /**
     * Waits until it is done; until it is taken, at most {@code patienceNanos} and only as long as the thread is not
     * interrupted. From then on it waits for as long as the database may take.
     */
    Waited await(long patienceNanos) {
        long deadline = System.nanoTime() + patienceNanos;
        boolean interrupted = false;
        try {
            while (!isDone()) {
                interrupted |= Thread.interrupted();
                long left = deadline - System.nanoTime();
                boolean stop = interrupted || left <= 0;
                if (stop && state.compareAndSet(State.QUEUED, State.WITHDRAWN)) {
                    return interrupted ? Waited.WITHDRAWN_INTERRUPTED : Waited.WITHDRAWN_LATE;
                }
                LockSupport.parkNanos(this, stop ? LONG_NANOS : left);
            }
            return Waited.DONE;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    boolean isSentOff() {
        return sentOff;
    }

    /** The answer, once it is done. */
    @Nullable
    A result() {
        Throwable cause = failure;
        if (cause == null) {
            return answer;
        }
        // Each caller gets an exception of its own: what went wrong earlier is added to it.
        if (cause instanceof SQLException sql) {
            throw new StatementFailed(sql);
        }
        if (cause instanceof ConnectionException connection) {
            throw new ConnectionException(connection.getCause());
        }
        if (cause instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) cause;
    }
}
