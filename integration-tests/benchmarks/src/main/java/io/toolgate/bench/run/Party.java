package io.toolgate.bench.run;

import java.util.List;

/** One side of a wake-up: owns runs, or waits for them. For one thread. */
interface Party extends AutoCloseable {
    /** Begins to run each of {@code keys}; returns when all of their effects run. */
    void own(List<String> keys) throws Exception;

    /** Lets those effects end. Returns when each owner's call returned, in nanoseconds of the machine's monotonic clock. */
    List<Long> finish() throws Exception;

    /** Begins to call each of {@code keys}, which others run. */
    void await(List<String> keys) throws Exception;

    /** Returns when each waiter's call returned, on the same clock. */
    List<Long> answered() throws Exception;
}
