package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.replay.ReplaySettings;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Settings of a gate's cache of finished records, from which it replays results without reading its store. Needs
 * Caffeine, an optional dependency: put {@code com.github.ben-manes.caffeine:caffeine} on the class path.
 *
 * <p>The cache holds results and rejections as they are stored, encoded and, where the codec encrypts, encrypted; each
 * replay decodes again, and inputs are compared as the store compares them. Entries end with the retention of their
 * record, measured from the time that was left by the store's clock. A record that was completed without a result is
 * not held, so that one that an operator supplies is given to the next call.
 *
 * <p>Until then a finished record changes only by a decision. A decision through the same gate removes the entry before
 * {@link ToolGate#retire} or {@link ToolGate#resolve} return. A decision through another gate, the command line or SQL,
 * one whose outcome is unknown, and a deleted row take effect here when the entry is {@code maximumAge} old at the
 * latest; until then this gate replays the former result.
 *
 * <p>Immutable and thread-safe; each gate that is built with it has a cache of its own.
 */
public final class ReplayCache {
    /** A smaller cache could not hold a single entry. */
    private static final long LEAST_BYTES = 4_096;

    private final ReplaySettings settings;

    private ReplayCache(ReplaySettings settings) {
        this.settings = settings;
    }

    /**
     * Returns the settings of a cache of limited size and age.
     *
     * @param maximumBytes the approximate memory of all entries in bytes, with keys and overhead, at least 4,096; the
     *     least used entries are evicted first
     * @param maximumAge the greatest age of an entry, counted from before its record was read, and so the longest time
     *     for which a decision made elsewhere goes unnoticed; at least 1 ms
     * @throws CaffeineMissing if Caffeine is not on the class path
     */
    public static ReplayCache bounded(long maximumBytes, Duration maximumAge) {
        return bounded(maximumBytes, maximumAge, System::nanoTime);
    }

    /** The same, with a monotonic clock in nanoseconds. */
    static ReplayCache bounded(long maximumBytes, Duration maximumAge, LongSupplier nanoTime) {
        if (maximumBytes < LEAST_BYTES) {
            throw new IllegalArgumentException(
                    "maximumBytes is " + maximumBytes + "; it must be at least " + LEAST_BYTES);
        }
        ReplaySettings settings =
                new ReplaySettings(maximumBytes, Preconditions.positive(maximumAge, "maximumAge"), nanoTime);
        if (!ReplaySettings.isCaffeinePresent()) {
            throw new CaffeineMissing();
        }
        return new ReplayCache(settings);
    }

    ReplaySettings settings() {
        return settings;
    }

    @Override
    public String toString() {
        return "ReplayCache[maximumBytes=" + settings.maximumBytes() + ", maximumAge=" + settings.maximumAge() + "]";
    }

    /** A replay cache was configured, and Caffeine is not on the class path. */
    public static final class CaffeineMissing extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        CaffeineMissing() {
            super("A replay cache is configured, but Caffeine, an optional dependency, is not on the class path. Add"
                    + " com.github.ben-manes.caffeine:caffeine, version 3 or newer, or build the gate without"
                    + " replayCache(…)");
        }
    }
}
