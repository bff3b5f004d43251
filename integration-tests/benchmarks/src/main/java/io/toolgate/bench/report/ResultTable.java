package io.toolgate.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Results as a table: a line for each, a column for every figure of any. */
public final class ResultTable {
    private static final List<String> ALWAYS =
            List.of("benchmark", "contender", "concurrency", "ops/s", "p50 ms", "p99 ms");

    private final List<String> header = new ArrayList<>(ALWAYS);
    private final List<List<String>> lines = new ArrayList<>();

    /** A table of {@code results}, in order. */
    public ResultTable(List<Result> results) {
        Set<String> further = new LinkedHashSet<>();
        results.forEach(result -> further.addAll(result.further().keySet()));
        further.forEach(name -> header.add(Figures.words(name)));
        for (Result result : results) {
            List<String> line = new ArrayList<>(List.of(
                    result.benchmark(),
                    result.contender(),
                    Figures.shown(result.concurrency()),
                    Figures.shown(result.opsPerSecond()),
                    Figures.shown(result.p50Ms()),
                    Figures.shown(result.p99Ms())));
            for (String name : further) {
                Object value = result.further().get(name);
                line.add(value == null ? "" : Figures.shown(value));
            }
            lines.add(line);
        }
    }

    /** For a terminal: columns two spaces apart, numbers to the right. */
    public String text() {
        List<Integer> widths = new ArrayList<>();
        for (int column = 0; column < header.size(); column++) {
            int width = header.get(column).length();
            for (List<String> line : lines) {
                width = Math.max(width, line.get(column).length());
            }
            widths.add(width);
        }
        StringBuilder text = new StringBuilder(padded(header, widths));
        lines.forEach(line -> text.append('\n').append(padded(line, widths)));
        return text.toString();
    }

    private static String padded(List<String> cells, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            String space = " ".repeat(widths.get(column) - cell.length());
            line.append(column == 0 ? "" : "  ").append(isText(column) ? cell + space : space + cell);
        }
        return line.toString().stripTrailing();
    }

    /** For a README. */
    public String markdown() {
        StringBuilder text = new StringBuilder(row(header)).append("\n|");
        for (int column = 0; column < header.size(); column++) {
            text.append(isText(column) ? "---|" : "---:|");
        }
        lines.forEach(line -> text.append('\n').append(row(line)));
        return text.toString();
    }

    private static String row(List<String> cells) {
        return cells.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |"));
    }

    private static boolean isText(int column) {
        return column < 2;
    }
}
