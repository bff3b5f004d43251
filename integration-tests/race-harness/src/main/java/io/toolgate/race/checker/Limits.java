package io.toolgate.race.checker;

import java.util.concurrent.TimeUnit;

/** The terms of a run as spans of time. */
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

    /** How far the database's clock, which ends leases, and the machine's, by which owners reckon, may disagree. */
    long clockToleranceNanos() {
        return TimeUnit.MILLISECONDS.toNanos(25) + leaseNanos / 100;
    }

    /** After how long a call that runs nothing must be answered: a second after its wait. */
    long answerNanos() {
        return waitNanos + TimeUnit.SECONDS.toNanos(1);
    }

    /** For how long nobody has to own a key until who waits for it must have taken it over. */
    long takeoverNanos() {
        return 2 * leaseNanos + TimeUnit.SECONDS.toNanos(2);
    }
}
