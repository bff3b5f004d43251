package io.toolgate.internal.base;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Exponential backoff: {@code first} after the first try, twice as long after each try that follows, and never longer
 * than {@code longest}.
 */
public record Backoff(Duration first, Duration longest) {
    /** No delay after any try. */
    public static final Backoff NONE = new Backoff(Duration.ZERO, Duration.ZERO);

    /** The delay after so many tries; none before the first. */
    public Duration after(long tries) {
        if (tries == 0) {
            return Duration.ZERO;
        }
        Duration delay = first;
        for (long i = 1; i < tries && delay.compareTo(longest) < 0 && !delay.isZero(); i++) {
            delay = delay.multipliedBy(2);
        }
        return delay.compareTo(longest) < 0 ? delay : longest;
    }

    /** {@code nanos}, give or take a quarter: processes that started together then do not act together for ever. */
    public static long jittered(long nanos) {
        return nanos - nanos / 4 + ThreadLocalRandom.current().nextLong(nanos / 2 + 1);
    }
}
