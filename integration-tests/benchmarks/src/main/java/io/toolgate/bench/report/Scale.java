package io.toolgate.bench.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The scale of an axis: linear from zero, or logarithmic if values are too far apart for that.
 *
 * @param low at its lower end
 * @param high at its upper end
 * @param logarithmic whether equal ratios have equal lengths
 */
record Scale(double low, double high, boolean logarithmic) {
    private static final double FAR_APART = 20;
    private static final int TICKS = 5;

    /** Above the highest its figure is written. */
    private static final double HEADROOM = 1.15;

    private static final double LOGARITHMIC_HEADROOM = 1.6;

    /** A scale for all of {@code values}. Values that are not positive are at its lower end. */
    static Scale of(Collection<Double> values) {
        List<Double> positive =
                values.stream().filter(value -> value > 0).sorted().toList();
        if (positive.isEmpty()) {
            return new Scale(0, 1, false);
        }
        double least = positive.get(0);
        double most = positive.get(positive.size() - 1);
        if (most / least < FAR_APART) {
            return new Scale(0, step(most) * Math.ceil(most * HEADROOM / step(most)), false);
        }
        // The lowest is to be more than a line on the floor.
        return new Scale(
                Math.pow(10, Math.floor(Math.log10(least / 1.5))),
                Math.pow(10, Math.ceil(Math.log10(most * LOGARITHMIC_HEADROOM))),
                true);
    }

    /** 1, 2 or 5 times a power of ten, so that a handful of steps lead to {@code most}. */
    private static double step(double most) {
        double power = Math.pow(10, Math.floor(Math.log10(most / TICKS)));
        double times = most / TICKS / power;
        return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
    }

    /** The position of {@code value}, from 0 to 1. */
    double position(double value) {
        if (!logarithmic) {
            return value / high;
        }
        return value <= low ? 0 : Math.log(value / low) / Math.log(high / low);
    }

    /** The values of the axis labels. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (logarithmic) {
            for (double tick = low; tick <= high * 1.001; tick *= 10) {
                ticks.add(tick);
            }
        } else {
            for (int i = 0; i * step(high) <= high * 1.001; i++) {
                ticks.add(i * step(high));
            }
        }
        return ticks;
    }
}
