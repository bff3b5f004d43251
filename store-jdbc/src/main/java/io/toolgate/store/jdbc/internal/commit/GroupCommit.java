package io.toolgate.store.jdbc.internal.commit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit: lets concurrent callers share one commit.
 *
 * <p>A single caller executes its statement directly, in a commit of its own; concurrent callers are queued, and a
 * lane, a thread on one connection, writes the queued ones in one commit, while further callers queue for the next.
 * Which of the two is decided for each write, by the number of callers at that moment.
 *
 * <p>Each caller returns only after the commit that contains its write (rule 3 of SPEC.md).
 *
 * <p>Race: a bad write, or one that waits for a lock, fails the commit of all. That commit certainly did not happen, so
 * its writes are returned to their callers, and each executes its own: the bad one then fails alone, and the others
 * lose one try.
 *
 * <p>Race: the answer to a shared commit is lost, and it may have happened. Each caller gets that error, and retries
 * with its token.
 */
public final class GroupCommit implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

    /** A batch is never limited to fewer than these while another commit is under way. */
    private static final int SMALL = 16;

    /** A batch with results of this size is full: they are in memory at once, and in one message to the database. */
    private static final long MOST_BYTES = 4 << 20;

    /** Race: the first lane is stuck on a connection that hangs. A write that waits for so long wakes all lanes. */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long LONGEST_GATHERING_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final WriteBackend writes;
    private final Limits limits;
    private final AtomicInteger callers = new AtomicInteger();
    private final AtomicInteger queued = new AtomicInteger();
    private final ConcurrentLinkedQueue<PendingWrite<?>> queue = new ConcurrentLinkedQueue<>();
    private final List<CommitLane> lanes = new ArrayList<>();

    /** Records of writes that were returned. Further writes of these go alone too: they may wait for a lock. */
    private final Set<UUID> writtenAlone = ConcurrentHashMap.newKeySet();

    private final ReentrantLock batchLock = new ReentrantLock();

    /**
     * Records in a commit that is under way. Race: two writes of one record; the second waits until that commit has
     * ended.
     */
    @GuardedBy("batchLock")
    private final Set<UUID> inCommit = new HashSet<>();

    /** Out of the queue, but postponed because their record is in a commit; the next batch begins with them. */
    @GuardedBy("batchLock")
    private final List<PendingWrite<?>> postponed = new ArrayList<>();

    private volatile boolean closed;

    /**
     * Limits of one group.
     *
     * @param direct up to how many callers each executes its write directly; 0 to queue all
     * @param batch the most writes of one commit
     * @param enough with so many queued writes a lane begins its commit without waiting for more
     * @param lanes the most shared commits under way at one time
     * @param capacity with more callers inside, claims are refused
     * @param patience how long a write waits in the queue
     */
    record Limits(int direct, int batch, int enough, int lanes, int capacity, Duration patience) {}

    GroupCommit(String name, WriteBackend writes, Limits limits) {
        this.writes = writes;
        this.limits = limits;
        for (int i = 0; i < limits.lanes(); i++) {
            lanes.add(new CommitLane(name + "-" + (i + 1), i));
        }
    }

    /**
     * Executes a write, alone or in a shared commit, and returns after the commit.
     *
     * @return null as the kind of write says
     * @throws StoreException.Full if a claim finds too many callers waiting; completions and heartbeats are never
     *     refused
     */
    public <A> @Nullable A run(Write<A> write) {
        int inside = callers.incrementAndGet();
        try {
            if (inside <= limits.direct()) {
                return writes.alone(write);
            }
            if (inside > limits.capacity() && write instanceof Write.Claim) {
                throw new StoreException.Full(inside - 1 + " calls are waiting for the database, and at most "
                        + limits.capacity()
                        + " may. Nothing was written. Find out why the database is slow, or admit fewer"
                        + " concurrent calls");
            }
            return writes.canShare(write) && !mustGoAlone(write) ? enqueue(write) : writes.alone(write);
        } finally {
            callers.decrementAndGet();
        }
    }

    private <A> @Nullable A enqueue(Write<A> write) {
        CommitLane first = lanes.get(0);
        if (closed || !first.start()) {
            return writes.alone(write);
        }
        PendingWrite<A> pending = new PendingWrite<>(write, Thread.currentThread());
        queue.add(pending);
        queued.incrementAndGet();
        first.wake();
        switch (pending.await(limits.patience().toNanos(), SLOW_NANOS, this::wakeAll)) {
            case WITHDRAWN_INTERRUPTED ->
                throw notSent("The thread was interrupted while " + write.what() + " waited to be sent");
            case WITHDRAWN_LATE ->
                throw notSent(write.what() + " waited for " + limits.patience() + " behind other writes");
            case DONE -> pending.wakeNext();
        }
        return pending.isReturned() ? writeAlone(write) : pending.result();
    }

    private void wakeAll() {
        lanes.forEach(CommitLane::wake);
    }

    /** Like a failure to get a connection: nothing was sent. */
    private static ConnectionException notSent(String why) {
        return new ConnectionException(new SQLTransientException(why));
    }

    private boolean mustGoAlone(Write<?> write) {
        return !writtenAlone.isEmpty() && write.records().stream().anyMatch(writtenAlone::contains);
    }

    private <A> @Nullable A writeAlone(Write<A> write) {
        List<UUID> records = write.records();
        writtenAlone.addAll(records);
        try {
            return writes.alone(write);
        } finally {
            records.forEach(writtenAlone::remove);
        }
    }

    /** The number of writes that wait for a commit; for tests. */
    public int queued() {
        batchLock.lock();
        try {
            return queued.get() + postponed.size();
        } finally {
            batchLock.unlock();
        }
    }

    /** Ends the lanes, once the queue is empty; writes that no lane takes time out. */
    @Override
    public void close() {
        closed = true;
        lanes.forEach(CommitLane::end);
    }

    /** Fills the empty {@code batch} for the next commit, in the order of arrival, with no two writes of one record. */
    private void take(List<PendingWrite<?>> batch) {
        batchLock.lock();
        try {
            int most = fairShare();
            long bytes = 0;
            for (int i = 0; i < postponed.size() && batch.size() < most && bytes < MOST_BYTES; i++) {
                PendingWrite<?> earlier = postponed.get(i);
                if (isFree(earlier)) {
                    postponed.remove(i--);
                    bytes += add(earlier, batch);
                }
            }
            PendingWrite<?> next;
            while (batch.size() < most && bytes < MOST_BYTES && (next = queue.poll()) != null) {
                queued.decrementAndGet();
                if (isFree(next)) {
                    bytes += add(next, batch);
                } else {
                    postponed.add(next);
                }
            }
        } finally {
            batchLock.unlock();
        }
    }

    /** The callers divided by the lanes: the callers of one commit go on while another commit is under way. */
    private int fairShare() {
        int share = (callers.get() + lanes.size() - 1) / lanes.size();
        return Math.min(limits.batch(), Math.max(SMALL, share));
    }

    @GuardedBy("batchLock")
    private boolean isFree(PendingWrite<?> pending) {
        for (UUID id : pending.records()) {
            if (inCommit.contains(id)) {
                return false;
            }
        }
        return true;
    }

    /** Adds a write, unless it was withdrawn. Returns the size of its result. */
    @GuardedBy("batchLock")
    private long add(PendingWrite<?> pending, List<PendingWrite<?>> batch) {
        if (!pending.take()) {
            return 0;
        }
        batch.add(pending);
        inCommit.addAll(pending.records());
        return pending.write().bytes();
    }

    private void write(List<PendingWrite<?>> batch) throws SQLException {
        for (int i = 0; 2 * i + 2 < batch.size(); i++) {
            batch.get(i).wakesNext(batch.get(2 * i + 2), 2 * i + 3 < batch.size() ? batch.get(2 * i + 3) : null);
        }
        writes.together(batch);
        batch.forEach(PendingWrite::requireAnswer);
    }

    private static void answerFailed(List<PendingWrite<?>> batch, Throwable e) {
        boolean alone = mayWorkAlone(e);
        for (PendingWrite<?> pending : batch) {
            if (alone) {
                pending.returnToCaller();
            } else {
                pending.fail(e);
            }
        }
    }

    /**
     * Publishes the answers of a batch and wakes its callers, as a tree: the lane wakes two, and each caller two more,
     * so that the lane can begin the next commit. Race: a caller sees its answer before it is woken, and wakes its two.
     * So answers are published from the last to the first: then those two find theirs as well.
     */
    private void release(List<PendingWrite<?>> batch) {
        batchLock.lock();
        try {
            for (PendingWrite<?> pending : batch) {
                pending.records().forEach(inCommit::remove);
            }
        } finally {
            batchLock.unlock();
        }
        for (int i = batch.size() - 1; i >= 0; i--) {
            batch.get(i).publish();
        }
        for (int i = 0; i < Math.min(2, batch.size()); i++) {
            batch.get(i).wake();
        }
        batch.clear();
    }

    /**
     * Whether the writes of a shared commit that failed with {@code e} may succeed alone: it certainly had no effect,
     * or the error is not the database's but comes from the sharing, such as too much memory at once. Should the commit
     * have happened, each write is recognised by its token.
     */
    private static boolean mayWorkAlone(Throwable e) {
        SQLException cause = RetryLoop.sqlCause(e);
        return cause == null
                || (!(e instanceof ConnectionException) && SqlErrorKind.of(cause) != SqlErrorKind.UNCERTAIN);
    }

    /** A thread that executes shared commits, one after the other. Started when it is first needed. */
    private final class CommitLane implements Runnable {
        private final String name;
        private final int number;
        private final ReentrantLock starting = new ReentrantLock();
        private volatile @Nullable Thread thread;

        /**
         * Race: a caller queues while the lane parks. Set before the last check of the queue, so that one sees the
         * other.
         */
        private volatile boolean idle;

        // Only touched by its own thread.
        private long typicalNanos;
        private int typicalSize;
        private boolean reported;

        CommitLane(String name, int number) {
            this.name = name;
            this.number = number;
        }

        /** Wakes its thread if it is parked, and starts it if it has none. */
        void wake() {
            if (start() && idle) {
                LockSupport.unpark(thread);
            }
        }

        /** Starts its thread if it has none. Returns whether it has one now. */
        boolean start() {
            if (thread != null) {
                return true;
            }
            starting.lock();
            try {
                if (thread == null && !closed) {
                    Thread started = new Thread(this, name);
                    started.setDaemon(true);
                    started.start();
                    thread = started;
                }
            } catch (OutOfMemoryError e) {
                // No thread is available. That fails no caller: each executes its write directly.
                log.debug("{} cannot start its thread yet; writes are executed one by one", name, e);
            } finally {
                starting.unlock();
            }
            return thread != null;
        }

        /** Wakes its thread, which ends once the group is closed. */
        void end() {
            LockSupport.unpark(thread);
        }

        @Override
        public void run() {
            try {
                writeUntilClosed();
            } finally {
                writes.pause();
                starting.lock();
                try {
                    // Whatever ended it, the next write starts another thread.
                    thread = null;
                } finally {
                    starting.unlock();
                }
            }
        }

        private void writeUntilClosed() {
            List<PendingWrite<?>> batch = new ArrayList<>(limits.batch());
            while (!closed || !queue.isEmpty()) {
                try {
                    gather();
                    take(batch);
                    if (batch.isEmpty()) {
                        writes.pause();
                        park();
                    } else {
                        writeAndMeasure(batch);
                    }
                } catch (SQLException | RuntimeException | Error e) {
                    // Errors such as a lack of memory too: otherwise the callers would wait for ever.
                    answerFailed(batch, e);
                    report(e);
                } finally {
                    release(batch);
                }
            }
        }

        /**
         * Logs an error that is not the database's or the store's, which no caller sees, since each executes its write
         * alone.
         */
        private void report(Throwable e) {
            if (RetryLoop.sqlCause(e) != null || e instanceof StoreException) {
                return;
            }
            if (reported) {
                log.debug("Batched write {} failed again with a non-database error", name, e);
            } else {
                log.warn(
                        "Batched write {} failed with a non-database error; retrying its writes one by one. Please"
                                + " report this as a bug",
                        name,
                        e);
            }
            reported = true;
        }

        private void writeAndMeasure(List<PendingWrite<?>> batch) throws SQLException {
            if (!queue.isEmpty() && number + 1 < lanes.size()) {
                lanes.get(number + 1).wake();
            }
            int size = batch.size();
            long start = System.nanoTime();
            try {
                write(batch);
            } finally {
                typicalNanos = (3 * typicalNanos + System.nanoTime() - start) / 4;
                typicalSize = (typicalSize + size + (size > typicalSize ? 1 : 0)) / 2;
            }
        }

        /**
         * Waits a moment for callers that were just answered and come again at once: otherwise the first of them would
         * get a commit of its own, and the others would wait for it. At most for half of a typical commit, and only
         * until the typical number is queued, or enough: waiting for the last of many costs more than another commit.
         */
        @SuppressWarnings("ThreadPriorityCheck") // only speed depends on which thread runs next
        private void gather() {
            int awaited = Math.min(limits.enough(), typicalSize);
            if (queued.get() >= awaited) {
                return;
            }
            long until = System.nanoTime() + Math.min(LONGEST_GATHERING_NANOS, typicalNanos / 2);
            while (queued.get() < awaited && System.nanoTime() - until < 0) {
                Thread.yield();
            }
        }

        private void park() {
            idle = true;
            // The race is described at idle.
            while (queue.isEmpty() && !closed) {
                typicalSize = 0;
                LockSupport.park(this);
            }
            idle = false;
        }
    }
}
