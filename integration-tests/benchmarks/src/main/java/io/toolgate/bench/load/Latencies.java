package io.toolgate.bench.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Latencies in nanoseconds, to three digits. For one thread. */
public final class Latencies {
    private static final int DIGITS = 3;

    private final Histogram histogram;

    /** Without latencies. */
    public Latencies() {
        this(new Histogram(DIGITS));
    }

    private Latencies(Histogram histogram) {
        this.histogram = histogram;
    }

    /** Adds one; below zero counts as zero. */
    public void add(long nanos) {
        histogram.recordValue(Math.max(0, nanos));
    }

    /** Adds all of {@code others}. */
    public void addAll(Latencies others) {
        histogram.add(others.histogram);
    }

    /** The number of latencies. */
    public long count() {
        return histogram.getTotalCount();
    }

    /** A percentile in milliseconds; zero without latencies. */
    public double percentile(double percent) {
        return count() == 0 ? 0 : histogram.getValueAtPercentile(percent) / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    /** The mean in milliseconds; zero without latencies. */
    public double mean() {
        return count() == 0 ? 0 : histogram.getMean() / TimeUnit.MILLISECONDS.toNanos(1);
    }

    /** The latencies as text, for another process. */
    public String encoded() {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }

    /** The latencies in {@code text}. */
    public static Latencies decoded(String text) {
        return new Latencies(Histogram.decodeFromByteBuffer(
                ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0));
    }
}
