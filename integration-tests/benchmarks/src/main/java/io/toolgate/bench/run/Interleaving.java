package io.toolgate.bench.run;

import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.report.Sample;
import io.toolgate.bench.report.Series;
import io.toolgate.bench.run.Benchmark.Entrant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The order of measurements: for each concurrency and repetition every entrant once, in a new random order, so that
 * other load on the machine affects all alike. If there are repetitions, a round that is not counted comes first, to
 * warm up the JVM.
 */
public final class Interleaving {
    /** The order in words, for the report. */
    public static final String IN_WORDS =
            "for each concurrency and repetition all contenders once, in an order drawn anew, each on fresh tables"
                    + " after VACUUM ANALYZE and CHECKPOINT unless said otherwise; ratios are medians of those within"
                    + " one repetition";

    private static final int REHEARSAL = -1;

    private final Benchmark benchmark;
    private final int repetitions;
    private final Random random;
    private final Consumer<String> progress;
    private final List<Series> series = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /**
     * Prepares the measurements.
     *
     * @param seed of the orders
     * @param progress receives each measurement and its result
     */
    public Interleaving(Benchmark benchmark, int repetitions, long seed, Consumer<String> progress) {
        this.benchmark = benchmark;
        this.repetitions = repetitions;
        this.random = new Random(seed);
        this.progress = progress;
    }

    /** Measures everything; a failure is recorded, and the others continue. */
    public void run(List<ContenderFactory> contenders, List<Integer> concurrencies) throws Exception {
        List<Entrant> entrants = benchmark.entrants(contenders);
        if (repetitions > 1 && benchmark.isRehearsed()) {
            round(entrants, concurrencies.get(0), REHEARSAL, Map.of());
        }
        for (int concurrency : concurrencies) {
            Map<Entrant, Map<Integer, Sample>> samples = new LinkedHashMap<>();
            for (Entrant entrant : entrants) {
                Map<Integer, Sample> own = new TreeMap<>();
                samples.put(entrant, own);
                series.add(new Series(
                        entrant.benchmark(), entrant.contender().name(), concurrency, entrant.traits(), own));
            }
            for (int repetition = 0; repetition < repetitions; repetition++) {
                round(entrants, concurrency, repetition, samples);
            }
        }
    }

    private void round(
            List<Entrant> entrants, int concurrency, int repetition, Map<Entrant, Map<Integer, Sample>> samples)
            throws InterruptedException {
        List<Entrant> order = new ArrayList<>(entrants);
        Collections.shuffle(order, random);
        for (Entrant entrant : order) {
            String what = entrant + ", concurrency " + concurrency + ", "
                    + (repetition == REHEARSAL ? "rehearsal" : "repetition " + (repetition + 1) + " of " + repetitions);
            progress.accept(what);
            try {
                Sample sample = benchmark.measure(entrant, concurrency, random.nextLong());
                progress.accept(what
                        + String.format(
                                Locale.ROOT,
                                ": %,.0f/s, p50 %.3f ms, p99 %.3f ms",
                                sample.opsPerSecond(),
                                sample.p50Ms(),
                                sample.p99Ms()));
                Map<Integer, Sample> own = samples.get(entrant);
                if (own != null) {
                    own.put(repetition, sample);
                }
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                failures.add(what + ": " + e);
                progress.accept(what + ": " + e);
            }
        }
    }

    /** The samples. */
    public Collection<Series> series() {
        return series;
    }

    /** The failures, with their measurements. */
    public List<String> failures() {
        return failures;
    }
}
