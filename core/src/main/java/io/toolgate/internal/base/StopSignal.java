package io.toolgate.internal.base;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An order to stop, given at most once and never taken back. It reaches those who look and those who wait, and nobody in the
 * middle of talking to a store, whom an interrupt would reach, too. Safe for use by many threads.
 */
public final class StopSignal {
    private final CountDownLatch given = new CountDownLatch(1);
    private final Set<Runnable> consequences = ConcurrentHashMap.newKeySet();

    /** Whether it was given. */
    public boolean isGiven() {
        return given.getCount() == 0;
    }

    /** Gives it. */
    public void give() {
        given.countDown();
        consequences.forEach(Runnable::run);
    }

    /** Returns after {@code delay}, or as soon as the order is given; whether it was. */
    @CanIgnoreReturnValue
    public boolean await(Duration delay) throws InterruptedException {
        return given.await(delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs {@code consequence}, which must not block and may be run twice, when the order is given, or now if it was. */
    public void onGiven(Runnable consequence) {
        consequences.add(consequence);
        // Race: the order was given before it was noted what follows from it.
        if (isGiven()) {
            consequence.run();
        }
    }

    /** Undoes {@link #onGiven} with the same object. */
    public void forget(Runnable consequence) {
        consequences.remove(consequence);
    }
}
