package io.toolgate.race.racer;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/**
 * Estimate of the database's time, computed from this machine's monotonic clock and the most precise recent sample.
 * Thread-safe.
 */
final class DatabaseClock {
    /** An older sample is replaced by any new one, so that a step of the database's clock is followed. */
    private static final long LASTS_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A sample: at {@code nanos} plus or minus {@code errorNanos}, the database's time was {@code micros}. */
    private record Sample(long nanos, long errorNanos, long micros) {}

    // One immutable value, so that readers never mix two samples.
    private volatile Sample best = new Sample(0, Long.MAX_VALUE, 0);

    /** Adds a sample: the time was {@code instant} at some moment from {@code sentNanos} to {@code answeredNanos}. */
    void learn(Instant instant, long sentNanos, long answeredNanos) {
        long error = (answeredNanos - sentNanos) / 2;
        Sample known = best;
        if (error <= known.errorNanos() || answeredNanos - known.nanos() > LASTS_NANOS) {
            // Race: of two concurrent samples either may win; both are precise enough.
            best = new Sample(sentNanos + error, error, micros(instant));
        }
    }

    /** The time at {@code nanos}, in microseconds since 1970; 0 before the first sample. */
    long at(long nanos) {
        Sample sample = best;
        return sample.micros() == 0 ? 0 : sample.micros() + (nanos - sample.nanos()) / 1000;
    }

    static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
