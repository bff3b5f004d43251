package io.toolgate.bench.run;

import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.report.Sample;
import java.util.List;
import java.util.Map;

/** One kind of measurement. For one thread. */
public interface Benchmark extends AutoCloseable {
    /** What is measured next to each other: usually the contenders, each once. */
    List<Entrant> entrants(List<ContenderFactory> contenders) throws Exception;

    /** Measures once, with so many callers. */
    Sample measure(Entrant entrant, int concurrency, long seed) throws Exception;

    /** Whether a first round must be thrown away; not where virtual machines are new in every measurement. */
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
     * @param traits what else tells its results from others, by name in snake case
     */
    record Entrant(String benchmark, ContenderFactory contender, Map<String, Object> traits) {
        /** Without traits. */
        public Entrant(String benchmark, ContenderFactory contender) {
            this(benchmark, contender, Map.of());
        }

        @Override
        public String toString() {
            return benchmark + " " + contender.name() + (traits.isEmpty() ? "" : " " + traits);
        }
    }
}
