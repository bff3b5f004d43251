package io.toolgate.store.jdbc.internal.operation;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.Lease;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * The leases whose results are being written in callers' transactions, from before the statement is sent until the
 * result of the transaction is known. For such a lease a result is never stored apart from the caller's rows, and a
 * heartbeat takes the lock that the caller's transaction holds for what it is. Likewise for the heartbeats alone, those
 * whose results the store is writing with rows.
 *
 * <p>Bounded. Leases whose run has failed are evicted first: nothing completes them any more.
 */
public final class PendingCompletions {
    /** Stands in {@code heartbeat.sql} for a transaction whose number is not known yet. */
    static final String ANY_WRITER = "*";

    static final int CAPACITY = 10_000;

    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<ClaimToken, Entry> entries = new LinkedHashMap<>();

    /** The leases whose rows the store writes at this moment, by how many of its transactions. */
    @GuardedBy("lock")
    private final Map<ClaimToken, Integer> ofTheStore = new HashMap<>();

    /**
     * A lease, the number of the transaction that wrote last, whether the commit of that may wait for a standby, and
     * whether its run has failed.
     */
    private record Entry(Lease lease, String writer, boolean replicated, boolean failed) {}

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
            entries.put(lease.token(), new Entry(lease, ANY_WRITER, true, false));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a transaction of the store's own is about to lock the record; to be undone by {@link #end}. */
    public void begin(Lease lease) {
        lock.lock();
        try {
            var unused = ofTheStore.merge(lease.token(), 1, Integer::sum);
        } finally {
            lock.unlock();
        }
    }

    /** Undoes {@link #begin}. */
    public void end(Lease lease) {
        lock.lock();
        try {
            var unused = ofTheStore.computeIfPresent(lease.token(), (token, count) -> count == 1 ? null : count - 1);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Records the number of the transaction that wrote, by which a heartbeat recognises its lock, and whether its
     * commit waits for a standby.
     */
    public void written(Lease lease, String writer, boolean replicated) {
        replace(lease, entry -> new Entry(lease, writer, replicated, entry.failed()));
    }

    /**
     * Whether the commit of the caller's transaction waits for a standby, or may do so. Race: the server may stop
     * waiting, and its warning is the driver's to keep, and the caller's to read; so the store waits once more.
     */
    public boolean isReplicated(Lease lease) {
        lock.lock();
        try {
            Entry entry = entries.get(lease.token());
            return entry != null && entry.replicated();
        } finally {
            lock.unlock();
        }
    }

    /** Records that the run has failed, which leaves its record in doubt. */
    public void failed(Lease lease) {
        replace(lease, entry -> new Entry(lease, entry.writer(), entry.replicated(), true));
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

    /** Those of {@code leases} that are remembered, with the number of the transaction that wrote last. */
    Map<Lease, String> writers(Collection<Lease> leases) {
        lock.lock();
        try {
            Map<Lease, String> writers = new HashMap<>();
            for (Lease lease : leases) {
                Entry entry = entries.get(lease.token());
                if (entry != null) {
                    writers.put(lease, entry.writer());
                } else if (ofTheStore.containsKey(lease.token())) {
                    writers.put(lease, ANY_WRITER);
                }
            }
            return writers;
        } finally {
            lock.unlock();
        }
    }
}
