package io.toolgate.race.report;

import java.util.ArrayList;
import java.util.List;

/** Short texts above a lane, put so that none covers another: in the lowest row with room, and moved aside if need be. */
final class Labels {
    static final double ROW = 12;
    private static final int MOST_ROWS = 3;
    private static final double CHARACTER = 5.5;
    private static final double GAP = 6;

    private record Placed(double x, double width, int row, double at, String text, String style) {}

    private final double left;
    private final double right;
    private final List<Placed> placed = new ArrayList<>();

    Labels(double left, double right) {
        this.left = left;
        this.right = right;
    }

    /** How wide a text will be, about. */
    static double width(String text) {
        return text.length() * CHARACTER;
    }

    /** Adds a text about what is at {@code at}; where there is no room for it, a pointer still finds it there. */
    void add(double at, String text, String style) {
        double width = width(text);
        for (int row = 0; row < MOST_ROWS; row++) {
            for (double x : new double[] {at - width / 2, at - 4, at - width + 4}) {
                double start = Math.max(left, Math.min(right - width, x));
                if (isFree(start, width, row)) {
                    placed.add(new Placed(start, width, row, at, text, style));
                    return;
                }
            }
        }
    }

    private boolean isFree(double x, double width, int row) {
        return placed.stream()
                .noneMatch(other ->
                        other.row() == row && x < other.x() + other.width() + GAP && other.x() < x + width + GAP);
    }

    /** Whether a line from this text down to its place would cross no text below. */
    private boolean canLead(Placed label) {
        return label.row() > 0
                && placed.stream()
                        .noneMatch(other -> other.row() < label.row()
                                && other.x() - 2 < label.at()
                                && label.at() < other.x() + other.width() + 2);
    }

    double height() {
        return ROW * placed.stream().mapToInt(label -> label.row() + 1).max().orElse(0);
    }

    /** Writes them above {@code bottom}. */
    void draw(Html html, double bottom) {
        for (Placed label : placed) {
            double base = bottom - 3 - label.row() * ROW;
            if (canLead(label)) {
                html.empty("line", "x1", label.at(), "x2", label.at(), "y1", base + 2, "y2", bottom, "class", "leader");
            }
            html.leaf("text", label.text(), "x", label.x(), "y", base, "class", "label " + label.style());
        }
    }
}
