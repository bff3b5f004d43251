package io.toolgate.race.checker;

import java.util.Arrays;
import java.util.stream.LongStream;

/** Sorted sample of latencies. Percentiles are taken by nearest rank; all are 0 if the sample is empty. Immutable. */
public final class Latencies {
    private final long[] sortedNanos;

    private Latencies(long[] sortedNanos) {
        this.sortedNanos = sortedNanos;
    }

    /** Returns the sample of these latencies, in nanoseconds. */
    public static Latencies ofNanos(LongStream nanos) {
        return new Latencies(nanos.sorted().toArray());
    }

    /** The size of the sample. */
    public int count() {
        return sortedNanos.length;
    }

    /** The quantile {@code share}, from 0 to 1, in milliseconds. */
    public double millis(double share) {
        if (sortedNanos.length == 0) {
            return 0;
        }
        int index = (int) Math.ceil(share * sortedNanos.length) - 1;
        return Math.round(sortedNanos[Math.max(0, index)] / 1e3) / 1e3;
    }

    /** The number of latencies longer than {@code fromMillis} and at most {@code toMillis}. */
    public int between(double fromMillis, double toMillis) {
        return atMost(toMillis) - atMost(fromMillis);
    }

    private int atMost(double millis) {
        long nanos = (long) (millis * 1e6);
        int found = Arrays.binarySearch(sortedNanos, nanos + 1);
        int above = found >= 0 ? found : -found - 1;
        while (above > 0 && sortedNanos[above - 1] > nanos) {
            above--;
        }
        return above;
    }
}
