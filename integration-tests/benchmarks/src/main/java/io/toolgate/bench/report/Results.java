package io.toolgate.bench.report;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Computes results from series. */
public final class Results {
    /** The contender that rates are compared with. */
    static final String BASELINE = "jdbc";

    /** The ratio to {@link #BASELINE}'s rate, by repetition. */
    static final String OF_BASELINE = "of_" + BASELINE;

    /**
     * Traits that are compared with their zero, and the name of the ratio: how many times the same contender's rate
     * with an empty table, without waiters or without a purge, by repetition.
     */
    private static final Map<String, String> OF_ZERO =
            Map.of("rows", "of_empty", "waiters", "of_unwatched", "purges", "of_unpurged");

    private Results() {}

    /** One result for each series that has a sample, in order. */
    public static List<Result> of(String database, Collection<Series> all) {
        return all.stream()
                .filter(series -> !series.samples().isEmpty())
                .map(series -> result(database, series, all))
                .toList();
    }

    private static Result result(String database, Series series, Collection<Series> all) {
        Collection<Sample> samples = new TreeMap<>(series.samples()).values();
        Map<String, Object> further = new LinkedHashMap<>(series.traits());
        baseline(series, all)
                .flatMap(other -> Medians.ratio(series, other))
                .ifPresent(ratio -> further.put(OF_BASELINE, rounded(ratio)));
        OF_ZERO.forEach((trait, name) -> zero(series, trait, all)
                .flatMap(other -> Medians.ratio(series, other))
                .ifPresent(ratio -> further.put(name, rounded(ratio))));
        for (String name :
                samples.iterator().next().extras().keySet().stream().sorted().toList()) {
            further.put(
                    name,
                    rounded(Medians.of(samples.stream()
                            .map(sample -> sample.extras().getOrDefault(name, 0.0))
                            .toList())));
        }
        List<Double> rates =
                samples.stream().map(sample -> rounded(sample.opsPerSecond())).toList();
        return new Result(
                series.benchmark(),
                series.contender(),
                database,
                series.concurrency(),
                rounded(Medians.of(rates)),
                rounded(Medians.of(samples.stream().map(Sample::p50Ms).toList())),
                rounded(Medians.of(samples.stream().map(Sample::p99Ms).toList())),
                samples.size(),
                rates,
                further);
    }

    private static Optional<Series> baseline(Series series, Collection<Series> all) {
        return all.stream()
                .filter(other -> other.contender().equals(BASELINE) && other.isUnderTheLoadOf(series))
                .findFirst();
    }

    private static Optional<Series> zero(Series series, String trait, Collection<Series> all) {
        Object value = series.traits().get(trait);
        if (value == null || value.equals(0L)) {
            return Optional.empty();
        }
        Map<String, Object> traits = new LinkedHashMap<>(series.traits());
        traits.put(trait, 0L);
        return all.stream()
                .filter(other -> other.contender().equals(series.contender())
                        && other.benchmark().equals(series.benchmark())
                        && other.concurrency() == series.concurrency()
                        && other.traits().equals(traits))
                .findFirst();
    }

    /** To three decimal places. */
    private static double rounded(double value) {
        return Math.round(value * 1e3) / 1e3;
    }
}
