package io.toolgate.internal.resolve;

import io.toolgate.internal.base.StopSignal;
import java.time.Duration;

/** Lets the time between two rounds of a reconciler pass. */
@FunctionalInterface
public interface Pacing {
    /** Returns after {@code delay}, or as soon as {@code stop} is given. */
    void pause(Duration delay, StopSignal stop) throws InterruptedException;

    /** That of the clock on the wall. */
    static Pacing real() {
        return (delay, stop) -> stop.await(delay);
    }
}
