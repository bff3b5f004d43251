package io.toolgate.store.jdbc.internal.transaction;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.ToolGateException;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.TransactionBody;
import io.toolgate.store.jdbc.TransactionOutcome;
import io.toolgate.store.jdbc.internal.operation.RecordReads;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.transaction.TransactionalRun.Answer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs whose claim, effect and result are one transaction ({@code runInTransaction}), for effects that are only rows
 * of this database. There is no lease and no heartbeat: until the commit no other connection sees the claim, and the
 * database itself ends a transaction whose client is gone.
 *
 * <p>A call first waits for a position, without a connection: one transaction for each key of this process, and at
 * most half of the pool in all, which leaves connections for heartbeats (rule 8). {@link TransactionalRun} then makes
 * the tries, all with one token.
 */
public final class TransactionalRuns {
    private static final int MOST_UNKNOWN_COMMITS = 3;

    /** No other connection ever sees this lease: the record is completed in the same commit. */
    public static final Duration LEASE = Duration.ofSeconds(1);

    private final SqlRunner sql;
    private final RecordReads reads;
    private final RetryLoop retries;
    private final Runnable guard;
    private final Positions positions;
    private final Duration retention;
    private final SecureRandom random = new SecureRandom();
    private final String owner = "transaction of pid " + ProcessHandle.current().pid();

    /** The key whose body a thread is running, or whose rows it is writing. */
    private final ConcurrentMap<Thread, RecordId> inside = new ConcurrentHashMap<>();

    public TransactionalRuns(
            SqlRunner sql, RecordReads reads, RetryLoop retries, Runnable guard, int mostAtOnce, Duration retention) {
        this.sql = sql;
        this.reads = reads;
        this.retries = retries;
        this.guard = guard;
        this.positions = new Positions(mostAtOnce);
        this.retention = retention;
    }

    /** Runs {@code body}, unless {@code id} is finished or has another owner. */
    public <X extends Exception> TransactionOutcome run(
            RecordId id, InputFingerprint input, TransactionBody<Payload, X> body) throws X {
        refuseInside(id);
        if (inside.containsKey(Thread.currentThread())) {
            throw new StoreException.Refused(
                    "The body of runInTransaction, or a writer of rows, called runInTransaction for another key. The"
                            + " inner one would commit even if the outer one is rolled back. Nothing was run by this"
                            + " call: use the connection of the outer one, or call one after the other",
                    null);
        }
        ClaimRequest request = new ClaimRequest(
                id, ClaimToken.random(random), owner, input, LEASE, retention, OnUnknown.HOLD, Integer.MAX_VALUE);
        long deadlineNanos = System.nanoTime() + retries.budget().toNanos();
        // A replay takes no lock, no transaction and no position.
        Optional<TransactionOutcome> decided =
                reads.peek(id).flatMap(record -> TransactionalRun.decided(record, request));
        if (decided.isPresent()) {
            return decided.get();
        }
        switch (awaitPosition(id, deadlineNanos)) {
            case KEY_BUSY -> {
                return new TransactionOutcome.Busy(Duration.ZERO);
            }
            case NONE_FREE ->
                throw new StoreException.Unavailable(
                        "Other runInTransaction calls used all connections for such calls for " + retries.budget()
                                + ". " + id + " did not run. Keep bodies short, or give the store a larger pool",
                        null);
            case ACQUIRED -> {}
        }
        try {
            return this.<X>runTries(new TransactionalRun(sql, guard, request, deadlineNanos, body, this));
        } finally {
            positions.release(id);
        }
    }

