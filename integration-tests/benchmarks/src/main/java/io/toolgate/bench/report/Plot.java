package io.toolgate.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A report as a picture: two rows of bars, the rate (or the median latency, where latency is the point) and the 99th
 * percentile, grouped by load, a colour for each contender.
 */
public final class Plot {
    // Okabe and Ito's colours, which colour-blind people tell apart too; the first two are the strongest.
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#999999", "#b5a600", "#000000");

    /** Benchmarks of latency. */
    private static final Set<String> OF_LATENCY = Set.of("wakeup", "wakeup-same-jvm", "herd");

    private static final double LEFT = 76;
    private static final double RIGHT = 24;
    private static final double PANEL = 220;
    private static final double BETWEEN_PANELS = 78;
    private static final double LEAST_WIDTH = 720;
    private static final double BAR = 22;
    private static final double GAP = 34;

    private final Report report;
    private final List<String> contenders;
    private final List<String> groups;
    private final double width;
    private final double bar;
    private final double top;
    private final Svg svg;

    private Plot(Report report) {
        this.report = report;
        this.contenders = distinct(Result::contender);
        this.groups = distinct(Plot::group);
        double inner = groups.size() * (contenders.size() * BAR + GAP);
        this.width = Math.max(LEAST_WIDTH, LEFT + inner + RIGHT);
        this.bar = ((width - LEFT - RIGHT) / Math.max(1, groups.size()) - GAP) / Math.max(1, contenders.size());
        int legendLines = (contenders.size() + legendColumns() - 1) / legendColumns();
        this.top = 84 + 20.0 * legendLines + 40;
        this.svg = new Svg(width, top + 2 * PANEL + BETWEEN_PANELS + 50, "ToolGate benchmark: " + report.benchmark());
    }

    /** The picture as SVG. */
    public static String svg(Report report) {
        return new Plot(report).draw();
    }

    private List<String> distinct(Function<Result, String> name) {
        return List.copyOf(report.results().stream().map(name).collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    /** The load under which results are grouped. */
    private static String group(Result result) {
        List<String> words = new ArrayList<>();
        words.add(
                result.benchmark().equals("herd")
                        ? Figures.shown(result.concurrency()) + " duplicates"
                        : result.concurrency() + (result.concurrency() == 1 ? " caller" : " callers"));
        Object rows = result.further().get("rows");
        if (rows != null) {
            words.add(Figures.shown(rows) + " rows");
        }
        Object waiters = result.further().get("waiters");
        if (waiters != null) {
            words.add(Figures.shown(waiters) + " waiting");
        }
        Object purges = result.further().get("purges");
        if (purges != null) {
            words.add(purges.equals(0L) ? "no purge" : "purge");
        }
        if (result.benchmark().endsWith("same-jvm")) {
            words.add("same JVM");
        } else if (result.benchmark().equals("wakeup")) {
            words.add("other process");
        }
        return String.join(", ", words);
    }

    private String draw() {
        String database = report.database().getOrDefault("version", "").toString();
        svg.heading(LEFT, 34, 20, "ToolGate benchmark: " + report.benchmark());
        svg.text(
                LEFT,
                56,
                12,
                Svg.Anchor.START,
                Svg.PALE_INK,
                database + ", " + durability() + report.machine().getOrDefault("cores", "?") + " cores, medians of "
                        + report.settings().getOrDefault("repetitions", "?") + " interleaved repetitions");
        legend();
        boolean ofLatency = report.results().stream().anyMatch(result -> OF_LATENCY.contains(result.benchmark()));
        if (ofLatency) {
            panel(top, "median latency, ms (less is better)", Result::p50Ms);
        } else {
            panel(top, "operations per second (more is better)", Result::opsPerSecond);
        }
        panel(top + PANEL + BETWEEN_PANELS, "99th percentile of the latency, ms (less is better)", Result::p99Ms);
        return svg.end();
    }

    private String durability() {
        Map<String, Object> facts = report.database();
        Object word = facts.containsKey("fsync") ? "fsync " + facts.get("fsync") : facts.get("synchronous");
        return word == null ? "" : (facts.containsKey("fsync") ? word : "synchronous " + word) + ", ";
    }

    private int legendColumns() {
        return Math.max(1, (int) ((width - LEFT - RIGHT) / 150));
    }

    private void legend() {
        for (int i = 0; i < contenders.size(); i++) {
            double x = LEFT + i % legendColumns() * 150.0;
            int line = i / legendColumns();
            double y = 84 + line * 20.0;
            svg.bar(x, y - 10, 12, 12, colour(i), contenders.get(i));
            svg.text(x + 18, y, 13, Svg.Anchor.START, Svg.INK, contenders.get(i));
        }
    }

    private static String colour(int index) {
        return COLOURS.get(index % COLOURS.size());
    }

    private void panel(double y, String name, ToDoubleFunction<Result> figure) {
        Scale scale =
                Scale.of(report.results().stream().map(figure::applyAsDouble).toList());
        svg.heading(LEFT, y - 22, 13, name + (scale.logarithmic() ? ", logarithmic" : ""));
        for (double tick : scale.ticks()) {
            double at = y + PANEL * (1 - scale.position(tick));
            svg.gridLine(LEFT, width - RIGHT, at);
            svg.text(LEFT - 8, at + 4, 11, Svg.Anchor.END, Svg.PALE_INK, Figures.shown(tick));
        }
        for (int group = 0; group < groups.size(); group++) {
            double from = LEFT + group * (width - LEFT - RIGHT) / groups.size();
            for (int contender = 0; contender < contenders.size(); contender++) {
                double x = from + GAP / 2 + contender * bar;
                Optional<Result> result = find(groups.get(group), contenders.get(contender));
                if (result.isPresent()) {
                    bar(x, y, scale, figure.applyAsDouble(result.get()), contender);
                }
            }
            double middle = from + (width - LEFT - RIGHT) / groups.size() / 2;
            svg.text(middle, y + PANEL + 18, 12, Svg.Anchor.MIDDLE, Svg.INK, groups.get(group));
        }
    }

    private void bar(double x, double y, Scale scale, double value, int contender) {
        double height = Math.max(1, PANEL * Math.min(1, scale.position(value)));
        double above = y + PANEL - height;
        String shown = Figures.shown(value);
        svg.bar(x + 1, above, bar - 2, height, colour(contender), contenders.get(contender) + ": " + shown);
        if (bar >= 6.0 * shown.length() + 4) {
            svg.text(x + bar / 2, above - 4, 10, Svg.Anchor.MIDDLE, Svg.INK, shown);
        } else {
            svg.upwards(x + bar / 2 + 4, above - 4, 10, Svg.INK, shown);
        }
    }

    private Optional<Result> find(String group, String contender) {
        return report.results().stream()
                .filter(result ->
                        result.contender().equals(contender) && group(result).equals(group))
                .findFirst();
    }
}
