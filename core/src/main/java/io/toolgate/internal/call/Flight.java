package io.toolgate.internal.call;

import io.toolgate.internal.waiting.WaiterQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A run of one key in this process, or the intention to make one, and those who joined it.
 *
 * <p>Race: a deferred call's flight may wait for a thread while a blocking call, whose thread is free, comes along, or while
 * the deferred call is cancelled or runs out of time. Whoever starts the flight leads it; there is one.
 */
public final class Flight {
    private enum State {
        WAITING,
        STARTED,
        EXPIRED
    }

    private final WaiterQueue point = new WaiterQueue();
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

    /** Takes the lead. Returns whether nobody had, and the flight had not expired. */
    boolean start() {
        return state.compareAndSet(State.WAITING, State.STARTED);
    }

    /** Ends a flight that waited for a thread too long. Returns whether it had not started. */
    boolean expire() {
        return state.compareAndSet(State.WAITING, State.EXPIRED);
    }

    boolean isExpired() {
        return state.get() == State.EXPIRED;
    }

    WaiterQueue point() {
        return point;
    }
}
