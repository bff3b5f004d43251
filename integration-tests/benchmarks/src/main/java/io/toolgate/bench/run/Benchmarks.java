package io.toolgate.bench.run;

import io.toolgate.bench.load.Load;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** All benchmarks. */
public final class Benchmarks {
    private Benchmarks() {}

    /**
     * Fresh keys with an empty effect.
     *
     * @param processes that load the database together, each with all callers; 1 is this process
     * @param waiters numbers of keys of the loaded process that another process waits for; each is measured, and
     *     several processes allow only 0
     */
    public static Benchmark throughput(Ground ground, Load load, int processes, List<Integer> waiters) {
        return new Throughput(ground, load, processes, waiters);
    }

    /**
     * The delay until a waiter returns.
     *
     * @param warmup of shorter rounds
     * @param rounds in each repetition
     * @param action the shortest run of an owner; the longest is twice that
     */
    public static Benchmark wakeup(Ground ground, Duration warmup, int rounds, Duration action, Set<Where> where) {
        return new Wakeup(ground, warmup, rounds, action, where);
    }

    /**
     * Many duplicates of one key.
     *
     * @param action how long the winner's effect continues after all have called
     */
    public static Benchmark herd(Ground ground, Duration action) {
        return new Herd(ground, action);
    }

    /** Calls of {@code keys} finished keys. */
    public static Benchmark replay(Ground ground, Load load, int keys) {
        return new Replay(ground, load, keys);
    }

    /** Throughput with and without a concurrent purge of {@code rows} rows; all contenders must be purgeable. */
    public static Benchmark purge(Ground ground, Load load, long rows) {
        return new Purging(ground, load, rows);
    }

    /**
     * Throughput with an empty table and with a full one; all contenders must be growable.
     *
     * @param progress receives the progress of filling
     */
    public static Benchmark growth(Ground ground, Load load, long rows, Consumer<String> progress) {
        return new Growth(ground, load, rows, progress);
    }
}
