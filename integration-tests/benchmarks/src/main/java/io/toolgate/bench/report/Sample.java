package io.toolgate.bench.report;

import java.util.Map;

/**
 * One measurement of one contender.
 *
 * @param opsPerSecond operations, or what the benchmark says stands for them
 * @param p50Ms median latency in milliseconds
 * @param p99Ms 99th percentile of the latency in milliseconds
 * @param extras further figures by name, in snake case
 */
public record Sample(double opsPerSecond, double p50Ms, double p99Ms, Map<String, Double> extras) {
    /** Copies the extras. */
    public Sample {
        extras = Map.copyOf(extras);
    }
}
