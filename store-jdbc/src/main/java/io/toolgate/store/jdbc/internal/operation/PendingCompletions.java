package io.toolgate.store.jdbc.internal.operation;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The leases whose results are being written in callers' transactions, from before the statement is sent until the
 * result of the transaction is known. For such a lease a result is never stored apart from the caller's rows, and a
 * heartbeat does not wait for the lock that the caller's transaction holds.
 *
 * <p>Bounded. Leases whose run has failed are evicted first: nothing completes them any more.
 */
public final class PendingCompletions {
    /** Stands in {@code heartbeat_open.sql} for a transaction whose number is not known yet. */
    static final String ANY_WRITER = "*";

    static final int CAPACITY = 10_000;

    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition batchEnded = lock.newCondition();

    @GuardedBy("lock")
    private final Map<ClaimToken, Entry> entries = new LinkedHashMap<>();

    @GuardedBy("lock")
    private final Set<Batch> batches = new HashSet<>();

    /** A lease, the number of the transaction that wrote last, and whether its run has failed. */
    private record Entry(Lease lease, String writer, boolean failed) {}

    public PendingCompletions() {
        this(CAPACITY);
    }

    public PendingCompletions(int capacity) {
        this.capacity = capacity;
    }

    /** Remembers {@code lease}; false, and nothing is remembered, if there is no room. */
    public boolean remember(Lease lease) {
        lock.lock();
        try {
            if (!entries.containsKey(lease.token()) && entries.size() >= capacity) {
                entries.values().removeIf(Entry::failed);
                if (entries.size() >= capacity) {
                    return false;
                }
            }
            entries.put(lease.token(), new Entry(lease, ANY_WRITER, false));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for heartbeats that were sent before {@code lease} was remembered. Race: such a heartbeat would meet the
     * lock that is about to be taken, wait for the caller's transaction, and let all other leases of its batch expire.
     *
     * @return whether they ended within {@code patience}
     */
    public boolean awaitEarlierHeartbeats(Lease lease, Duration patience) {
        boolean interrupted = false;
        lock.lock();
        try {
            long left = patience.toNanos();
            while (batches.stream().anyMatch(batch -> batch.tokens.contains(lease.token()))) {
                if (left <= 0) {
                    return false;
                }
                try {
                    left = batchEnded.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            return true;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Records the number of the transaction that wrote, by which a heartbeat recognises its lock. */
    public void written(Lease lease, String writer) {
        replace(lease, entry -> new Entry(lease, writer, entry.failed()));
    }

    /** Records that the run has failed, which leaves its record in doubt. */
    public void failed(Lease lease) {
        replace(lease, entry -> new Entry(lease, entry.writer(), true));
    }

    private void replace(Lease lease, UnaryOperator<Entry> change) {
        lock.lock();
        try {
            var unused = entries.computeIfPresent(lease.token(), (token, entry) -> change.apply(entry));
        } finally {
            lock.unlock();
        }
    }

    public void forget(Lease lease) {
        lock.lock();
        try {
            var unused = entries.remove(lease.token());
        } finally {
            lock.unlock();
        }
    }

    public boolean remembers(Lease lease) {
        lock.lock();
        try {
            return entries.containsKey(lease.token());
        } finally {
            lock.unlock();
        }
    }

    public List<Lease> all() {
        lock.lock();
        try {
            return entries.values().stream().map(Entry::lease).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Splits {@code leases} into those renewed as usual, until the batch is closed, and those remembered here. */
    Batch begin(Collection<Lease> leases) {
        lock.lock();
        try {
            Batch batch = new Batch();
            for (Lease lease : leases) {
                @Nullable Entry entry = entries.get(lease.token());
                if (entry == null) {
                    batch.usual.add(lease);
                    batch.tokens.add(lease.token());
                } else {
                    batch.open.put(lease, entry.writer());
                }
            }
            batches.add(batch);
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** One heartbeat of many leases. Its collections do not change after {@link #begin}. */
    final class Batch implements AutoCloseable {
        private final List<Lease> usual = new ArrayList<>();
        private final Map<Lease, String> open = new HashMap<>();
        private final Set<ClaimToken> tokens = new HashSet<>();

        private Batch() {}

        List<Lease> usual() {
            return usual;
        }

        /** The remembered ones, with the number of the transaction that wrote last. */
        Map<Lease, String> open() {
            return open;
        }

        /** Ends the batch: the statement for the usual ones has returned. */
        @Override
        public void close() {
            lock.lock();
            try {
                batches.remove(this);
                batchEnded.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
