package io.toolgate.bench.run;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Latencies in nanoseconds, to three digits. For one thread. */
final class Latencies {
    private static final int DIGITS = 3;

    private final Histogram histogram;

    Latencies() {
        this(new Histogram(DIGITS));
    }

    private Latencies(Histogram histogram) {
        this.histogram = histogram;
    }

    /** Adds one; below zero counts as zero. */
    void add(long nanos) {
        histogram.recordValue(Math.max(0, nanos));
    }

    void addAll(Latencies others) {
        histogram.add(others.histogram);
    }

    long count() {
        return histogram.getTotalCount();
    }

    /** In milliseconds; zero if there are none. */
    double percentile(double percent) {
        return count() == 0 ? 0 : histogram.getValueAtPercentile(percent) / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    /** In milliseconds; zero if there are none. */
    double mean() {
        return count() == 0 ? 0 : histogram.getMean() / TimeUnit.MILLISECONDS.toNanos(1);
    }

    /** As text, for another process. */
    String encoded() {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }

    static Latencies decoded(String text) {
        return new Latencies(Histogram.decodeFromByteBuffer(
                ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0));
    }
}
