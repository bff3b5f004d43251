package io.toolgate.store.memory;

import java.time.Instant;
import java.time.InstantSource;

/** The time of day when it was made, counted on by {@link System#nanoTime()}: it neither jumps nor goes back. */
final class SteadyClock implements InstantSource {
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
