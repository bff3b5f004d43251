package io.toolgate.race.report;

import io.toolgate.race.report.KeyTimeline.Attempt;
import io.toolgate.race.report.KeyTimeline.Effect;
import io.toolgate.race.report.KeyTimeline.Freeze;
import io.toolgate.race.report.KeyTimeline.Lane;
import io.toolgate.race.report.KeyTimeline.Life;
import io.toolgate.race.report.KeyTimeline.Mark;
import io.toolgate.race.report.KeyTimeline.Moment;
import java.util.List;

/**
 * Draws one lane. From top to bottom: labels, the bar of the attempt, its requests to the provider, the calls. Labels
 * are placed first, because the lane's height depends on them.
 */
final class LaneArt {
    static final double BAR = 18;
    private static final double EFFECTS = 18;
    private static final double PADDING = 5;
    private static final double BESIDE = 14;
    private static final double LEAST = 12;
    private static final int COLOURS = 6;

    private final Lane lane;
    private final TimeScale scale;
    private final Clock clock;
    private final Labels labels;
    private final List<Double> below;
    private final Waits waits;
    private final boolean hasBar;
    private final boolean hasEffects;

    /**
     * @param above where arrows cross the labels
     * @param below where arrows cross the space below the bar
     */
    LaneArt(Lane lane, TimeScale scale, Clock clock, List<Double> above, List<Double> below) {
        this.lane = lane;
        this.scale = scale;
        this.clock = clock;
        this.labels = new Labels(scale.left(), scale.right());
        this.waits = new Waits(lane.waits(), scale);
        this.hasEffects = !lane.effects().isEmpty() || lane.marks().stream().anyMatch(LaneArt::isOfEffects);
        this.hasBar = !lane.attempts().isEmpty()
                || lane.marks().stream().anyMatch(mark -> !isOfEffects(mark) && mark.kind() != Mark.Kind.RECLOCKED);
        this.below = below;
        above.forEach(labels::keepFree);
        new LaneLabels(lane, scale, labels).put(clock.from());
    }

    private static boolean isOfEffects(Mark mark) {
        return mark.kind() == Mark.Kind.PROBED || mark.kind() == Mark.Kind.ENSURED;
    }

    /** The CSS class with an attempt's colour. */
    static String colour(long fence) {
        return "f" + (Math.floorMod(fence - 1, COLOURS) + 1);
    }

    double height() {
        double content = (hasBar ? BAR : 0) + (hasEffects ? EFFECTS : 0) + waits.height();
        return labels.height() + Math.max(LEAST, content) + 2 * PADDING;
    }

    private double contentTop(double top) {
        return top + PADDING + labels.height();
    }

    /** The top of the bar, if the lane's top is {@code top}. */
    double barY(double top) {
        double without = Math.max(LEAST, waits.height()) / 2 - BAR / 2;
        return contentTop(top) + (hasBar ? 0 : without);
    }

    void draw(Html html, double top) {
        double height = height();
        html.leaf("text", Texts.process(lane.process()), "x", 4.0, "y", top + height / 2 + 4, "class", "lane-name");
        if (!lane.lives().isEmpty() && lane.lives().get(0).number() > 1 && height > 3 * LEAST) {
            html.leaf(
                    "text",
                    "from life " + lane.lives().get(0).number(),
                    "x",
                    4.0,
                    "y",
                    top + height / 2 + 17,
                    "class",
                    "label quiet");
        }
        for (Life life : lane.lives()) {
            box(html, life.from(), life.to(), top + 1, height - 2, "alive", "life " + life.number());
        }
        for (Freeze freeze : lane.freezes()) {
            String title = "frozen for " + Texts.millis(freeze.to() - freeze.from()) + ", "
                    + clock.at(new Moment(freeze.from(), 0));
            box(html, freeze.from(), freeze.to(), top + 1, height - 2, "freeze", title);
        }
        double y = contentTop(top);
        for (Attempt attempt : lane.attempts()) {
            draw(html, attempt, y);
        }
        if (hasEffects) {
            drawEffects(html, y + (hasBar ? BAR : 0) + EFFECTS / 2);
        }
        for (Mark mark : lane.marks()) {
            boolean leftOut =
                    mark.kind() == Mark.Kind.RECLOCKED && scale.isCut(mark.at().nanos());
            if (!isOfEffects(mark) && !leftOut) {
                Glyphs.mark(html, mark.kind(), scale.x(mark.at().nanos()), barY(top) + BAR / 2, title(mark));
            }
        }
        waits.draw(html, y + (hasBar ? BAR : 0) + (hasEffects ? EFFECTS : 0), clock);
        for (Life life : lane.lives()) {
            if (LaneLabels.isShownKilled(life, scale)) {
                String title = "process " + lane.process() + ", life " + life.number() + ", killed "
                        + clock.at(new Moment(life.to(), 0));
                Glyphs.kill(html, scale.x(life.to()), barY(top) + BAR / 2, title);
            }
        }
        labels.draw(html, y);
    }

