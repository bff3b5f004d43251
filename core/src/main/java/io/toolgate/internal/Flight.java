package io.toolgate.internal;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A run of one key in this process, or the intention to make one, and those who joined it.
 *
 * <p>Race: a deferred call's flight may wait for a thread while a blocking call, whose thread is free, comes along, or while
 * the deferred call is cancelled or runs out of time. Whoever starts the flight leads it; there is one.
 */
final class Flight {
    private final WaitPoint point = new WaitPoint();
    private final AtomicBoolean started = new AtomicBoolean();

    /** Takes the lead. Returns whether nobody had. */
    boolean start() {
        return started.compareAndSet(false, true);
    }

    WaitPoint point() {
        return point;
    }
}
