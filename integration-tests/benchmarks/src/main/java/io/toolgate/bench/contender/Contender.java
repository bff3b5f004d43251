package io.toolgate.bench.contender;

import java.util.function.Supplier;

/**
 * One way to make a paid action run once per key, over all threads and processes whose contenders are open on the same
 * {@link BenchDatabase}. Safe for use by many threads.
 */
public interface Contender extends AutoCloseable {
    /**
     * Runs {@code effect} for {@code key}, unless it ran or is running: then waits for that run's result, for a minute
     * at most. Returns after the result is durable.
     *
     * @param key any text of up to 100 letters, digits and hyphens
     * @param effect whose result has up to 100 letters, digits and hyphens; may run on any thread, and long
     * @return the stored result of the key, from this or an earlier run
     * @throws Exception if there is no result; the benchmark then fails
     */
    String call(String key, Supplier<String> effect) throws Exception;

    /** Releases connections and threads; the tables stay. */
    @Override
    void close() throws Exception;
}
