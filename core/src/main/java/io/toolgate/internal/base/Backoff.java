package io.toolgate.internal.base;

import java.time.Duration;

/**
 * How long nobody asks again about a record that stayed in doubt: {@code first} after the first ask, twice as long after each
 * that follows, and never longer than {@code longest}.
 */
public record Backoff(Duration first, Duration longest) {
    /** To ask at every opportunity. */
    public static final Backoff NONE = new Backoff(Duration.ZERO, Duration.ZERO);

    /** The time after the ask of this number; none before the first. */
    public Duration after(int asked) {
        if (asked == 0) {
            return Duration.ZERO;
        }
        Duration delay = first;
        for (int i = 1; i < asked && delay.compareTo(longest) < 0 && !delay.isZero(); i++) {
            delay = delay.multipliedBy(2);
        }
        return delay.compareTo(longest) < 0 ? delay : longest;
    }
}
