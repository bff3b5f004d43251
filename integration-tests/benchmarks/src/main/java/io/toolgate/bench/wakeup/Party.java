package io.toolgate.bench.wakeup;

import java.util.List;

/** One side of a wake-up: the owner of runs, or the waiter for them. For one thread. */
public interface Party extends AutoCloseable {
    /** Begins to run each of {@code keys}; returns when all of their effects run. */
    void own(List<String> keys) throws Exception;

    /**
     * Ends those effects; gives the time at which each owner's call returned, in nanoseconds of the machine's
     * monotonic clock.
     */
    List<Long> finish() throws Exception;

    /** Begins to call each of {@code keys}, which the other party runs. */
    void await(List<String> keys) throws Exception;

    /** Gives the time at which each waiter's call returned, on the same clock. */
    List<Long> answered() throws Exception;
}
