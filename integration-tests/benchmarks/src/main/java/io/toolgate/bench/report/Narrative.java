package io.toolgate.bench.report;

import java.util.Map;
import java.util.stream.Collectors;

/** A report as text for people: the table, and how it was measured. */
public final class Narrative {
    private Narrative() {}

    /** For a terminal. */
    public static String text(Report report) {
        return new ResultTable(report.results()).text() + "\n\n" + circumstances(report, "", "\n");
    }

    /** For a README. */
    public static String markdown(Report report) {
        return new ResultTable(report.results()).markdown() + "\n\n" + circumstances(report, "- ", "\n");
    }

    private static String circumstances(Report report, String bullet, String end) {
        StringBuilder text = new StringBuilder();
        text.append(bullet)
                .append("Medians. Settings: ")
                .append(listed(report.settings()))
                .append(end);
        text.append(bullet)
                .append("Database: ")
                .append(listed(report.database()))
                .append(end);
        text.append(bullet).append("Machine: ").append(listed(report.machine())).append(end);
        report.contenders()
                .forEach((name, how) -> text.append(bullet)
                        .append(name)
                        .append(": ")
                        .append(how)
                        .append(end));
        report.leftOut()
                .forEach((name, why) -> text.append(bullet)
                        .append("Left out: ")
                        .append(name)
                        .append(", ")
                        .append(why)
                        .append(end));
        report.failures()
                .forEach(failure ->
                        text.append(bullet).append("Failed: ").append(failure).append(end));
        return text.toString().stripTrailing();
    }

    private static String listed(Map<String, Object> facts) {
        return facts.entrySet().stream()
                .map(fact -> Figures.words(fact.getKey()) + " " + fact.getValue())
                .collect(Collectors.joining(", "));
    }
}
