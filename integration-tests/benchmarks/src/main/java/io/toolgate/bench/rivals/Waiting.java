package io.toolgate.bench.rivals;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The waiting of glue where a rival cannot wait: it reads every {@link #POLL}, as the hand-written statements do. */
final class Waiting {
    static final Duration POLL = Duration.ofMillis(50);
    static final Duration LIMIT = Duration.ofMinutes(1);

    private Waiting() {}

    /**
     * The answer of {@code read} once that is not null; blocks the calling thread until then.
     *
     * @throws TimeoutException if it was null for {@link #LIMIT}
     */
    static String until(String key, Callable<@Nullable String> read) throws Exception {
        @Nullable String result = within(LIMIT, read);
        if (result == null) {
            throw timeout(key);
        }
        return result;
    }

    /** The answer of {@code read} once that is not null, or null if it was null for all of {@code patience}. */
    static @Nullable String within(Duration patience, Callable<@Nullable String> read) throws Exception {
        long began = System.nanoTime();
        @Nullable String result = read.call();
        while (result == null && System.nanoTime() - began < patience.toNanos()) {
            Thread.sleep(POLL.toMillis());
            result = read.call();
        }
        return result;
    }

    static TimeoutException timeout(String key) {
        return new TimeoutException(key + " has no result after " + LIMIT.toSeconds() + " s");
    }
}
