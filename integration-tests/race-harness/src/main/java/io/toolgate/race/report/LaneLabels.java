package io.toolgate.race.report;

import io.toolgate.race.report.KeyTimeline.Attempt;
import io.toolgate.race.report.KeyTimeline.Freeze;
import io.toolgate.race.report.KeyTimeline.Lane;
import io.toolgate.race.report.KeyTimeline.Life;
import io.toolgate.race.report.KeyTimeline.Mark;
import org.jspecify.annotations.Nullable;

/** Chooses the labels above a lane, the most important first: the last ones may find no room. */
final class LaneLabels {
    private static final double MARGIN = 16;

    private final Lane lane;
    private final TimeScale scale;
    private final Labels labels;

    LaneLabels(Lane lane, TimeScale scale, Labels labels) {
        this.lane = lane;
        this.scale = scale;
        this.labels = labels;
    }

    /** The name of an attempt. */
    static String name(Attempt attempt) {
        return "attempt " + attempt.fence();
    }

    /** Whether the name of an attempt fits into its bar. */
    static boolean fits(Attempt attempt, TimeScale scale) {
        double bar = scale.x(attempt.ownedTo()) - scale.x(attempt.claimed().nanos());
        return bar > Labels.width(name(attempt)) + MARGIN;
    }

    /** Whether the picture shows that a life ended by a kill. */
    static boolean isShownKilled(Life life, TimeScale scale) {
        return life.killed() && !scale.isCut(life.to());
    }

    /**
     * Adds the labels.
     *
     * @param timelineFrom when the timeline begins
     */
    void put(long timelineFrom) {
        for (Attempt attempt : lane.attempts()) {
            if (!fits(attempt, scale)) {
                labels.add(scale.x(attempt.claimed().nanos()), name(attempt), "strong");
            }
        }
        for (Life life : lane.lives()) {
            if (isShownKilled(life, scale)) {
                labels.add(scale.x(life.to()), "killed" + at(life.point()), "bad");
            }
        }
        lane.marks().forEach(this::put);
        for (Freeze freeze : lane.freezes()) {
            long middle = freeze.from() + (freeze.to() - freeze.from()) / 2;
            if (!scale.isCut(middle)) {
                String text = "frozen " + Texts.brief(freeze.to() - freeze.from()) + at(freeze.point());
                labels.add(scale.x(middle), text, "cold");
            }
        }
        for (Life life : lane.lives()) {
            if (life.from() > timelineFrom && life.number() > 1 && !scale.isCut(life.from())) {
                labels.add(scale.x(life.from()), "life " + life.number(), "quiet");
            }
        }
        for (Mark mark : lane.marks()) {
            if (mark.kind() == Mark.Kind.RECLOCKED && !scale.isCut(mark.at().nanos())) {
                labels.add(scale.x(mark.at().nanos()), mark.kind().words, "asked");
            }
        }
    }

    private void put(Mark mark) {
        double x = scale.x(mark.at().nanos());
        String words = mark.kind().words;
        switch (mark.kind()) {
            case COMPLETED, REJECTED, ALREADY -> labels.add(x, words, "good");
            case REFUSED, LOST -> labels.add(x, words, "bad");
            case RELEASED, FAILED, CUT, CLAIM_CUT, DOUBT -> labels.add(x, words, "");
            case PROBED -> labels.add(x, words + ": " + mark.detail(), "asked");
            case ENSURED, RECLOCKED -> {
                // The first symbol stands next to the effect; the other takes the room that is left.
            }
        }
    }

    private static String at(@Nullable String point) {
        return point == null ? "" : " at " + point;
    }
}
