package io.toolgate.race.report;

import io.toolgate.race.checker.Latencies;

/** A histogram of durations on a logarithmic scale, with p50, p99 and the longest. */
final class Distribution {
    private static final double WIDTH = 300;
    private static final double HEIGHT = 150;
    private static final double TOP = 44;
    private static final double BOTTOM = HEIGHT - 22;
    private static final double LEFT = 8;
    private static final double RIGHT = WIDTH - 8;
    private static final int STEPS_A_DECADE = 8;
    private static final double LEAST_MILLIS = 0.01;

    private final Latencies latencies;
    private final int firstDecade;
    private final int lastDecade;

    private Distribution(Latencies latencies) {
        this.latencies = latencies;
        double least = Math.max(LEAST_MILLIS, latencies.millis(0));
        double most = Math.max(LEAST_MILLIS, latencies.millis(1));
        this.firstDecade = (int) Math.floor(Math.log10(least));
        this.lastDecade = Math.max(firstDecade + 1, (int) Math.ceil(Math.log10(most)));
    }

    /** Draws the histogram. */
    static void draw(Html html, String name, Latencies latencies) {
        html.open("figure");
        html.open("figcaption");
        html.leaf("strong", name);
        html.text(" " + Texts.count(latencies.count(), "call") + ", in ms");
        html.close();
        if (latencies.count() == 0) {
            html.leaf("p", "nothing to show", "class", "quiet");
        } else {
            new Distribution(latencies).draw(html, name);
        }
        html.close();
    }

    private double x(double millis) {
        double bounded = Math.max(millis, Math.pow(10, firstDecade));
        return LEFT + (RIGHT - LEFT) * (Math.log10(bounded) - firstDecade) / (lastDecade - firstDecade);
    }

    private void draw(Html html, String name) {
        html.open(
                "svg",
                "viewBox",
                "0 0 " + Html.number(WIDTH) + " " + Html.number(HEIGHT),
                "role",
                "img",
                "aria-label",
                name);
        int steps = (lastDecade - firstDecade) * STEPS_A_DECADE;
        int[] counts = new int[steps];
        int most = 1;
        for (int i = 0; i < steps; i++) {
            // The first step includes all shorter durations.
            counts[i] = latencies.between(i == 0 ? -1 : edge(i), edge(i + 1));
            most = Math.max(most, counts[i]);
        }
        for (int decade = firstDecade; decade <= lastDecade; decade++) {
            double x = x(Math.pow(10, decade));
            html.empty("line", "x1", x, "x2", x, "y1", TOP, "y2", BOTTOM, "class", "grid");
            html.leaf(
                    "text",
                    decade(decade),
                    "x",
                    x,
                    "y",
                    HEIGHT - 8,
                    "class",
                    decade == lastDecade ? "tick end" : decade == firstDecade ? "tick start" : "tick");
        }
        for (int i = 0; i < steps; i++) {
            double height = (BOTTOM - TOP) * counts[i] / most;
            if (counts[i] > 0) {
                html.titled(
                        "rect",
                        Texts.number(counts[i]) + " took up to " + TimeScale.label(edge(i + 1)) + " ms",
                        "x",
                        x(edge(i)) + 0.5,
                        "y",
                        BOTTOM - Math.max(1.5, height),
                        "width",
                        x(edge(i + 1)) - x(edge(i)) - 1,
                        "height",
                        Math.max(1.5, height),
                        "class",
                        "column");
            }
        }
        html.empty("line", "x1", LEFT, "x2", RIGHT, "y1", BOTTOM, "y2", BOTTOM, "class", "axis");
        Labels labels = new Labels(LEFT, RIGHT);
        percentile(html, labels, "p50", latencies.millis(0.5));
        percentile(html, labels, "p99", latencies.millis(0.99));
        percentile(html, labels, "max", latencies.millis(1));
        labels.draw(html, TOP);
        html.close();
    }

    private static String decade(int decade) {
        return decade < 3 ? TimeScale.label(Math.pow(10, decade)) : TimeScale.label(Math.pow(10, decade - 3)) + " s";
    }

    private double edge(int step) {
        return Math.pow(10, firstDecade + (double) step / STEPS_A_DECADE);
    }

    private void percentile(Html html, Labels labels, String name, double millis) {
        double x = x(millis);
        html.empty("line", "x1", x, "x2", x, "y1", TOP, "y2", BOTTOM, "class", "percentile");
        labels.add(x, name + " " + Texts.millis(Math.round(millis * 1e6)), "strong");
    }
}
