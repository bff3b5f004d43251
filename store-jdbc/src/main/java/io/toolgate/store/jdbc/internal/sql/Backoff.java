package io.toolgate.store.jdbc.internal.sql;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Exponential backoff with jitter: pauses whose length doubles from the first to the longest, each drawn at random
 * between half and one and a half of its length, so that callers that collided do not meet again. Used by one thread.
 */
public final class Backoff {
    private final long firstNanos;
    private final long longestNanos;
    private long lengthNanos;

    /** A backoff whose first pause is about {@code first}, and whose longest is about {@code longest}. */
    public Backoff(Duration first, Duration longest) {
        this.firstNanos = first.toNanos();
        this.longestNanos = longest.toNanos();
        this.lengthNanos = firstNanos;
    }

    /** The length of the next pause; the one after it is twice as long. */
    public long nextNanos() {
        long length = lengthNanos;
        lengthNanos = Math.min(longestNanos, 2 * length);
        return length / 2 + ThreadLocalRandom.current().nextLong(length);
    }

    /** Begins again with the first pause: something has succeeded. */
    public void reset() {
        lengthNanos = firstNanos;
    }
}
