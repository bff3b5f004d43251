package io.toolgate.race.checker;

import java.util.concurrent.TimeUnit;

/** Time limits that the checks derive from a run's terms. */
final class Limits {
    private final long leaseNanos;
    private final long waitNanos;

    Limits(Terms terms) {
        this.leaseNanos = TimeUnit.MILLISECONDS.toNanos(terms.leaseMillis());
        this.waitNanos = TimeUnit.MILLISECONDS.toNanos(terms.waitMillis());
    }

    long leaseNanos() {
        return leaseNanos;
    }

    long waitNanos() {
        return waitNanos;
    }

    /**
     * The tolerated difference between the database's clock, which ends leases, and the machine's, which owners use.
     */
    long clockToleranceNanos() {
        return TimeUnit.MILLISECONDS.toNanos(25) + leaseNanos / 100;
    }

    /** The longest time until a call that runs nothing is answered: its wait and a second. */
    long answerNanos() {
        return waitNanos + TimeUnit.SECONDS.toNanos(1);
    }

    /** The longest time for which a key may be without an owner until a waiting call has taken it over. */
    long takeoverNanos() {
        return 2 * leaseNanos + TimeUnit.SECONDS.toNanos(2);
    }
}
