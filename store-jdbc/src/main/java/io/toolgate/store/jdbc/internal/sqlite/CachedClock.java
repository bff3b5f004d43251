package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.jdbc.internal.sql.StoreClock;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A clock that is asked at most once a millisecond, because asking costs as much as a statement does.
 *
 * <p>In between it says what it said before. That is what whoever asked then would go by now, had its thread been held up since: a
 * time that is late never makes a lease end too late, nor a live one look over. So that new leases are not too short either, it
 * says that it may be later by that millisecond. Its ticker stands still while the machine is suspended, and so does the thread
 * that asks.
 */
public final class CachedClock implements StoreClock {
    private static final long MILLIS = 1;

    private final StoreClock clock;
    private final LongSupplier nanos;

    /** Replaced as a whole; two threads that replace it at once both have a time that is right. */
    private volatile @Nullable Reading last;

    private record Reading(long atNanos, long millis) {}

    /** What {@code clock} says, by the time of {@code nanos}. */
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
