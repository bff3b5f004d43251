package io.toolgate.store.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Concurrent map of the stored keys, with a bound on their number. A new key reserves its place inside the map's own
 * atomic insertion, so that of many claimers of one new key only the winner reserves one, and the bound holds at every
 * moment.
 *
 * <p>A full map makes room by a scan for keys that may be deleted. So that a full store does not scan for each claim
 * that it refuses, every scan records the earliest time at which another one could find anything, and every write that
 * is deletable earlier lowers that time.
 */
final class BoundedRecords {
    private final int max;
    private final ConcurrentHashMap<RecordId, StoredKey> records = new ConcurrentHashMap<>();
    private final AtomicInteger reserved = new AtomicInteger();
    private final ReentrantLock scanning = new ReentrantLock();

    /** The time before which a scan finds nothing, in milliseconds since the epoch; at first any scan may. */
    private final AtomicLong nextScanMillis = new AtomicLong(Long.MIN_VALUE);

    BoundedRecords(int max) {
        this.max = max;
    }

    @Nullable
    StoredKey get(RecordId id) {
        return records.get(id);
    }

    Stream<IdempotencyRecord> all() {
        return records.values().stream().map(StoredKey::record);
    }

    int size() {
        return reserved.get();
    }

    /**
     * Adds the record of a new key; returns false if the key has a record by now.
     *
     * @throws StoreException.Full if the map is full and no key can be deleted
     */
    boolean add(StoredKey key, Instant now) {
        while (true) {
            Insertion insertion = new Insertion(key);
            StoredKey present = records.computeIfAbsent(key.record().id(), insertion);
            if (insertion.inserted) {
                lowerNextScan(insertion.stored);
                return true;
            }
            if (present != null) {
                return false;
            }
            if (!makeRoom(now)) {
                throw new StoreException.Full("the memory store holds " + max + " records, its maximum, and none"
                        + " of them may be deleted yet: raise maxRecords, shorten the retention of the actions,"
                        + " resolve the records in doubt, or use a store on a database");
            }
        }
    }

    /** Insertion of a new key, if there is room for it. Runs under the map's lock for that key. */
    private final class Insertion implements Function<RecordId, @Nullable StoredKey> {
        private final StoredKey stored;
        private boolean inserted;

        Insertion(StoredKey stored) {
            this.stored = stored;
        }

        @Override
        public @Nullable StoredKey apply(RecordId id) {
            inserted = reserve();
            return inserted ? stored : null;
        }
    }

    private boolean reserve() {
        int taken = reserved.get();
        while (taken < max) {
            if (reserved.compareAndSet(taken, taken + 1)) {
                return true;
            }
            taken = reserved.get();
        }
        return false;
    }

    /** Replaces {@code current} by {@code next}, if the map still holds {@code current}. */
    boolean replace(StoredKey current, StoredKey next) {
        boolean replaced = records.replace(next.record().id(), current, next);
        if (replaced) {
            lowerNextScan(next);
        }
        return replaced;
    }

    /**
     * Replaces {@code current} by {@code next}, if the map still holds {@code current} and {@code commit}, which is run
     * only then, throws nothing. Race: somebody reads the key meanwhile; {@code next} is seen once it is committed.
     */
    boolean replaceAndCommit(StoredKey current, StoredKey next, Runnable commit) {
        StoredKey held = records.computeIfPresent(next.record().id(), (id, present) -> {
            if (present != current) {
                return present;
            }
            commit.run();
            return next;
        });
        boolean replaced = held == next;
        if (replaced) {
            lowerNextScan(next);
        }
        return replaced;
    }

    /**
     * Lowers the time of the next scan to when {@code stored} may be deleted. Race: a scan in progress passed this key
     * before it was written. The scan raised the time before it began to read, so this write lowers it afterwards and
     * is not lost.
     */
    private void lowerNextScan(StoredKey stored) {
        long known = nextScanMillis.get();
        if (known != Long.MIN_VALUE) {
            long from = millisAfter(stored.purgeableFrom());
            if (from < known) {
                lower(from);
            }
        }
    }

    private void lower(long millis) {
        long unused = nextScanMillis.accumulateAndGet(millis, Math::min);
    }

    /** Deletes the keys that may be deleted; returns whether there is room now. */
    private boolean makeRoom(Instant now) {
        scanning.lock();
        try {
            if (reserved.get() < max) {
                return true;
            }
            if (now.toEpochMilli() < nextScanMillis.get()) {
                return false;
            }
            int unused = scan(now, Integer.MAX_VALUE);
            return reserved.get() < max;
        } finally {
            scanning.unlock();
        }
    }

    /** Deletes at most {@code limit} keys whose retention has ended. */
    int purge(Instant now, int limit) {
        scanning.lock();
        try {
            return scan(now, limit);
        } finally {
            scanning.unlock();
        }
    }

    @GuardedBy("scanning")
    private int scan(Instant now, int limit) {
        nextScanMillis.set(Long.MAX_VALUE);
        int deleted = 0;
        for (StoredKey stored : records.values()) {
            if (deleted == limit) {
                lower(Long.MIN_VALUE);
                break;
            }
            if (stored.isPurgeable(now)) {
                // Race: a claim has replaced the record meanwhile; then the map holds another value and keeps it.
                if (records.remove(stored.record().id(), stored)) {
                    reserved.getAndDecrement();
                    deleted++;
                }
            } else if (now.isBefore(stored.purgeableFrom())) {
                lower(millisAfter(stored.purgeableFrom()));
            }
            // The others are past their retention but live or in doubt: the transition that completes one lowers the
            // time.
        }
        return deleted;
    }

    /** The first whole millisecond that is not before {@code instant}. */
    private static long millisAfter(Instant instant) {
        return instant.plusNanos(999_999).toEpochMilli();
    }
}
