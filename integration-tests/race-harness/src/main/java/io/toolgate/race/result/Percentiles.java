package io.toolgate.race.result;

import io.toolgate.race.checker.Latencies;

/** Percentiles in milliseconds, for programs. */
public record Percentiles(double p50, double p99, double max) {
    /** The percentiles of {@code latencies}. */
    public static Percentiles of(Latencies latencies) {
        return new Percentiles(latencies.millis(0.5), latencies.millis(0.99), latencies.millis(1));
    }
}
