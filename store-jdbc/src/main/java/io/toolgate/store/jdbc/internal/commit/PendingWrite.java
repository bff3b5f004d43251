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
 * A write that waits to share a commit, and the thread that waits for its answer.
 *
 * <p>QUEUED: nobody has sent it, its caller may withdraw it. TAKEN: it is being written, and whatever becomes of it is only
 * known when it is DONE. Race: a lane takes it while its caller withdraws; one of them wins.
 *
 * @param <A> the answer of the database
 */
public final class PendingWrite<A> {
    private enum State {
        QUEUED,
        TAKEN,
        WITHDRAWN,
        DONE
    }

    /** Whoever takes a write has its caller woken in the end; this only bounds one sleep. */
    private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Write<A> write;
    private final List<UUID> records;
    private final Thread caller;
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);

    // Written by the lane before state becomes DONE, and read by others after they saw that.
    private boolean settled;
    private @Nullable A answer;
    private @Nullable Throwable failure;
    private boolean sentOff;
    private @Nullable PendingWrite<?> firstNext;
    private @Nullable PendingWrite<?> secondNext;

    /** A write of {@code caller}'s. */
    PendingWrite(Write<A> write, Thread caller) {
        this.write = write;
        this.records = write.records();
        this.caller = caller;
    }

    Write<A> write() {
        return write;
    }

    /** Whose records it is about. */
    List<UUID> records() {
        return records;
    }

    /** Makes it a lane's to write. Returns whether its caller has not withdrawn it. */
    boolean take() {
        return state.compareAndSet(State.QUEUED, State.TAKEN);
    }

    /** Answers it; the first answer counts. The caller sees it once it is {@linkplain #publish published}. */
    void answer(@Nullable A given) {
        if (!settled) {
            settled = true;
            answer = given;
        }
    }

    /** Answers it with what went wrong. */
    void fail(Throwable cause) {
        if (!settled) {
            settled = true;
            failure = cause;
        }
    }

    /** Fails it if it was not answered, which would be a bug. An exception for each write took 3 % of SQLite's lane. */
    void requireAnswer() {
        if (!settled) {
            fail(new IllegalStateException("a write was left without an answer"));
        }
    }

    /** Sends it back to its caller, who writes it alone. */
    void sendOff() {
        if (!settled) {
            settled = true;
            sentOff = true;
        }
    }

    /** Lets its caller see the answer, when it looks or is {@linkplain #wake woken}. */
    void publish() {
        state.set(State.DONE);
    }

    boolean isDone() {
        return state.get() == State.DONE;
    }

    /** Has its caller wake those of the others, once it is awake itself. To be said before it is published. */
    void wakesNext(PendingWrite<?> first, @Nullable PendingWrite<?> second) {
        firstNext = first;
        secondNext = second;
    }

    /** Wakes whom it is to wake. */
    void wakeNext() {
        if (firstNext != null) {
            firstNext.wake();
        }
        if (secondNext != null) {
            secondNext.wake();
        }
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
     * interrupted. From then on it waits for as long as the database may take. Runs {@code slow} once, if it is not taken after
     * {@code slowNanos}.
     */
    Waited await(long patienceNanos, long slowNanos, Runnable slow) {
        long start = System.nanoTime();
        boolean slowSaid = false;
        boolean interrupted = false;
        try {
            while (!isDone()) {
                interrupted |= Thread.interrupted();
                long waited = System.nanoTime() - start;
                boolean stop = interrupted || waited >= patienceNanos;
                if (stop && state.compareAndSet(State.QUEUED, State.WITHDRAWN)) {
                    return interrupted ? Waited.WITHDRAWN_INTERRUPTED : Waited.WITHDRAWN_LATE;
                }
                if (!slowSaid && waited >= slowNanos) {
                    slowSaid = true;
                    if (state.get() == State.QUEUED) {
                        slow.run();
                    }
                    // Race: it was done meanwhile, and a lock in there has used up the wake-up.
                    continue;
                }
                long until = slowSaid ? patienceNanos : slowNanos;
                LockSupport.parkNanos(this, stop ? LONG_NANOS : until - waited);
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
