package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.SqlErrorKind;
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
 * Lets callers in flight share commits.
 *
 * <p>One alone goes straight through, with a commit of its own, and pays nothing. More queue, and a lane, a thread of its own
 * on one connection, writes what is queued in one commit, while the next ones gather. That is asked for each write, by how
 * many are inside at that moment; there is nothing to set.
 *
 * <p>Each is answered only after the commit that carries its own change (rule 3 of SPEC.md). Where a shared commit certainly did
 * not happen, its members are sent off to write alone, on their own threads: so a bad one fails by itself, and its neighbours
 * lose one try. Where that is not known, each is told so, and asks again with its token.
 */
public final class GroupCommit implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

    /** Fewer than these are not worth a commit of their own while another is under way. */
    private static final int SMALL = 16;

    /** Results of so much make a batch full: they are all in memory at once, and in one message to the database. */
    private static final long MOST_BYTES = 4 << 20;

    /** After so long in the queue a write has every lane look: the first may be stuck on a connection that hangs. */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long LONGEST_GATHERING_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final WriteBackend writes;
    private final Limits limits;
    private final AtomicInteger callers = new AtomicInteger();
    private final AtomicInteger queued = new AtomicInteger();
    private final ConcurrentLinkedQueue<PendingWrite<?>> queue = new ConcurrentLinkedQueue<>();
    private final List<Lane> lanes = new ArrayList<>();

    /** Records of writes that were sent off. Whoever comes for one of them goes alone too: it may wait for a lock. */
    private final Set<UUID> apart = ConcurrentHashMap.newKeySet();

    private final ReentrantLock taking = new ReentrantLock();

    // Both guarded by taking.
    private final Set<UUID> atWork = new HashSet<>();

    /** Out of the queue, and left for later because their record is at work. Whoever ends that work looks here next. */
    private final List<PendingWrite<?>> postponed = new ArrayList<>();

    private volatile boolean closed;

    /**
     * How much of what.
     *
     * @param straight how many callers may be inside for one to go straight through; 0 to let all share
     * @param batch how many writes share one commit at most
     * @param enough how many queued writes are worth a commit at once, without waiting for more
     * @param lanes how many shared commits are under way at most
     * @param capacity how many callers may be inside for a claim to be let in
     * @param patience how long a write waits to be taken
     */
    record Limits(int straight, int batch, int enough, int lanes, int capacity, Duration patience) {}

    GroupCommit(String name, WriteBackend writes, Limits limits) {
        this.writes = writes;
        this.limits = limits;
        for (int i = 0; i < limits.lanes(); i++) {
            lanes.add(new Lane(name + "-" + (i + 1), i));
        }
    }

    /**
     * Writes, alone or with others, and returns after the commit.
     *
     * @return null as the kind of write says
     * @throws StoreException.Full if too many callers wait for a claim to be let in; whatever ends a run is always let in
     */
    public <A> @Nullable A run(Write<A> write) {
        int inside = callers.incrementAndGet();
        try {
            if (inside <= limits.straight() || !writes.canShare(write) || isApart(write)) {
                return writes.alone(write);
            }
            if (inside > limits.capacity() && write instanceof Write.Claim) {
                throw new StoreException.Full(inside - 1 + " calls wait for the database, and " + limits.capacity()
                        + " may. Nothing was written. Look why it is slow, or let fewer callers in");
            }
            return share(write);
        } finally {
            callers.decrementAndGet();
        }
    }

    private <A> @Nullable A share(Write<A> write) {
        Lane first = lanes.get(0);
        if (closed || !first.start()) {
            return writes.alone(write);
        }
        PendingWrite<A> shared = new PendingWrite<>(write, Thread.currentThread());
        queue.add(shared);
        queued.incrementAndGet();
        first.wake();
        switch (shared.await(limits.patience().toNanos(), SLOW_NANOS, this::wakeAll)) {
            case WITHDRAWN_INTERRUPTED -> throw notSent("The thread was interrupted while " + write.what() + " waited");
            case WITHDRAWN_LATE ->
                throw notSent("The database was busy for " + limits.patience() + " with other writes");
            case DONE -> shared.wakeNext();
        }
        return shared.isSentOff() ? writeApart(write) : shared.result();
    }

    private void wakeAll() {
        lanes.forEach(Lane::wake);
    }

    /** Like a connection that could not be had: nothing was sent. */
    private static ConnectionException notSent(String why) {
        return new ConnectionException(new SQLTransientException(why));
    }

    private boolean isApart(Write<?> write) {
        return !apart.isEmpty() && write.records().stream().anyMatch(apart::contains);
    }

    private <A> @Nullable A writeApart(Write<A> write) {
        List<UUID> records = write.records();
        apart.addAll(records);
        try {
            return writes.alone(write);
        } finally {
            records.forEach(apart::remove);
        }
    }

    /** How many writes wait to be taken; for tests. */
    public int queued() {
        taking.lock();
        try {
            return queued.get() + postponed.size();
        } finally {
            taking.unlock();
        }
    }

    /** Ends the lanes. Whatever is still queued is answered by then, or withdraws. */
    @Override
    public void close() {
        closed = true;
        lanes.forEach(Lane::end);
    }

    /** Takes what shares the next commit, in the order of arrival, no two of one record, into the empty {@code batch}. */
    private void take(List<PendingWrite<?>> batch) {
        taking.lock();
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
            taking.unlock();
        }
    }

    /** So many that there are as many commits under way as lanes: the callers of one go on while another is at the database. */
    private int fairShare() {
        int share = (callers.get() + lanes.size() - 1) / lanes.size();
        return Math.min(limits.batch(), Math.max(SMALL, share));
    }

    private boolean isFree(PendingWrite<?> shared) {
        for (UUID id : shared.records()) {
            if (atWork.contains(id)) {
                return false;
            }
        }
        return true;
    }

    /** Adds a write, if it was not withdrawn. Returns how many bytes it brings. */
    private long add(PendingWrite<?> shared, List<PendingWrite<?>> batch) {
        if (!shared.take()) {
            return 0;
        }
        batch.add(shared);
        atWork.addAll(shared.records());
        return shared.write().bytes();
    }

    private void write(List<PendingWrite<?>> batch) throws SQLException {
        for (int i = 0; 2 * i + 2 < batch.size(); i++) {
            batch.get(i).wakesNext(batch.get(2 * i + 2), 2 * i + 3 < batch.size() ? batch.get(2 * i + 3) : null);
        }
        writes.together(batch);
        batch.forEach(PendingWrite::requireAnswer);
    }

    private static void settle(List<PendingWrite<?>> batch, Throwable e) {
        boolean alone = isBetterAlone(e);
        for (PendingWrite<?> shared : batch) {
            if (alone) {
                shared.sendOff();
            } else {
                shared.fail(e);
            }
        }
    }

    /**
     * Lets the callers of a batch go on. They are woken by each other, each by one and two by the lane, so that this is not kept
     * from the next commit. Race: a caller looks before it is woken. So all are told from the last to the first: whoever sees
     * that it is done wakes others that see the same.
     */
    private void release(List<PendingWrite<?>> batch) {
        taking.lock();
        try {
            for (PendingWrite<?> shared : batch) {
                shared.records().forEach(atWork::remove);
            }
        } finally {
            taking.unlock();
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
     * Whether the members of a shared commit that ended in {@code e} may do better alone: it certainly did nothing; or it was no
     * error of the database's, but of its being shared, say too much at once. Each is recognised by its token then, should it
     * have happened.
     */
    private static boolean isBetterAlone(Throwable e) {
        SQLException cause = RetryLoop.sqlCause(e);
        return cause == null
                || (!(e instanceof ConnectionException) && SqlErrorKind.of(cause) != SqlErrorKind.UNCERTAIN);
    }

    /** A thread that writes shared commits, one after the other. It starts when it is first needed. */
    private final class Lane implements Runnable {
        private final String name;
        private final int number;
        private final ReentrantLock starting = new ReentrantLock();
        private volatile @Nullable Thread thread;

        /** Set before it looks at the queue for the last time and parks; whoever queues sees it, or is seen. */
        private volatile boolean idle;

        // Its own thread only.
        private long typicalNanos;
        private int typicalSize;
        private boolean reported;

        Lane(String name, int number) {
            this.name = name;
            this.number = number;
        }

        /** Has it look at the queue, if it rests; starts it, if it was not needed before and can be. */
        void wake() {
            if (start() && idle) {
                LockSupport.unpark(thread);
            }
        }

        /** Starts its thread, if it has none. Returns whether it has one now. */
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
                // No thread is to be had, which must fail nobody: all goes as it would without this lane.
                log.debug("{} cannot start yet", name, e);
            } finally {
                starting.unlock();
            }
            return thread != null;
        }

        /** Has it end, after it has closed. */
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
                    // Whatever ended it, the next write begins another.
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
                        rest();
                    } else {
                        writeAndMeasure(batch);
                    }
                } catch (SQLException | RuntimeException | Error e) {
                    // Also what has nothing to do with them, such as want of memory: nobody else would tell them.
                    settle(batch, e);
                    report(e);
                } finally {
                    release(batch);
                }
            }
        }

        /** What is not the database's fault is told here once: the writes go alone, and their callers see nothing of it. */
        private void report(Throwable e) {
            if (RetryLoop.sqlCause(e) != null) {
                return;
            }
            if (reported) {
                log.debug("{} failed again, and its writes go alone", name, e);
            } else {
                log.warn("{} failed, though the database did not, and its writes go alone; look why", name, e);
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
                // Rounded towards the latest.
                typicalSize = (typicalSize + size + (size > typicalSize ? 1 : 0)) / 2;
            }
        }

        /**
         * Those who were just answered are about to ask again. Without this the first of them would have a commit of its own,
         * and the others would wait for it. At most half of a commit's time, and no longer than until the usual number is
         * there, or enough: to wait for the last of many costs more than another commit.
         */
        @SuppressWarnings("ThreadPriorityCheck") // nothing but speed depends on whom this lets run
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

        private void rest() {
            idle = true;
            // Race: somebody queued after the last look, and did not see that nobody was awake.
            while (queue.isEmpty() && !closed) {
                typicalSize = 0;
                LockSupport.park(this);
            }
            idle = false;
        }
    }
}
