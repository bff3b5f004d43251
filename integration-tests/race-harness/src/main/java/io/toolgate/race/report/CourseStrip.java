package io.toolgate.race.report;

import io.toolgate.race.history.Deed;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The chart of a run: answers per second, and below it the faults of each process. */
final class CourseStrip {
    private static final double LEFT = 84;
    private static final double RIGHT = TimelinePicture.WIDTH - 14;
    private static final double TOP = 20;
    private static final double ANSWERS = 96;
    private static final double MOST_ROWS_HEIGHT = 160;
    private static final int COLUMNS = 200;
    private static final int CROWD = 100;
    private static final int MOST_NAMED = 16;

    private final Course course;
    private final List<Deed> deeds;
    private final int processes;
    private final long from;
    private final long to;
    private final double row;

    private CourseStrip(Course course, List<Deed> deeds, int processes) {
        this.course = course;
        this.deeds = deeds;
        this.processes = processes;
        this.from = course.from();
        this.to = course.to();
        this.row = Math.max(3, Math.min(13, MOST_ROWS_HEIGHT / Math.max(1, processes)));
    }

    /** Draws the chart, which needs at least one answer. */
    static void draw(Html html, Course course, List<Deed> deeds, int processes) {
        new CourseStrip(course, deeds, processes).draw(html);
    }

    private double x(long nanos) {
        return LEFT + (RIGHT - LEFT) * (Math.max(from, Math.min(to, nanos)) - from) / (to - from);
    }

    private double y(int process) {
        return TOP + ANSWERS + 10 + (process - 0.5) * row;
    }

    private void draw(Html html) {
        double bottom = y(processes) + row / 2 + 4;
        html.open(
                "svg",
                "viewBox",
                "0 0 " + Html.number(TimelinePicture.WIDTH) + " " + Html.number(bottom + 32),
                "class",
                "timeline",
                "role",
                "img",
                "aria-label",
                "Answers per second, and faults");
        double stepSeconds = TimeScale.step((to - from) / 1e9 / 10);
        for (int i = 0; i * stepSeconds * 1e9 <= to - from; i++) {
            double x = x(from + (long) (i * stepSeconds * 1e9));
            html.empty("line", "x1", x, "x2", x, "y1", TOP, "y2", bottom, "class", "grid");
            html.leaf("text", TimeScale.label(i * stepSeconds), "x", x, "y", bottom + 13, "class", "tick");
        }
        html.leaf(
                "text",
                "seconds since the first answer",
                "x",
                (LEFT + RIGHT) / 2,
                "y",
                bottom + 28,
                "class",
                "tick quiet");
        drawAnswers(html);
        for (int process = 1; process <= processes; process++) {
            if (processes <= MOST_NAMED) {
                html.leaf("text", Texts.process(process), "x", 4.0, "y", y(process) + 3.5, "class", "label");
            }
            html.empty("line", "x1", LEFT, "x2", RIGHT, "y1", y(process), "y2", y(process), "class", "grid");
        }
        drawDeeds(html);
        html.close();
    }

    private void drawAnswers(Html html) {
        long steps = (to - from) / Course.STEP_NANOS;
        long column = Course.STEP_NANOS * Math.max(1, -Math.floorDiv(-steps, COLUMNS));
        double most = 1;
        for (long at = from; at < to; at += column) {
            Course.Step step = course.between(at, at + column);
            most = Math.max(most, (double) (step.completed + step.others));
        }
        for (long at = from; at < to; at += column) {
            Course.Step step = course.between(at, at + column);
            double completed = ANSWERS * step.completed / most;
            double others = ANSWERS * step.others / most;
            double base = TOP + ANSWERS;
            String title = Texts.number(step.completed) + " results and " + Texts.number(step.others)
                    + " other answers in " + Texts.brief(column);
            column(html, at, at + column, base - completed, completed, "column", title);
            column(html, at, at + column, base - completed - others, others, "column others", title);
        }
        html.empty("line", "x1", LEFT, "x2", RIGHT, "y1", TOP + ANSWERS, "y2", TOP + ANSWERS, "class", "axis");
        html.leaf("text", "answers a second", "x", 4.0, "y", 12.0, "class", "label quiet");
        html.leaf(
                "text",
                Texts.number(Math.round(most * 1e9 / column)),
                "x",
                LEFT - 6,
                "y",
                TOP + 6,
                "class",
                "tick end");
        html.leaf("text", "0", "x", LEFT - 6, "y", TOP + ANSWERS, "class", "tick end");
    }

    private void column(Html html, long at, long end, double y, double height, String style, String title) {
        if (height > 0) {
            double width = Math.max(0.5, x(end) - x(at) - 0.4);
            html.titled("rect", title, "x", x(at), "y", y, "width", width, "height", height, "class", style);
        }
    }

    private void drawDeeds(Html html) {
        double r = Math.min(deeds.size() > CROWD ? 2.5 : 4, row / 2);
        Map<Integer, Deed.Frozen> frozen = new HashMap<>();
        for (Deed deed : deeds) {
            if (deed instanceof Deed.Frozen stopped) {
                frozen.put(stopped.process(), stopped);
            } else if (deed instanceof Deed.Thawed thawed && frozen.containsKey(thawed.process())) {
                span(html, frozen.remove(thawed.process()), thawed.nanos());
            } else if (deed instanceof Deed.Killed killed) {
                Deed.Frozen stopped = frozen.remove(killed.process());
                span(html, stopped, killed.nanos());
                double x = x(killed.nanos());
                double y = y(killed.process());
                html.titled(
                        "path",
                        "killed" + at(killed.nanos()),
                        "d",
                        "M" + Glyphs.at(x - r, y - r) + "L" + Glyphs.at(x + r, y + r) + "M" + Glyphs.at(x + r, y - r)
                                + "L" + Glyphs.at(x - r, y + r),
                        "class",
                        "kill thin");
            } else if (deed instanceof Deed.Reclocked reclocked) {
                double x = x(reclocked.nanos());
                double y = y(reclocked.process());
                html.titled(
                        "path",
                        "clock off by " + Texts.number(reclocked.offsetMillis()) + " ms" + at(reclocked.nanos()),
                        "d",
                        "M" + Glyphs.at(x - r, y + r) + "L" + Glyphs.at(x + r, y + r) + "L" + Glyphs.at(x, y - r) + "Z",
                        "class",
                        "reclocked");
            }
        }
        frozen.values().forEach(stopped -> span(html, stopped, to));
    }

    private void span(Html html, Deed.@Nullable Frozen stopped, long end) {
        if (stopped != null) {
            html.titled(
                    "rect",
                    "frozen for " + Texts.brief(end - stopped.nanos()) + at(stopped.nanos()),
                    "x",
                    x(stopped.nanos()),
                    "y",
                    y(stopped.process()) - row / 2 + 0.5,
                    "width",
                    Math.max(1, x(end) - x(stopped.nanos())),
                    "height",
                    row - 1,
                    "class",
                    "frozen");
        }
    }

    private String at(long nanos) {
        return String.format(Locale.ROOT, " at %.1f s", (nanos - from) / 1e9);
    }
}
