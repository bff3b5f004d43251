package io.toolgate.bench.report;

import java.util.Locale;

/** Formats numbers for people. */
final class Figures {
    private Figures() {}

    /** A number with three significant digits: 12,345, 123, 12.3, 1.23, 0.123. */
    static String shown(double value) {
        double size = Math.abs(value);
        int places = size >= 100 || value == Math.rint(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + places + "f", value);
    }

    /** The same for what a map may hold. */
    static String shown(Object value) {
        return value instanceof Number number ? shown(number.doubleValue()) : value.toString();
    }

    /** A name in snake case as words. */
    static String words(String name) {
        return name.replace('_', ' ');
    }
}
