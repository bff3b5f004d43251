package io.toolgate.store.contract;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that moves only when a test says so. Safe for use by many threads. */
public final class ManualClock implements InstantSource {
    /** Where a clock starts by default. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicReference<Instant> now;

    /** A clock that shows {@link #START}. */
    public ManualClock() {
        this(START);
    }

    /** A clock that shows {@code start}. */
    public ManualClock(Instant start) {
        this.now = new AtomicReference<>(start);
    }

    @Override
    public Instant instant() {
        return now.get();
    }

    /** Moves by {@code step}, backwards if it is negative. */
    public void advance(Duration step) {
        now.updateAndGet(instant -> instant.plus(step));
    }

    /** Shows {@code instant} from now on. */
    public void set(Instant instant) {
        now.set(instant);
    }
}
