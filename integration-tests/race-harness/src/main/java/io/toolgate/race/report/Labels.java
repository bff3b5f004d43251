package io.toolgate.race.report;

import java.util.ArrayList;
import java.util.List;

/** Labels above a lane that do not overlap: each is placed in the lowest row with room, moved aside if needed. */
final class Labels {
    static final double ROW = 12;
    private static final int MOST_ROWS = 3;
    private static final double CHARACTER = 6.3;
    private static final double GAP = 6;
    private static final double BESIDE = 9;

    private record Placed(double x, double width, int row, double at, String text, String style) {
        boolean covers(double other) {
            return x - 2 < other && other < x + width + 2;
        }
    }

    private final double left;
    private final double right;
    private final List<Placed> placed = new ArrayList<>();
    private final List<Double> crossings = new ArrayList<>();

    Labels(double left, double right) {
        this.left = left;
        this.right = right;
    }

    /** An upper bound of a text's width. */
    static double width(String text) {
        return text.length() * CHARACTER;
    }

    /** Keeps labels away from an arrow that crosses all rows at {@code x}. */
    void keepFree(double x) {
        crossings.add(x);
    }

    /** Adds a label for the event at {@code at}; without room it is left out, and the event's tooltip remains. */
    void add(double at, String text, String style) {
        double width = width(text);
        List<Double> starts = new ArrayList<>(List.of(at - width / 2, at + BESIDE, at - width - BESIDE));
        crossings.stream()
                .filter(x -> Math.abs(x - at) < width)
                .forEach(x -> starts.addAll(List.of(x + BESIDE, x - BESIDE - width)));
        for (int row = 0; row < MOST_ROWS; row++) {
            for (double start : starts) {
                double x = Math.max(left, Math.min(right - width, start));
                Placed label = new Placed(x, width, row, at, text, style);
                if (isFree(label)) {
                    placed.add(label);
                    return;
                }
            }
        }
    }

    private boolean isFree(Placed label) {
        return crossings.stream().noneMatch(x -> label.x() < x + BESIDE && x - BESIDE < label.x() + label.width())
                && placed.stream()
                        .noneMatch(other -> other.row() == label.row()
                                && label.x() < other.x() + other.width() + GAP
                                && other.x() < label.x() + label.width() + GAP);
    }

    /** Whether a line from this label down to its event is needed, and crosses no label below. */
    private boolean canLead(Placed label) {
        return label.row() > 0
                && label.covers(label.at())
                && placed.stream().noneMatch(other -> other.row() < label.row() && other.covers(label.at()));
    }

    double height() {
        return ROW * placed.stream().mapToInt(label -> label.row() + 1).max().orElse(0);
    }

    /** Draws the labels above {@code bottom}. */
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
