package io.toolgate.store.jdbc;

import java.util.concurrent.TimeUnit;

/**
 * Keeps looks at the file to a twentieth of the time, however fast others commit: each takes up twenty times its own. Up to
 * twenty milliseconds of that may be owed, so that it is many looks that make somebody wait, and not the one that the
 * scheduler held up. Times are {@code System.nanoTime}'s. For one thread.
 */
final class LookBudget {
    private static final int TIMES = 20;
    private static final long OWED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    // A look takes up no more than this: a disk that stalled once shall delay nobody by twenty times that.
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private long takenUntil;

    LookBudget(long now) {
        takenUntil = now;
    }

    /** For how long not to look; at most 0 if a look may begin now. */
    long restNanos(long now) {
        return takenUntil - OWED_NANOS - now;
    }

    void looked(long from, long until) {
        long begun = takenUntil - from > 0 ? takenUntil : from;
        takenUntil = begun + Math.min(MOST_NANOS, TIMES * (until - from));
    }
}
