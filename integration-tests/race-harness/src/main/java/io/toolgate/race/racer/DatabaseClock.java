package io.toolgate.race.racer;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/**
 * The database's time, reckoned from this machine's monotonic clock by the best of what the database told lately. Safe for use
 * by many threads.
 */
final class DatabaseClock {
    /** An older sample gives way to any new one, so that a database's clock that is set is followed. */
    private static final long LASTS_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What the database told: at {@code nanos}, give or take {@code errorNanos}, it was {@code micros}. */
    private record Sample(long nanos, long errorNanos, long micros) {}

    // One immutable value: readers must not see halves of two samples.
    private volatile Sample best = new Sample(0, Long.MAX_VALUE, 0);

    /** Learns that it was {@code instant} at some time from {@code sentNanos} to {@code answeredNanos}. */
    void learn(Instant instant, long sentNanos, long answeredNanos) {
        long error = (answeredNanos - sentNanos) / 2;
        Sample known = best;
        if (error <= known.errorNanos() || answeredNanos - known.nanos() > LASTS_NANOS) {
            // Two threads at once: either's sample will do.
            best = new Sample(sentNanos + error, error, micros(instant));
        }
    }

    /** The time at {@code nanos}, in microseconds since 1970; 0 before the database told any. */
    long at(long nanos) {
        Sample sample = best;
        return sample.micros() == 0 ? 0 : sample.micros() + (nanos - sample.nanos()) / 1000;
    }

    static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
