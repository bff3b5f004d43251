package io.toolgate.bench.contender;

import java.util.function.Supplier;

/**
 * One way to make a paid action run once per key, over all threads and processes whose contenders are open on the same
 * {@link BenchDatabase}. Safe for use by many threads.
 */
public interface Contender extends AutoCloseable {
    /**
     * Runs {@code effect} for {@code key}, unless it ran or runs already: then waits, for a minute at most, for that run's end.
     * Returns only once the result is durable.
     *
     * @param key any text of up to 100 letters, digits and hyphens
     * @param effect gives a result of up to 100 letters, digits and hyphens; runs on any thread, and may take its time
     * @return the result that is stored for the key, of this or of an earlier run
     * @throws Exception if there is no result; the benchmark then fails
     */
    String call(String key, Supplier<String> effect) throws Exception;

    /** Lets go of connections and threads, those that were opened for it included; the tables stay. */
    @Override
    void close() throws Exception;
}
