package io.toolgate.bench.report;

import java.util.Map;

/**
 * The samples of one contender under one load.
 *
 * @param benchmark its name
 * @param contender its name
 * @param concurrency as the benchmark means it
 * @param traits that distinguish this series, by name in snake case
 * @param samples by repetition, from 0; those that failed are left out
 */
public record Series(
        String benchmark, String contender, int concurrency, Map<String, Object> traits, Map<Integer, Sample> samples) {
    boolean isUnderTheLoadOf(Series other) {
        return benchmark.equals(other.benchmark) && concurrency == other.concurrency && traits.equals(other.traits);
    }
}
