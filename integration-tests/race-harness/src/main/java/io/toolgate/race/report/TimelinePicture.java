package io.toolgate.race.report;

import io.toolgate.race.report.KeyTimeline.Attempt;
import java.util.ArrayList;
import java.util.List;

/** The picture of a {@link KeyTimeline}: a lane for each process, time from left to right, arrows for takeovers. */
final class TimelinePicture {
    static final double WIDTH = 960;
    private static final double LEFT = 84;
    private static final double RIGHT = WIDTH - 14;
    private static final double AXIS = 34;
    private static final double GAP = 3;

    /** The arrow from attempt {@code before}, in lane {@code from}, to the next, {@code taker}, in lane {@code to}. */
    private record Takeover(Attempt before, int from, Attempt taker, int to) {
        /** When the key became free to be claimed, as far as it is known. */
        long leftAt() {
            return Math.min(
                    Math.max(before.leaseTo(), before.ownedTo()),
                    taker.claimed().nanos());
        }
    }

    private final KeyTimeline timeline;
    private final TimeScale scale;
    private final List<LaneArt> lanes = new ArrayList<>();
    private final List<Takeover> takeovers = new ArrayList<>();
    private final List<Double> tops = new ArrayList<>();
    private final double height;

    private TimelinePicture(KeyTimeline timeline, long leaseNanos) {
        this.timeline = timeline;
        this.scale = TimeScale.of(timeline, leaseNanos, LEFT, RIGHT);
        findTakeovers();
        double top = 2;
        for (int i = 0; i < timeline.lanes().size(); i++) {
            LaneArt art = new LaneArt(
                    timeline.lanes().get(i),
                    scale,
                    new Clock(timeline.from()),
                    crossings(i, true),
                    crossings(i, false));
            lanes.add(art);
            tops.add(top);
            top += art.height() + GAP;
        }
        this.height = top;
    }

    private void findTakeovers() {
        for (int to = 0; to < timeline.lanes().size(); to++) {
            for (Attempt taker : timeline.lanes().get(to).attempts()) {
                if (taker.previousFence() > 0) {
                    findTakeover(taker, to);
                }
            }
        }
    }

    private void findTakeover(Attempt taker, int to) {
        for (int from = 0; from < timeline.lanes().size(); from++) {
            for (Attempt before : timeline.lanes().get(from).attempts()) {
                if (before.fence() == taker.previousFence()) {
                    takeovers.add(new Takeover(before, from, taker, to));
                    return;
                }
            }
        }
    }

    /** Where arrows cross a lane: its labels, which stand above the bar, or else the space below the bar. */
    private List<Double> crossings(int lane, boolean above) {
        List<Double> crossings = new ArrayList<>();
        for (Takeover takeover : takeovers) {
            boolean down = takeover.from() < takeover.to();
            boolean same = takeover.from() == takeover.to();
            if (takeover.to() == lane && (down || same) == above) {
                crossings.add(scale.x(takeover.taker().claimed().nanos()));
            }
            boolean between =
                    Math.min(takeover.from(), takeover.to()) < lane && lane < Math.max(takeover.from(), takeover.to());
            if (between) {
                // Nearly vertical, because a key is mostly claimed soon after its lease has ended.
                crossings.add((scale.x(takeover.leftAt())
                                + scale.x(takeover.taker().claimed().nanos()))
                        / 2);
            }
            if (takeover.from() == lane && !down == above) {
                crossings.add(scale.x(takeover.leftAt()));
            }
        }
        return crossings;
    }

    /** Draws the timeline. */
    static void draw(Html html, KeyTimeline timeline, long leaseNanos) {
        new TimelinePicture(timeline, leaseNanos).draw(html);
    }

    private void draw(Html html) {
        html.open(
                "svg",
                "viewBox",
                "0 0 " + Html.number(WIDTH) + " " + Html.number(height + AXIS),
                "class",
                "timeline",
                "role",
                "img",
                "aria-label",
                "Who owned " + timeline.key() + " when");
        for (TimeScale.Tick tick : scale.ticks()) {
            html.empty("line", "x1", tick.x(), "x2", tick.x(), "y1", 0.0, "y2", height, "class", "grid");
            html.leaf("text", tick.text(), "x", tick.x(), "y", height + 13, "class", "tick");
        }
        html.leaf(
                "text",
                "milliseconds since the key's first event",
                "x",
                (LEFT + RIGHT) / 2,
                "y",
                height + 28,
                "class",
                "tick quiet");
        for (int i = 0; i < lanes.size(); i++) {
            lanes.get(i).draw(html, tops.get(i));
        }
        for (TimeScale.Cut cut : scale.cuts()) {
            draw(html, cut);
        }
        takeovers.forEach(takeover -> draw(html, takeover));
        html.close();
    }

    private void draw(Html html, TimeScale.Cut cut) {
        double x = cut.x() + TimeScale.CUT_WIDTH / 2;
        StringBuilder zigzag = new StringBuilder("M" + Glyphs.at(x, 0));
        int turn = 1;
        for (double y = 6; y < height; y += 6) {
            zigzag.append('L').append(Glyphs.at(x + 3 * turn, y));
            turn = -turn;
        }
        String text = Texts.brief(cut.to() - cut.from()) + " without an event of the key, left out";
        html.titled("path", text, "d", zigzag, "class", "cut-out");
        html.leaf("text", Texts.brief(cut.to() - cut.from()), "x", x, "y", height + 13, "class", "tick quiet");
    }

    private void draw(Html html, Takeover takeover) {
        Attempt before = takeover.before();
        Attempt taker = takeover.taker();
        int from = takeover.from();
        int to = takeover.to();
        double x0 = scale.x(takeover.leftAt());
        double x1 = scale.x(taker.claimed().nanos());
        double barFrom = lanes.get(from).barY(tops.get(from));
        double barTo = lanes.get(to).barY(tops.get(to));
        boolean down = to > from;
        double y0 = down ? barFrom + LaneArt.BAR : barFrom;
        double y1 = down ? barTo - 1 : barTo + LaneArt.BAR + 1;
        double stem = down ? y1 - 8 : y1 + 8;
        String path;
        if (from == to) {
            // Within one lane the arrow leaps over the space between.
            y1 = barTo - 1;
            stem = y1 - 6;
            path = "M" + Glyphs.at(x0, y0) + "C" + Glyphs.at(x0, y0 - 14) + " " + Glyphs.at(x1, y1 - 16) + " "
                    + Glyphs.at(x1, stem);
        } else {
            double middle = (y0 + stem) / 2;
            path = "M" + Glyphs.at(x0, y0) + "C" + Glyphs.at(x0, middle) + " " + Glyphs.at(x1, middle) + " "
                    + Glyphs.at(x1, stem);
        }
        double wing = y1 > stem ? -8 : 8;
        html.open("g", "class", taker.tookOver() ? "takeover" : "takeover free");
        html.leaf(
                "title",
                "attempt " + taker.fence() + (taker.tookOver() ? " takes over from" : " follows") + " attempt "
                        + before.fence());
        html.empty("path", "d", path, "class", "stem");
        html.empty(
                "path",
                "d",
                "M" + Glyphs.at(x1, y1) + "L" + Glyphs.at(x1 - 5, y1 + wing) + "L" + Glyphs.at(x1 + 5, y1 + wing) + "Z",
                "class",
                "head");
        html.close();
    }
}
