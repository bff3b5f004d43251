package io.toolgate.cli.output;

import io.toolgate.support.Messages;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A text table with aligned columns. Not thread-safe. */
public final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();
    private final Set<Integer> rightAligned;

    private Table(Set<Integer> rightAligned) {
        this.rightAligned = rightAligned;
    }

    /** A table of names and values, without a heading. */
    public static Table ofPairs() {
        return new Table(Set.of());
    }

    /** A table with a heading. A heading that begins with {@code >} aligns its column to the right, for numbers. */
    public static Table of(String... headings) {
        Set<Integer> right = new HashSet<>();
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
    public void row(String... cells) {
        List<String> row = new ArrayList<>();
        for (String cell : cells) {
            row.add(Messages.printable(cell));
        }
        rows.add(row);
    }

    /** Prints the table, its rows in the order in which they were added. */
    public void print(PrintWriter out) {
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
