package io.toolgate.store.memory;

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
 * The records, each with what is remembered beside it, and their bound. A place is taken inside the map's own atomicity for the key, so that of many claimers of one
 * new key only the winner takes one, and the bound holds at every moment.
 *
 * <p>Room is made by a scan for what may be deleted. A full store must not pay one for each claim that it refuses, so each
 * scan leaves behind the moment before which another would find nothing; whatever may be deleted earlier than that lowers
 * it.
 */
final class BoundedRecords {
    private final int max;
    private final ConcurrentHashMap<RecordId, Kept> records = new ConcurrentHashMap<>();
    private final AtomicInteger places = new AtomicInteger();
    private final ReentrantLock scanning = new ReentrantLock();

    // In milliseconds since the epoch. Nothing was scanned yet, so a scan may find something at any time.
    private final AtomicLong nothingBefore = new AtomicLong(Long.MIN_VALUE);

    BoundedRecords(int max) {
        this.max = max;
    }

    @Nullable
    Kept get(RecordId id) {
        return records.get(id);
    }

    Stream<IdempotencyRecord> all() {
        return records.values().stream().map(Kept::record);
    }

    int size() {
        return places.get();
    }

    /**
     * Adds a record of a new key, and returns whether it did: false if there is one by now.
     *
     * @throws StoreException.Full if there is no place and none can be made
     */
    boolean add(IdempotencyRecord record, Instant now) {
        while (true) {
            Insertion insertion = new Insertion(Kept.of(record));
            Kept there = records.computeIfAbsent(record.id(), insertion);
            if (insertion.inserted) {
                mayExpire(insertion.kept);
                return true;
            }
            if (there != null) {
                return false;
            }
            if (!makeRoom(now)) {
                throw new StoreException.Full("the memory store holds " + max + " records, its maximum, and must not"
                        + " forget any of them yet: raise maxRecords, shorten the retention of the actions, resolve the"
                        + " records in doubt, or move to a store on a database");
            }
        }
    }

    /** Takes a place, if there is one, for a key that has no record. Runs under the map's lock for that key. */
    private final class Insertion implements Function<RecordId, @Nullable Kept> {
        private final Kept kept;
        private boolean inserted;

        Insertion(Kept kept) {
            this.kept = kept;
        }

        @Override
        public @Nullable Kept apply(RecordId id) {
            inserted = takePlace();
            return inserted ? kept : null;
        }
    }

    private boolean takePlace() {
        int taken = places.get();
        while (taken < max) {
            if (places.compareAndSet(taken, taken + 1)) {
                return true;
            }
            taken = places.get();
        }
        return false;
    }

    /** Puts {@code next} in the place of {@code current}, if that is still there. */
    boolean replace(Kept current, Kept next) {
        boolean replaced = records.replace(next.record().id(), current, next);
        if (replaced) {
            mayExpire(next);
        }
        return replaced;
    }

    /**
     * Race: a scan passed this record before it was put here, or put into an ended state. Since the scan raised the moment
     * before it began, lowering it here is not lost.
     */
    private void mayExpire(Kept kept) {
        long known = nothingBefore.get();
        if (known != Long.MIN_VALUE) {
            long from = millisAfter(kept.purgeableFrom());
            if (from < known) {
                lower(from);
            }
        }
    }

    private void lower(long millis) {
        long unused = nothingBefore.accumulateAndGet(millis, Math::min);
    }

    /** Deletes what may be deleted, and returns whether there is a place now. */
    private boolean makeRoom(Instant now) {
        scanning.lock();
        try {
            if (places.get() < max) {
                return true;
            }
            if (now.toEpochMilli() < nothingBefore.get()) {
                return false;
            }
            int unused = scan(now, Integer.MAX_VALUE);
            return places.get() < max;
        } finally {
            scanning.unlock();
        }
    }

    /** Deletes at most {@code limit} ended records whose retention is over. */
    int purge(Instant now, int limit) {
        scanning.lock();
        try {
            return scan(now, limit);
        } finally {
            scanning.unlock();
        }
    }

    private int scan(Instant now, int limit) {
        nothingBefore.set(Long.MAX_VALUE);
        int deleted = 0;
        for (Kept kept : records.values()) {
            if (deleted == limit) {
                lower(Long.MIN_VALUE);
                break;
            }
            if (kept.isPurgeable(now)) {
                // Race: a claim has taken the key meanwhile; then this is not what the map holds any more.
                if (records.remove(kept.record().id(), kept)) {
                    places.getAndDecrement();
                    deleted++;
                }
            } else if (now.isBefore(kept.purgeableFrom())) {
                lower(millisAfter(kept.purgeableFrom()));
            }
            // The others are past their retention and not ended; the transition that ends one lowers the moment.
        }
        return deleted;
    }

    /** The first whole millisecond at which {@code instant} is over. */
    private static long millisAfter(Instant instant) {
        return instant.plusNanos(999_999).toEpochMilli();
    }
}
