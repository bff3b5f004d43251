package io.toolgate.store.jdbc.internal.wakeup;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ids of records that have waiters, each until ten seconds after its latest announcement. Bounded: a further id takes
 * the place of the one announced longest ago, whose waiters then only poll. Safe for use by many threads.
 */
public final class ExpiringIds<V> {
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int MOST = 50_000;

    private final int most;
    private final LongSupplier nanoTime;

    /** In the order of their latest announcement, which is the order in which they expire. */
    @GuardedBy("this")
    private final LinkedHashMap<UUID, Entry<V>> entries = new LinkedHashMap<>();

    /** The same entries, to be read without the monitor: every completion reads, and few records have waiters. */
    private final ConcurrentHashMap<UUID, Entry<V>> index = new ConcurrentHashMap<>();

    /** Written under the monitor; volatile, so that a store without waiters pays one read per completion. */
    private volatile boolean empty = true;

    /** When the oldest entry expires; written under the monitor. */
    private volatile long oldestUntil;

    private record Entry<V>(V value, long until) {}

    /** Empty; {@code nanoTime} is a clock like {@link System#nanoTime()}. */
    ExpiringIds(LongSupplier nanoTime) {
        this(MOST, nanoTime);
    }

    ExpiringIds(int most, LongSupplier nanoTime) {
        this.most = most;
        this.nanoTime = nanoTime;
    }

    /** Whether it is empty as far as one read can tell: an expired entry counts until the next trim. */
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

    /** Returns the value announced with {@code id}; null if the id has no waiters any more. */
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

    /** Returns all ids that have waiters now, with their values. */
    synchronized Map<UUID, V> all() {
        trim();
        Map<UUID, V> all = new LinkedHashMap<>();
        entries.forEach((id, entry) -> all.put(id, entry.value()));
        return all;
    }

    @GuardedBy("this")
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
