package io.toolgate.bench.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Medians, and ratios of figures measured side by side. */
final class Medians {
    private Medians() {}

    /**
     * The middle one, or the mean of the two in the middle.
     *
     * @throws IllegalArgumentException if there are none
     */
    static double of(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("there is no median of nothing");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /**
     * The median over repetitions of {@code series}' rate divided by {@code baseline}'s in the same repetition, as
     * other load on the machine slows both. Empty if they share no repetition.
     */
    static Optional<Double> ratio(Series series, Series baseline) {
        List<Double> ratios = new ArrayList<>();
        series.samples().forEach((repetition, sample) -> {
            Sample other = baseline.samples().get(repetition);
            if (other != null && other.opsPerSecond() > 0) {
                ratios.add(sample.opsPerSecond() / other.opsPerSecond());
            }
        });
        return ratios.isEmpty() ? Optional.empty() : Optional.of(of(ratios));
    }
}
