package io.toolgate.race.report;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.report.KeyTimeline.Wait;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** The calls of one lane in a few rows: first one for each kind of ending, then others as far as there is room. */
final class Waits {
    static final double ROW = 8;
    private static final int MOST_ROWS = 5;
    private static final double GAP = 8;

    private final TimeScale scale;
    private final List<List<Wait>> rows = new ArrayList<>();
    private final List<Wait> named;
    private final List<Wait> more = new ArrayList<>();

    Waits(List<Wait> waits, TimeScale scale) {
        this.scale = scale;
        Set<String> endings = new HashSet<>();
        List<Wait> first = new ArrayList<>();
        List<Wait> rest = new ArrayList<>();
        waits.stream()
                .sorted(Comparator.comparingLong((Wait wait) -> wait.called().nanos()))
                .forEach(wait -> (endings.add(wait.ending()) ? first : rest).add(wait));
        first.forEach(this::place);
        named = unusual(first);
        rest.forEach(this::place);
    }

    private void place(Wait wait) {
        for (List<Wait> row : rows) {
            if (row.stream().noneMatch(other -> overlap(other, wait))) {
                row.add(wait);
                return;
            }
        }
        if (rows.size() < MOST_ROWS) {
            rows.add(new ArrayList<>(List.of(wait)));
        } else {
            more.add(wait);
        }
    }

    /** The first call without a result; the others look the same. */
    private static List<Wait> unusual(List<Wait> first) {
        return first.stream()
                .filter(wait -> wait.answer() != null && wait.answer() != Answer.COMPLETED)
                .toList();
    }

    /** Labels a call's ending after its end, or above it at the border of the picture. */
    private void name(Html html, Wait wait, double y) {
        double x = scale.x(wait.to()) + GAP;
        boolean fits = x + Labels.width(wait.ending()) < scale.right();
        html.leaf(
                "text",
                wait.ending(),
                "x",
                fits ? x : scale.x(wait.to()) - GAP,
                "y",
                y + 3.5,
                "class",
                "label " + (fits ? "" : "ends ") + Glyphs.style(wait));
    }

    private boolean overlap(Wait a, Wait b) {
        return scale.x(a.called().nanos()) < scale.x(b.to()) + GAP
                && scale.x(b.called().nanos()) < scale.x(a.to()) + GAP;
    }

    double height() {
        return rows.size() * ROW + (more.isEmpty() ? 0 : Labels.ROW);
    }

    void draw(Html html, double top, Clock clock) {
        double y = top + ROW / 2;
        for (List<Wait> row : rows) {
            for (Wait wait : row) {
                String title = "called " + clock.at(wait.called()) + "\n" + wait.ending() + " after "
                        + Texts.millis(wait.to() - wait.called().nanos())
                        + (wait.detail().isEmpty() ? "" : "\n" + wait.detail());
                Glyphs.wait(html, scale.x(wait.called().nanos()), scale.x(wait.to()), y, wait, title);
                if (named.contains(wait)) {
                    name(html, wait, y);
                }
            }
            y += ROW;
        }
        if (!more.isEmpty()) {
            String endings =
                    more.stream().collect(groupingBy(Wait::ending, TreeMap::new, counting())).entrySet().stream()
                            .map(entry -> Texts.number(entry.getValue()) + " " + entry.getKey())
                            .collect(joining(", "));
            html.leaf(
                    "text",
                    "+" + Texts.number(more.size()) + " more: " + endings,
                    "x",
                    scale.x(more.get(0).called().nanos()) + 4,
                    "y",
                    y + 5,
                    "class",
                    "label quiet");
        }
    }
}
