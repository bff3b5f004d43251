package io.toolgate.bench.run;

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
     * @param processes that load the database together, each with all callers; 1 is this one
     * @param waiters for how many keys of the loaded process another one waits meanwhile; each number is measured, and only 0
     *     goes with several processes
     */
    public static Benchmark throughput(Ground ground, Load load, int processes, List<Integer> waiters) {
        return new Throughput(ground, load, processes, waiters);
    }

    /**
     * How soon a waiter is answered.
     *
     * @param warmup how long shorter rounds are played before
     * @param rounds how many times in each repetition
     * @param action how long an owner runs at least, at most twice as long
     */
    public static Benchmark wakeup(Ground ground, Duration warmup, int rounds, Duration action, Set<Where> where) {
        return new Wakeup(ground, warmup, rounds, action, where);
    }

    /**
     * Many duplicates of one key.
     *
     * @param action how long the winner's effect goes on once all have called
     */
    public static Benchmark herd(Ground ground, Duration action) {
        return new Herd(ground, action);
    }

    /** So many finished keys, called again. */
    public static Benchmark replay(Ground ground, Load load, int keys) {
        return new Replay(ground, load, keys);
    }

    /** Throughput beside a purge of so many rows, and without; all contenders must be purgeable. */
    public static Benchmark purge(Ground ground, Load load, long rows) {
        return new Purging(ground, load, rows);
    }

    /**
     * Throughput with an empty table and with a full one; all contenders must be growable.
     *
     * @param progress is told how far the filling is
     */
    public static Benchmark growth(Ground ground, Load load, long rows, Consumer<String> progress) {
        return new Growth(ground, load, rows, progress);
    }
}