    private Positions.Result awaitPosition(RecordId id, long deadlineNanos) {
        try {
            return positions.acquire(id, deadlineNanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException.Unavailable(
                    "The thread was interrupted while it waited to run " + id
                            + ". This call did not run it. Call again to get the result of the key",
                    e);
        }
    }

    private <X extends Exception> TransactionOutcome runTries(TransactionalRun transaction) throws X {
        String what = "the transaction of " + transaction.id();
        Answer answer = retries.run(what, OnInterrupt.STOP, transaction::attempt);
        for (int i = 0; answer instanceof Answer.CommitUnknown unknown; i++) {
            if (i == MOST_UNKNOWN_COMMITS) {
                throw unknown(transaction.id(), unknown.cause());
            }
            try {
                // An interrupt does not stop this try: the effect may have happened, and only this try can tell.
                answer = retries.run(() -> what, OnInterrupt.FINISH, true, transaction::attempt);
            } catch (StoreException.Unavailable | StoreException.Misconfigured e) {
                throw unknown(transaction.id(), e);
            }
        }
        if (answer instanceof Answer.Thrown thrown) {
            throw TransactionalRuns.<X>asThrown(thrown.thrown());
        }
        return ((Answer.Decided) answer).outcome();
    }

    private static StoreException.Unavailable unknown(RecordId id, Throwable cause) {
        return new StoreException.Unavailable(
                "The commit of " + id + " was not acknowledged, and what came of it could not be confirmed since ("
                        + cause.getMessage()
                        + "): either all of it happened or nothing. Call again with the same key: that finds the"
                        + " result, or runs it",
                cause);
    }

    /** Rethrows what a body threw: {@link TransactionBody} allows only {@code X} and unchecked exceptions. */
    @SuppressWarnings("unchecked")
    private static <X extends Exception> RuntimeException asThrown(Throwable thrown) throws X {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        throw (X) thrown;
    }

    /**
     * Refuses a call for {@code id} from inside its own body, which holds the lock that the call would wait for. On
     * SQLite, where the body holds the only write lock, it refuses a call that writes for any key.
     */
    public void refuseInside(RecordId id) {
        RecordId own = inside.get(Thread.currentThread());
        if (own == null) {
            return;
        }
        if (own.equals(id)) {
            throw new ToolGateException.SelfWait(id);
        }
        if (sql.dialect() == Dialect.SQLITE) {
            throw new StoreException.Refused(
                    "The body of runInTransaction, or a writer of rows, called a store whose only writer it holds, and"
                            + " would wait for itself. Nothing was written by this call: call the store before or after"
                            + " the transaction",
                    null);
        }
    }

    /**
     * Notes that this thread runs the body of {@code id}, or writes its rows; to be undone by {@link #exit}.
     *
     * @return the key that was noted before, null if none
     */
    @Nullable
    RecordId enter(RecordId id) {
        return inside.put(Thread.currentThread(), id);
    }

    /** Undoes {@link #enter}, which returned {@code outer}. */
    void exit(@Nullable RecordId outer) {
        if (outer == null) {
            inside.remove(Thread.currentThread());
        } else {
            inside.put(Thread.currentThread(), outer);
        }
    }

    /** Positions for transactions of this process: one for each key, and a few in all. A waiter holds no connection. */
    private static final class Positions {
        private final int most;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition released = lock.newCondition();

        @GuardedBy("lock")
        private final Set<RecordId> running = new HashSet<>();

        /** Result of waiting for a position. */
        enum Result {
            /** The caller has one; {@link #release} follows. */
            ACQUIRED,
            /** Another transaction of this key ran until the deadline. */
            KEY_BUSY,
            /** Transactions of other keys held all positions until the deadline. */
            NONE_FREE
        }

        Positions(int most) {
            this.most = most;
        }

        /**
         * Waits for a position, until {@link System#nanoTime()} is {@code deadlineNanos}.
         *
         * @throws InterruptedException if the thread was interrupted while it waited
         */
        Result acquire(RecordId id, long deadlineNanos) throws InterruptedException {
            lock.lock();
            try {
                while (running.contains(id) || running.size() >= most) {
                    long left = deadlineNanos - System.nanoTime();
                    if (left <= 0) {
                        return running.contains(id) ? Result.KEY_BUSY : Result.NONE_FREE;
                    }
                    long unused = released.awaitNanos(left);
                }
                running.add(id);
                return Result.ACQUIRED;
            } finally {
                lock.unlock();
            }
        }

        void release(RecordId id) {
            lock.lock();
            try {
                running.remove(id);
                // All, because a caller waits either for its key or for any position.
                released.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
