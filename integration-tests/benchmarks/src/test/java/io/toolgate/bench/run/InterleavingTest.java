package io.toolgate.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.report.Sample;
import io.toolgate.bench.report.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class InterleavingTest {
    private record Named(String name) implements ContenderFactory {
        @Override
        public String how() {
            return "";
        }

        @Override
        public void install(BenchDatabase database) {}

        @Override
        public Contender open(BenchDatabase database, int concurrency) {
            throw new UnsupportedOperationException();
        }
    }

    private static final List<ContenderFactory> SIX = Stream.of("a", "b", "c", "d", "e", "f")
            .<ContenderFactory>map(Named::new)
            .toList();

    /** Notes who was measured when; the one called "f" fails with 8 callers. */
    private static final class Noted implements Benchmark {
        private final List<String> order = new ArrayList<>();

        @Override
        public List<Entrant> entrants(List<ContenderFactory> contenders) {
            return Entrant.each("noted", contenders);
        }

        @Override
        public Sample measure(Entrant entrant, int concurrency, long seed) {
            order.add(entrant.contender().name() + concurrency);
            if (order.get(order.size() - 1).equals("f8")) {
                throw new IllegalStateException("f is tired");
            }
            return new Sample(order.size(), 1, 1, Map.of());
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of();
        }

        private List<String> round(int number) {
            return order.subList(number * SIX.size(), (number + 1) * SIX.size());
        }
    }

    private static Interleaving run(Noted noted, long seed, int repetitions) throws Exception {
        Interleaving interleaving = new Interleaving(noted, repetitions, seed, what -> {});
        interleaving.run(SIX, List.of(1, 8));
        return interleaving;
    }

    @Test
    void everyRoundHasEachOnceInAnOrderOfItsOwn() throws Exception {
        Noted noted = new Noted();
        Interleaving unused = run(noted, 5, 3);
        int rehearsal = 1;
        assertThat(noted.order).hasSize((rehearsal + 2 * 3) * SIX.size());
        for (int round = 0; round < 4; round++) {
            assertThat(noted.round(round)).containsExactlyInAnyOrder("a1", "b1", "c1", "d1", "e1", "f1");
        }
        assertThat(noted.round(1)).isNotEqualTo(noted.round(2));

        Noted again = new Noted();
        Interleaving unusedAgain = run(again, 5, 3);
        assertThat(again.order).as("the same seed").isEqualTo(noted.order);
    }

    @Test
    void theRehearsalIsThrownAway() throws Exception {
        for (Series series : run(new Noted(), 5, 2).series()) {
            if (series.concurrency() == 1) {
                assertThat(series.samples()).containsOnlyKeys(0, 1);
                assertThat(series.samples().get(0).opsPerSecond()).isGreaterThan(SIX.size());
            }
        }
    }

    @Test
    void aFailureIsReportedAndTheOthersContinue() throws Exception {
        Interleaving interleaving = run(new Noted(), 5, 2);
        assertThat(interleaving.failures())
                .hasSize(2)
                .allSatisfy(failure -> assertThat(failure).contains("f, concurrency 8, repetition", "f is tired"));
        assertThat(interleaving.series())
                .hasSize(12)
                .filteredOn(series -> series.samples().size() == 2)
                .hasSize(11);
    }
}
