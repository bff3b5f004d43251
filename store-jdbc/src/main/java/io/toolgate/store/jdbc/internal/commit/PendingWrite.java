package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.jdbc.internal.sql.SqlRunner.StatementFailed;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * A write in the queue of a {@link GroupCommit}, and the thread that waits for its answer.
 *
 * <p>States: QUEUED, not sent, so that its caller may withdraw it; TAKEN, part of a commit whose result is unknown;
 * DONE, answered; WITHDRAWN. Race: a lane takes it while its caller withdraws it; the compare-and-set from QUEUED
 * decides.
 *
 * @param <A> the database's answer
 */
public final class PendingWrite<A> {
    private enum State {
        QUEUED,
        TAKEN,
        WITHDRAWN,
        DONE
    }

    /** Bound of one sleep of the caller; the lane that takes a write wakes it. */
    private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Write<A> write;
    private final List<UUID> records;
    private final Thread caller;
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);

    // Published by state: written by the lane before it sets DONE, and read by other threads after they saw DONE.
    private boolean answered;
    private @Nullable A answer;
    private @Nullable Throwable failure;
    private boolean returned;
    private @Nullable PendingWrite<?> firstNext;
    private @Nullable PendingWrite<?> secondNext;

    PendingWrite(Write<A> write, Thread caller) {
        this.write = write;
        this.records = write.records();
        this.caller = caller;
    }

    Write<A> write() {
        return write;
    }

    /** The records that it changes. */
    List<UUID> records() {
        return records;
    }

    /** Takes it for a commit. Returns false if its caller has withdrawn it. */
    boolean take() {
        return state.compareAndSet(State.QUEUED, State.TAKEN);
    }

    /** Answers it; the first answer counts. The caller sees it once it is {@linkplain #publish published}. */
    void answer(@Nullable A given) {
        if (!answered) {
            answered = true;
            answer = given;
        }
    }

    /** Answers it with an error. */
    void fail(Throwable cause) {
        if (!answered) {
            answered = true;
            failure = cause;
        }
    }

    /**
     * Fails it if it was not answered, which would be a bug. The exception is created only then: its stack trace is
     * expensive.
     */
    void requireAnswer() {
        if (!answered) {
            fail(new IllegalStateException("the commit answered for other writes, but not for " + write.what()));
        }
    }

    /** Returns it to its caller, which writes it alone. */
    void returnToCaller() {
        if (!answered) {
            answered = true;
            returned = true;
        }
    }

    /** Makes the answer visible to its caller, which may have to be {@linkplain #wake woken}. */
    void publish() {
        state.set(State.DONE);
    }

    boolean isDone() {
        return state.get() == State.DONE;
    }

    /** Makes its caller wake the callers of these, once it is awake itself. To be called before {@link #publish}. */
    void wakesNext(PendingWrite<?> first, @Nullable PendingWrite<?> second) {
        firstNext = first;
        secondNext = second;
    }

    /** Wakes the callers that it was {@linkplain #wakesNext given}. */
    void wakeNext() {
        if (firstNext != null) {
            firstNext.wake();
        }
        if (secondNext != null) {
            secondNext.wake();
        }
    }

    /** Unparks its caller. */
    void wake() {
        LockSupport.unpark(caller);
    }

    /** Result of waiting for an answer. */
    enum Waited {
        /** Answered: see {@link #isReturned} and {@link #result}. */
        DONE,
        /** Timed out in the queue; nothing was sent. */
        WITHDRAWN_LATE,
        /** Interrupted in the queue, with the flag set again; nothing was sent. */
        WITHDRAWN_INTERRUPTED
    }

    /**
     * Waits for the answer. In the queue it waits for {@code patienceNanos} at most, and an interrupt withdraws it;
     * once it is taken it waits for as long as the database takes. Runs {@code slow} once, if it is still in the queue
     * after {@code slowNanos}.
     */
    Waited await(long patienceNanos, long slowNanos, Runnable slow) {
        long start = System.nanoTime();
        boolean slowReported = false;
        boolean interrupted = false;
        try {
            while (!isDone()) {
                interrupted |= Thread.interrupted();
                long waited = System.nanoTime() - start;
                boolean stop = interrupted || waited >= patienceNanos;
                if (stop && state.compareAndSet(State.QUEUED, State.WITHDRAWN)) {
                    return interrupted ? Waited.WITHDRAWN_INTERRUPTED : Waited.WITHDRAWN_LATE;
                }
                if (!slowReported && waited >= slowNanos) {
                    slowReported = true;
                    if (state.get() == State.QUEUED) {
                        slow.run();
                    }
                    // Race: it was answered meanwhile, and a lock inside slow consumed the unpark; check before
                    // parking.
                    continue;
                }
                long until = slowReported ? patienceNanos : slowNanos;
                LockSupport.parkNanos(this, stop ? LONG_NANOS : until - waited);
            }
            return Waited.DONE;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    boolean isReturned() {
        return returned;
    }

    /** The answer, once it is done. */
    @Nullable
    A result() {
        Throwable cause = failure;
        if (cause == null) {
            return answer;
        }
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
