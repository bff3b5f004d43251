package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.jdbc.internal.sql.StoreClock;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A clock that reads another one at most once per millisecond, because a reading costs as much as a statement.
 *
 * <p>In between it returns the previous reading, which a thread that was suspended right after it would use as well: a
 * time that is late never makes a lease end too late, nor a live one look expired. So that new leases are not too
 * short either, its granularity is larger by that millisecond. Its ticker stops while the machine is suspended, and so
 * does the thread that reads it.
 */
public final class CachedClock implements StoreClock {
    private static final long MILLIS = 1;

    private final StoreClock clock;
    private final LongSupplier nanos;

    /** Replaced as a whole; of two concurrent readings both are right. */
    private volatile @Nullable Reading last;

    private record Reading(long atNanos, long millis) {}

    /** Caches readings of {@code clock}; {@code nanos} tells their age. */
    public CachedClock(StoreClock clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
    }

    @Override
    public long nowMillis() {
        long now = nanos.getAsLong();
        Reading known = last;
        if (known != null && now - known.atNanos() < TimeUnit.MILLISECONDS.toNanos(MILLIS)) {
            return known.millis();
        }
        Reading fresh = new Reading(now, clock.nowMillis());
        last = fresh;
        return fresh.millis();
    }

    @Override
    public long granularityMillis() {
        return clock.granularityMillis() + MILLIS;
    }
}
