package io.toolgate.internal.replay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.toolgate.Failure;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ReplayStore} in a bounded Caffeine cache. The only class that needs Caffeine: a gate without a cache runs
 * without it.
 *
 * <p>An entry is valid while its record's retention lasts, and no longer than the maximum age, both counted from its
 * stamp. Caffeine's own expiry only frees memory.
 */
public final class CaffeineReplays implements ReplayStore {
    /** The counters of drops, shared by all records; two records that share one cost a missed entry now and then. */
    private static final int EPOCHS = 1024;

    /** About the size of an entry without its texts and its payload. */
    private static final int OVERHEAD_BYTES = 400;

    private final Cache<RecordId, Entry> entries;
    private final AtomicLongArray epochs = new AtomicLongArray(EPOCHS);
    private final Duration maximumAge;
    private final LongSupplier nanoTime;

    private record Entry(Finished finished, long fromNanos, long forNanos) {
        boolean isExpired(long nowNanos) {
            return nowNanos - fromNanos >= forNanos;
        }
    }

    public CaffeineReplays(ReplaySettings settings) {
        this.maximumAge = settings.maximumAge();
        this.nanoTime = settings.nanoTime();
        this.entries = Caffeine.newBuilder()
                .maximumWeight(settings.maximumBytes())
                .<RecordId, Entry>weigher((id, entry) -> weight(id, entry.finished()))
                .expireAfterWrite(maximumAge)
                .ticker(nanoTime::getAsLong)
                // Eviction is short work: done on the calling thread rather than in the common pool.
                .executor(Runnable::run)
                .build();
    }

    private static int weight(RecordId id, Finished finished) {
        long texts =
                (long) id.tenant().length() + id.action().length() + id.key().length();
        Failure failure = finished.failure();
        Payload payload = finished.payload();
        if (failure != null) {
            texts += failure.code().length() + failure.message().length();
        }
        long bytes = OVERHEAD_BYTES + 2 * texts + (payload == null ? 0 : payload.size());
        return (int) Math.min(Integer.MAX_VALUE, bytes);
    }

    @Override
    public @Nullable KeyEvent find(CallKey key) {
        Entry entry = entries.getIfPresent(key.id());
        return entry == null || entry.isExpired(nanoTime.getAsLong())
                ? null
                : entry.finished().eventFor(key.fingerprint());
    }

    @Override
    public Stamp stamp(RecordId id) {
        return new Stamp(epochs.get(epochOf(id)), nanoTime.getAsLong());
    }

    @Override
    public void keep(RecordId id, Finished finished, Duration left, Stamp stamp) {
        long forNanos = (left.compareTo(maximumAge) < 0 ? left : maximumAge).toNanos();
        Entry entry = new Entry(finished, stamp.sentNanos(), forNanos);
        if (entry.isExpired(nanoTime.getAsLong())) {
            return;
        }
        // Race: a drop at the same time. It counts before it removes: it removes what is put here, or its count is seen
        // here.
        var unused = entries.asMap().compute(id, (same, there) -> {
            boolean outdated = epochs.get(epochOf(id)) != stamp.epoch() || isNewer(there, entry);
            return outdated ? there : entry;
        });
    }

    /** Race: two reads return in the reverse order, with a change by another process between them. */
    private boolean isNewer(@Nullable Entry there, Entry entry) {
        return there != null
                && there.finished().version() > entry.finished().version()
                && !there.isExpired(nanoTime.getAsLong());
    }

    @Override
    public void drop(RecordId id) {
        long unused = epochs.incrementAndGet(epochOf(id));
        entries.invalidate(id);
    }

    private static int epochOf(RecordId id) {
        int hash = id.hashCode();
        return (hash ^ (hash >>> 16)) & (EPOCHS - 1);
    }
}
