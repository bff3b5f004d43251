package io.toolgate.store.jdbc.internal.wakeup;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The records that somebody waits for, each for ten seconds after it was announced last, and at most so many: a further one
 * takes the place of the one announced longest ago, whose waiters then poll. Safe for use by many threads.
 */
public final class ExpiringIds<V> {
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int MOST = 50_000;

    private final int most;
    private final LongSupplier nanoTime;

    // Guarded by this. In the order of their last announcement, which is the order in which they expire.
    private final LinkedHashMap<UUID, Entry<V>> entries = new LinkedHashMap<>();

    // The same entries, for those who only ask: every run that ends does, and hardly any is waited for.
    private final ConcurrentHashMap<UUID, Entry<V>> index = new ConcurrentHashMap<>();

    // Written under the lock. Volatile, so that a store that nobody waits for pays one read for that.
    private volatile boolean empty = true;

    // When the oldest expires; written under the lock.
    private volatile long oldestUntil;

    private record Entry<V>(V value, long until) {}

    /** None yet; {@code nanoTime} as of {@link System#nanoTime()}. */
    ExpiringIds(LongSupplier nanoTime) {
        this(MOST, nanoTime);
    }

    ExpiringIds(int most, LongSupplier nanoTime) {
        this.most = most;
        this.nanoTime = nanoTime;
    }

    /** Whether there is none, as far as one read can tell: one that has expired counts until somebody looks closer. */
    boolean seemsEmpty() {
        return empty;
    }

    synchronized boolean isEmpty() {
        trim();
        return empty;
    }

    synchronized void put(UUID id, V value) {
        Entry<V> entry = new Entry<>(value, nanoTime.getAsLong() + KEPT_NANOS);
        entries.remove(id);
        entries.put(id, entry);
        index.put(id, entry);
        trim();
    }

    /** What was announced with {@code id}, null if it is not waited for any more. */
    @Nullable
    V get(UUID id) {
        if (!empty && nanoTime.getAsLong() - oldestUntil >= 0) {
            synchronized (this) {
                trim();
            }
        }
        Entry<V> entry = index.get(id);
        return entry == null ? null : entry.value();
    }

    synchronized void remove(UUID id) {
        entries.remove(id);
        index.remove(id);
        trim();
    }

    /** All that are waited for now. */
    synchronized Map<UUID, V> all() {
        trim();
        Map<UUID, V> all = new LinkedHashMap<>();
        entries.forEach((id, entry) -> all.put(id, entry.value()));
        return all;
    }

    private void trim() {
        long now = nanoTime.getAsLong();
        Iterator<Map.Entry<UUID, Entry<V>>> oldest = entries.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<UUID, Entry<V>> next = oldest.next();
            boolean expired = now - next.getValue().until() >= 0;
            if (!expired && entries.size() <= most) {
                oldestUntil = next.getValue().until();
                break;
            }
            oldest.remove();
            index.remove(next.getKey());
        }
        empty = entries.isEmpty();
    }
}
