package io.toolgate.bench.report;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Fixed measurements. */
final class Samples {
    private Samples() {}

    static Series series(String contender, int concurrency, Map<String, Object> traits, double... rates) {
        Map<Integer, Sample> samples = new TreeMap<>();
        for (double rate : rates) {
            samples.put(samples.size(), new Sample(rate, 1000 / rate, 5000 / rate, Map.of("threads", rate / 10)));
        }
        return new Series("throughput", contender, concurrency, traits, samples);
    }

    static Report report() {
        return new Report(
                "throughput",
                Results.of(
                        "postgresql",
                        List.of(
                                series("toolgate", 1, Map.of(), 1000, 1200, 1100),
                                series("jdbc", 1, Map.of(), 500, 400, 1000),
                                series("toolgate", 64, Map.of(), 30_000),
                                series("jdbc", 64, Map.of(), 100))),
                Map.of("repetitions", 3),
                Map.of("version", "PostgreSQL 18", "fsync", "on"),
                Map.of("cores", 2),
                Map.of("toolgate", "as <it> is", "jdbc", "by hand"),
                Map.of("camel", "it does not support this"),
                List.of());
    }
}
