package io.toolgate.store.jdbc;

import io.toolgate.store.StoreException;
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
 * <p>Few callers go straight through, each with a commit of its own: alone, one pays nothing. More queue, and a lane, a thread
 * of its own on one connection, writes all that is queued in one commit, while the next ones gather. Whether few or many is
 * asked for each write, by how many are inside at that moment; there is nothing to set.
 *
 * <p>Each is answered only after the commit that carries its own change (rule 3 of SPEC.md). Where a shared commit certainly did
 * not happen, its members are sent off to write alone, on their own threads: so a bad one fails by itself, and its neighbours
 * lose one try. Where that is not known, each is told so, and asks again with its token.
 */
final class GroupCommit implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

    /** Fewer than these are not worth a commit of their own while another is under way. */
    private static final int SMALL = 16;

    private final Writes writes;
    private final Limits limits;
    private final AtomicInteger callers = new AtomicInteger();
    private final AtomicInteger queued = new AtomicInteger();
    private final ConcurrentLinkedQueue<Shared<?>> queue = new ConcurrentLinkedQueue<>();
    private final List<Lane> lanes = new ArrayList<>();

    /** Records of writes that were sent off. Whoever comes for one of them goes alone too: it may wait for a lock. */
    private final Set<UUID> apart = ConcurrentHashMap.newKeySet();

    private final ReentrantLock taking = new ReentrantLock();

    /** Guarded by {@link #taking}: taken out of the queue, and left for later because their record was in the batch. */
    private final List<Shared<?>> postponed = new ArrayList<>();

    private volatile boolean closed;

    /**
     * How much of what.
     *
     * @param straight how many callers may be inside for one to go straight through; 0 to let all share
     * @param batch how many writes share one commit at most
     * @param lanes how many shared commits are under way at most
     * @param capacity how many callers may be inside for a claim to be let in
     * @param patience how long a write waits to be taken
     */
    record Limits(int straight, int batch, int lanes, int capacity, Duration patience) {}

    GroupCommit(String name, Writes writes, Limits limits) {
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
    <A> @Nullable A run(Write<A> write) {
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
        if (!first.start()) {
            return writes.alone(write);
        }
        Shared<A> shared = new Shared<>(write, Thread.currentThread());
        queue.add(shared);
        queued.incrementAndGet();
        first.wake();
        switch (shared.await(limits.patience().toNanos())) {
            case WITHDRAWN_INTERRUPTED -> throw notSent("The thread was interrupted while " + write.what() + " waited");
            case WITHDRAWN_LATE ->
                throw notSent("The database was busy for " + limits.patience() + " with other writes");
            case DONE -> shared.wakeNext();
        }
        return shared.isSentOff() ? writeApart(write) : shared.result();
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
    int queued() {
        return queued.get();
    }

    /** Ends the lanes. Whatever is still queued is answered by then, or withdraws. */
    @Override
    public void close() {
        closed = true;
        lanes.forEach(Lane::wake);
    }

    /** Takes what shares the next commit: in the order of arrival, no two of one record. */
    private List<Shared<?>> take() {
        taking.lock();
        try {
            List<Shared<?>> batch = new ArrayList<>();
            Set<UUID> records = new HashSet<>();
            int most = fairShare();
            List<Shared<?>> before = List.copyOf(postponed);
            postponed.clear();
            for (Shared<?> earlier : before) {
                if (batch.size() < most) {
                    add(earlier, batch, records);
                } else {
                    postponed.add(earlier);
                }
            }
            Shared<?> next;
            while (batch.size() < most && (next = queue.poll()) != null) {
                add(next, batch, records);
            }
            queued.addAndGet(-batch.size());
            return batch;
        } finally {
            taking.unlock();
        }
    }

    /** So many that the lanes have equal shares: one is at the database then while the other's callers go on. */
    private int fairShare() {
        int share = (callers.get() + lanes.size() - 1) / lanes.size();
        return Math.min(limits.batch(), Math.max(SMALL, share));
    }

    private void add(Shared<?> shared, List<Shared<?>> batch, Set<UUID> records) {
        List<UUID> own = shared.write().records();
        if (own.stream().anyMatch(records::contains)) {
            postponed.add(shared);
        } else if (shared.take()) {
            records.addAll(own);
            batch.add(shared);
        } else {
            // Withdrawn.
            queued.decrementAndGet();
        }
    }

    private void write(List<Shared<?>> batch) {
        try {
            for (int i = 0; 2 * i + 2 < batch.size(); i++) {
                batch.get(i).wakesNext(batch.subList(2 * i + 2, Math.min(batch.size(), 2 * i + 4)));
            }
            writes.together(batch);
            batch.forEach(shared -> shared.fail(new IllegalStateException("a write was left without an answer")));
        } catch (SQLException | RuntimeException | Error e) {
            boolean nothingHappened = isWithoutEffect(e);
            for (Shared<?> shared : batch) {
                if (nothingHappened) {
                    shared.sendOff();
                } else {
                    shared.fail(e);
                }
            }
        } finally {
            // The others are woken by those who are, two each, so that the lane is not kept from the next commit.
            batch.stream().limit(2).forEach(Shared::wake);
        }
    }

    /** Whether a shared commit that ended in {@code e} certainly did nothing, and its members may do better alone. */
    private static boolean isWithoutEffect(Throwable e) {
        SQLException cause = Attempts.sqlCause(e);
        return cause != null && !(e instanceof ConnectionException) && Trouble.of(cause) != Trouble.UNCERTAIN;
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

        Lane(String name, int number) {
            this.name = name;
            this.number = number;
        }

        /** Has it look at the queue, if it rests. */
        void wake() {
            Thread running = thread;
            if (running != null && idle) {
                LockSupport.unpark(running);
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

        @Override
        public void run() {
            while (true) {
                gather();
                List<Shared<?>> batch = take();
                if (batch.isEmpty()) {
                    if (closed) {
                        return;
                    }
                    rest();
                    continue;
                }
                if (queued.get() > 0 && number + 1 < lanes.size()) {
                    Lane next = lanes.get(number + 1);
                    if (next.start()) {
                        next.wake();
                    }
                }
                long start = System.nanoTime();
                write(batch);
                typicalNanos = (3 * typicalNanos + System.nanoTime() - start) / 4;
                typicalSize = (typicalSize + batch.size() + 1) / 2;
            }
        }

        /**
         * Those who were just answered are about to ask again. Without this the first of them would have a commit of its own,
         * and the others would wait for it. At most half of a commit's time, and no longer than until the usual number is
         * there.
         */
        @SuppressWarnings("ThreadPriorityCheck") // nothing but speed depends on whom this lets run
        private void gather() {
            if (queued.get() >= typicalSize) {
                return;
            }
            long until = System.nanoTime() + typicalNanos / 2;
            while (queued.get() < typicalSize && System.nanoTime() - until < 0) {
                Thread.yield();
            }
        }

        private void rest() {
            idle = true;
            // Race: somebody queued after the last look, and did not see that nobody was awake.
            while (queued.get() == 0 && !closed) {
                typicalSize = 0;
                LockSupport.park(this);
            }
            idle = false;
        }
    }
}
