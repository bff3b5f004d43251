package io.toolgate.bench.run;

import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.report.Sample;
import java.util.List;
import java.util.Map;

/** One kind of measurement. For one thread. */
public interface Benchmark extends AutoCloseable {
    /** The entrants to measure side by side: usually each contender once. */
    List<Entrant> entrants(List<ContenderFactory> contenders) throws Exception;

    /** Measures once, with {@code concurrency} callers. */
    Sample measure(Entrant entrant, int concurrency, long seed) throws Exception;

    /** Whether a first round is needed to warm up; not if each measurement starts new JVMs. */
    default boolean isRehearsed() {
        return true;
    }

    /** How it measures, for the report. */
    Map<String, Object> settings();

    @Override
    default void close() throws Exception {}

    /**
     * A contender in one of a benchmark's variants.
     *
     * @param benchmark the variant's name in results
     * @param traits that distinguish its results, by name in snake case
     */
    record Entrant(String benchmark, ContenderFactory contender, Map<String, Object> traits) {
        /** Each contender once, without traits. */
        static List<Entrant> each(String benchmark, List<ContenderFactory> contenders) {
            return contenders.stream()
                    .map(contender -> new Entrant(benchmark, contender, Map.of()))
                    .toList();
        }

        @Override
        public String toString() {
            return benchmark + " " + contender.name() + (traits.isEmpty() ? "" : " " + traits);
        }
    }
}
