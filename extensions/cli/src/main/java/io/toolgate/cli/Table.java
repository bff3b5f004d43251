package io.toolgate.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A table for people: a heading, and rows whose columns begin below each other. Not safe for use by many threads. */
final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();
    private final Set<Integer> rightAligned;

    private Table(Set<Integer> rightAligned) {
        this.rightAligned = rightAligned;
    }

    /** A table without a heading, of names and what they stand for. */
    static Table ofPairs() {
        return new Table(Set.of());
    }

    /** A table with a heading. Headings that begin with {@code >} stand above numbers, which are aligned to the right. */
    static Table of(String... headings) {
        Set<Integer> right = new java.util.HashSet<>();
        List<String> first = new ArrayList<>();
        for (int i = 0; i < headings.length; i++) {
            boolean number = headings[i].startsWith(">");
            if (number) {
                right.add(i);
            }
            first.add(number ? headings[i].substring(1) : headings[i]);
        }
        Table table = new Table(Set.copyOf(right));
        table.rows.add(first);
        return table;
    }

    /** Adds a row. */
    void row(String... cells) {
        List<String> row = new ArrayList<>();
        for (String cell : cells) {
            row.add(Texts.safe(cell));
        }
        rows.add(row);
    }

    void print(PrintWriter out) {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                if (i == widths.size()) {
                    widths.add(0);
                }
                widths.set(i, Math.max(widths.get(i), width(row.get(i))));
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String padding = " ".repeat(widths.get(i) - width(row.get(i)));
                line.append(i == 0 ? "" : GAP)
                        .append(rightAligned.contains(i) ? padding + row.get(i) : row.get(i) + padding);
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
