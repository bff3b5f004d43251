package io.toolgate.race.verdict;

import java.util.stream.LongStream;

/**
 * Percentiles of latencies, by nearest rank, in milliseconds; all 0 if there are none.
 *
 * @param p50 half are not slower
 * @param p99 99 of a hundred are not slower
 * @param max none is slower
 */
public record Latencies(double p50, double p99, double max) {
    /** The percentiles of these. */
    public static Latencies ofMicros(LongStream micros) {
        long[] sorted = micros.sorted().toArray();
        return new Latencies(rank(sorted, 0.50), rank(sorted, 0.99), rank(sorted, 1));
    }

    private static double rank(long[] sorted, double share) {
        if (sorted.length == 0) {
            return 0;
        }
        int index = (int) Math.ceil(share * sorted.length) - 1;
        return sorted[Math.max(0, index)] / 1000.0;
    }
}