    private void draw(Html html, Attempt attempt, double y) {
        String colour = colour(attempt.fence());
        long from = attempt.claimed().nanos();
        String title = LaneLabels.name(attempt)
                + (attempt.tookOver() ? ", took over from attempt " + attempt.previousFence() : "")
                + "\nclaimed " + clock.at(attempt.claimed()) + "\nowned for "
                + Texts.millis(attempt.ownedTo() - from) + ", its lease held until "
                + Texts.millis(attempt.leaseTo() - clock.from()) + ", over at "
                + Texts.millis(attempt.to() - clock.from()) + "\n"
                + Texts.count(attempt.heartbeats().size(), "heartbeat");
        if (attempt.leaseTo() > attempt.ownedTo()) {
            box(
                    html,
                    attempt.ownedTo(),
                    attempt.leaseTo(),
                    y,
                    BAR,
                    "lease " + colour,
                    "the lease that it left behind\n" + title);
        }
        if (attempt.to() > attempt.ownedTo()) {
            html.titled(
                    "line",
                    "still running, but its lease has ended\n" + title,
                    "x1",
                    scale.x(attempt.ownedTo()),
                    "x2",
                    scale.x(attempt.to()),
                    "y1",
                    y + BAR / 2,
                    "y2",
                    y + BAR / 2,
                    "class",
                    "stale " + colour);
        }
        box(html, from, attempt.ownedTo(), y, BAR, "owner " + colour, title);
        for (Moment beat : attempt.heartbeats()) {
            double x = scale.x(beat.nanos());
            html.titled(
                    "line",
                    "heartbeat " + clock.at(beat),
                    "x1",
                    x,
                    "x2",
                    x,
                    "y1",
                    y + BAR - 6,
                    "y2",
                    y + BAR,
                    "class",
                    "beat");
        }
        if (LaneLabels.fits(attempt, scale)) {
            html.leaf("text", LaneLabels.name(attempt), "x", scale.x(from) + 6, "y", y + 12.5, "class", "bar-name");
        }
    }

    private String title(Mark mark) {
        return mark.kind().words + ": " + mark.detail() + "\n" + clock.at(mark.at());
    }

    private double besideArrows(double x) {
        for (double arrow : below) {
            if (Math.abs(arrow - x) < BESIDE) {
                return arrow + BESIDE;
            }
        }
        return x;
    }

    private void drawEffects(Html html, double y) {
        for (Effect effect : lane.effects()) {
            String title = "charge requested by attempt " + effect.fence() + ", sent " + clock.at(effect.sent()) + "\n"
                    + effect.outcome() + " after "
                    + Texts.millis(effect.to() - effect.sent().nanos());
            box(html, effect.sent().nanos(), effect.to(), y - 3, 6, "effect " + colour(effect.fence()), title);
        }
        double free = Double.NEGATIVE_INFINITY;
        for (Mark.Kind kind : List.of(Mark.Kind.ENSURED, Mark.Kind.PROBED)) {
            for (Mark mark : lane.marks()) {
                if (mark.kind() == kind) {
                    double x = kind == Mark.Kind.PROBED
                            ? besideArrows(scale.x(mark.at().nanos()))
                            : scale.x(mark.at().nanos());
                    Glyphs.mark(html, kind, x, y, title(mark));
                    free = kind == Mark.Kind.PROBED ? x + EFFECTS - 2 : free;
                }
            }
        }
        for (Effect effect : lane.effects()) {
            if (effect.ledger() != null) {
                long at = effect.ledger().nanos();
                double x = Math.max(free, besideArrows(scale.x(at)));
                free = x + EFFECTS - 2;
                String title = Texts.of(effect.ledger().kind()) + " "
                        + effect.ledger().amount() + " " + clock.at(new Moment(at, 0)) + "\n" + effect.outcome();
                Glyphs.coin(html, x, y, effect.ledger().kind(), title);
            }
        }
    }

    private void box(Html html, long from, long to, double y, double height, String style, String title) {
        double x = scale.x(from);
        html.titled(
                "rect",
                title,
                "x",
                x,
                "y",
                y,
                "width",
                Math.max(2.0, scale.x(to) - x),
                "height",
                height,
                "class",
                style);
    }
}
