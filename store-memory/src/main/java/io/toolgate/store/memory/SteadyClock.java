package io.toolgate.store.memory;

import java.time.Instant;
import java.time.InstantSource;

/** Monotonic clock: the time of day when it was created, advanced by {@link System#nanoTime()}. Thread-safe. */
final class SteadyClock implements InstantSource {
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
