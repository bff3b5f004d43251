package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.replay.ReplaySettings;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How much a gate may keep in memory of what finished runs left, so that it replays them without asking its store. Needs
 * Caffeine, which is an optional dependency: put {@code com.github.ben-manes.caffeine:caffeine} on the class path.
 *
 * <p>What is kept are results and rejections as they are stored, encoded and, where the codec encrypts, encrypted: each
 * replay decodes anew. The input is compared as the store compares it. A finished record never changes before its retention
 * is over, which the gate measures from what the store's clock said was left. The exception is a decision: one made through
 * the same gate ends the entry before {@link ToolGate#retire} or {@link ToolGate#resolve} return. One made by another gate,
 * the command line or SQL, one whose outcome stayed unknown, and a row that somebody deleted, are seen when the entry is
 * {@code maximumAge} old, at the latest: until then this gate goes on replaying what is no more.
 *
 * <p>Immutable; each gate that is built with it keeps its own.
 */
public final class ReplayCache {
    /** Less than this holds no entry at all. */
    private static final long LEAST_BYTES = 4_096;

    private final ReplaySettings settings;

    private ReplayCache(ReplaySettings settings) {
        this.settings = settings;
    }

    /**
     * A cache of limited size and age.
     *
     * @param maximumBytes about how much memory its entries may take, at least 4,096: encoded results, keys and what holds
     *     them; the least used entries go first
     * @param maximumAge how old what the gate knows of a record may be, counted from before it was read: the longest time
     *     for which a decision made elsewhere is not seen. At least 1 ms
     * @throws CaffeineMissing if Caffeine is not on the class path
     */
    public static ReplayCache bounded(long maximumBytes, Duration maximumAge) {
        return bounded(maximumBytes, maximumAge, System::nanoTime);
    }

    /** The same, with a clock that tells nanoseconds from wherever it likes. */
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

    /** A cache was asked for, and the library that it is made of is not on the class path. */
    public static final class CaffeineMissing extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        CaffeineMissing() {
            super("A replay cache was asked for, and Caffeine is not on the class path, where it is optional. Add"
                    + " com.github.ben-manes.caffeine:caffeine, version 3 or newer, or build the gate without"
                    + " replayCache(…), which it does not need");
        }
    }
}
