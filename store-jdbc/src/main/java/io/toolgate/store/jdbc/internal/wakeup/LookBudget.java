package io.toolgate.store.jdbc.internal.wakeup;

import java.util.concurrent.TimeUnit;

/**
 * Keeps looks at the file to a twentieth of the time, however fast others commit: each has to be followed by a rest of nineteen
 * times its own length, and of fifty milliseconds at most, so that a disk that stalls delays nobody for long. As much may be
 * owed: many looks make somebody wait, and never a single one that was held up. Times are {@code System.nanoTime}'s. For one
 * thread.
 */
public final class LookBudget {
    private static final int REST_PER_LOOK = 19;
    private static final long LONGEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private long restedAt;

    LookBudget(long now) {
        restedAt = now;
    }

    /** For how long not to look; at most 0 if a look may begin now. */
    long restNanos(long now) {
        return restedAt - LONGEST_REST_NANOS - now;
    }

    void looked(long from, long until) {
        long length = until - from;
        long begun = restedAt - from > 0 ? restedAt : from;
        restedAt = begun + length + Math.min(LONGEST_REST_NANOS, REST_PER_LOOK * length);
    }
}
