package io.toolgate.bench.report;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import java.util.List;
import java.util.Map;

/**
 * One line of the results: medians over repetitions. In JSON the further figures stand beside the others.
 *
 * @param database its kind
 * @param repetitions how many samples there are
 * @param opsPerSecondEach in the order in which they were measured
 * @param further the load's traits, ratios, and medians of the benchmark's own figures, by name in snake case
 */
public record Result(
        String benchmark,
        String contender,
        String database,
        int concurrency,
        double opsPerSecond,
        double p50Ms,
        double p99Ms,
        int repetitions,
        List<Double> opsPerSecondEach,
        @JsonAnyGetter Map<String, Object> further) {}
