package io.toolgate.store.jdbc.internal.wakeup;

import java.util.concurrent.TimeUnit;

/**
 * Limits polling to a twentieth of the time, however fast other processes commit: after a poll comes a rest of
 * nineteen times its length, of fifty milliseconds at most, so that a stalled disk delays no waiter for long. One
 * longest rest may be owed: many polls in a row cause a rest, a single slow one does not. Times are {@code
 * System.nanoTime}'s. Used by one thread.
 */
public final class PollBudget {
    private static final int REST_PER_POLL = 19;
    private static final long LONGEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private long restedAt;

    PollBudget(long now) {
        restedAt = now;
    }

    /** How long to rest from {@code now} on; 0 or less if a poll may begin. */
    long restNanos(long now) {
        return restedAt - LONGEST_REST_NANOS - now;
    }

    void polled(long from, long until) {
        long length = until - from;
        long begun = restedAt - from > 0 ? restedAt : from;
        restedAt = begun + length + Math.min(LONGEST_REST_NANOS, REST_PER_POLL * length);
    }
}
