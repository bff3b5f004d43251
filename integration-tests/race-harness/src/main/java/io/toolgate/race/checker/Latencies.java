package io.toolgate.race.checker;

import java.util.Arrays;
import java.util.stream.LongStream;

/** A sorted sample of latencies. Percentiles are taken by nearest rank; all are 0 if the sample is empty. */
public final class Latencies {
    private final long[] sortedNanos;

    private Latencies(long[] sortedNanos) {
        this.sortedNanos = sortedNanos;
    }

    /** The sample of these. */
    public static Latencies ofNanos(LongStream nanos) {
        return new Latencies(nanos.sorted().toArray());
    }

    /** How many there are. */
    public int count() {
        return sortedNanos.length;
    }

    /** The latency in milliseconds that {@code share}, from 0 to 1, of the sample does not exceed. */
    public double millis(double share) {
        if (sortedNanos.length == 0) {
            return 0;
        }
        int index = (int) Math.ceil(share * sortedNanos.length) - 1;
        return Math.round(sortedNanos[Math.max(0, index)] / 1e3) / 1e3;
    }

    /** How many of the sample are longer than {@code fromMillis} and not longer than {@code toMillis}. */
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
