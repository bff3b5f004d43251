package io.toolgate.internal.base;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A signal to stop, set once and never reset. Background tasks poll it, wait on it or register an action; unlike an
 * interrupt it disturbs no call to a store. Safe for use by many threads.
 */
public final class StopSignal {
    private final CountDownLatch set = new CountDownLatch(1);
    private final Set<Runnable> actions = ConcurrentHashMap.newKeySet();

    /** Whether it is set. */
    public boolean isSet() {
        return set.getCount() == 0;
    }

    /** Sets it, and runs the registered actions on this thread. */
    public void set() {
        set.countDown();
        actions.forEach(Runnable::run);
    }

    /** Waits until it is set, or for {@code delay}; returns whether it is set. */
    @CanIgnoreReturnValue
    public boolean await(Duration delay) throws InterruptedException {
        return set.await(delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs {@code action}, which must not block and may run twice, when the signal is set, or now if it is. */
    public void onSet(Runnable action) {
        actions.add(action);
        // Race: set() ran its actions before this one was registered.
        if (isSet()) {
            action.run();
        }
    }

    /** Undoes {@link #onSet} with the same object. */
    public void remove(Runnable action) {
        actions.remove(action);
    }
}
