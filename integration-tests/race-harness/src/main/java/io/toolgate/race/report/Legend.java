package io.toolgate.race.report;

import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.race.report.KeyTimeline.Mark;
import io.toolgate.race.report.KeyTimeline.Moment;
import io.toolgate.race.report.KeyTimeline.Wait;
import org.jspecify.annotations.Nullable;

/** The legend: each symbol of the pictures with its meaning. */
final class Legend {
    private static final double COLUMN = 236;
    private static final double ROW = 22;
    private static final int ROWS = 5;
    private static final double SIGN = 30;

    private final Html html;
    private int next;

    private Legend(Html html) {
        this.html = html;
    }

    /** Draws the legend. */
    static void draw(Html html) {
        html.open(
                "svg",
                "viewBox",
                "0 0 " + Html.number(TimelinePicture.WIDTH) + " " + Html.number(ROWS * ROW + 4),
                "class",
                "timeline legend",
                "role",
                "img",
                "aria-label",
                "Legend");
        new Legend(html).draw();
        html.close();
    }

    private void draw() {
        box("owner f1", "owns the key; heartbeats are ticks");
        box("lease f1", "lease that a dead owner left behind");
        line("stale f1", "still running, but its lease has ended");
        entry("takeover by another attempt");
        double y = middle();
        html.open("g", "class", "takeover");
        html.empty("path", "d", "M" + Glyphs.at(x() + 2, y) + "L" + Glyphs.at(x() + 20, y), "class", "stem");
        html.empty(
                "path",
                "d",
                "M" + Glyphs.at(x() + 26, y) + "L" + Glyphs.at(x() + 18, y - 5) + "L" + Glyphs.at(x() + 18, y + 5)
                        + "Z",
                "class",
                "head");
        html.close();
        next++;
        entry("killed, until the next life");
        Glyphs.kill(html, x() + 14, middle(), "killed");
        next++;
        box("freeze", "frozen: the process does not run");
        entry("charged, when the ledger says so");
        html.empty("rect", "x", x() + 1, "y", middle() - 3, "width", 26.0, "height", 6.0, "class", "effect f1");
        Glyphs.coin(html, x() + 18, middle(), LedgerLine.Kind.CHARGED, "charged");
        next++;
        entry("same charge again: not charged");
        Glyphs.coin(html, x() + 14, middle(), LedgerLine.Kind.REPEATED, "repeated");
        next++;
        entry("declined: not charged");
        Glyphs.coin(html, x() + 14, middle(), LedgerLine.Kind.DECLINED, "declined");
        next++;
        mark(Mark.Kind.ENSURED, "ownership checked before the effect");
        mark(Mark.Kind.PROBED, "probe: did it happen?");
        mark(Mark.Kind.COMPLETED, "result stored");
        mark(Mark.Kind.REFUSED, "stale owner refused, or lease lost");
        mark(Mark.Kind.DOUBT, "in doubt");
        mark(Mark.Kind.CUT, "cut: may or may not have happened");
        call(Answer.COMPLETED, "EXECUTED", "call that ran it (or probed it)");
        call(Answer.COMPLETED, "REPLAYED", "waiter, until its replay");
        call(Answer.IN_DOUBT, null, "call answered “in doubt”");
        call(Answer.IN_PROGRESS, null, "call with another answer");
        call(null, null, "call cut by a kill");
    }

    private double x() {
        int column = next / ROWS;
        return 2 + COLUMN * column;
    }

    private double middle() {
        int row = next % ROWS;
        return 2 + ROW * row + ROW / 2;
    }

    private void entry(String words) {
        html.leaf("text", words, "x", x() + SIGN + 4, "y", middle() + 4, "class", "label");
    }

    private void box(String style, String words) {
        entry(words);
        html.empty("rect", "x", x() + 1, "y", middle() - 7, "width", SIGN - 4, "height", 14.0, "class", style);
        if (style.startsWith("owner")) {
            html.empty("line", "x1", x() + 18, "x2", x() + 18, "y1", middle() + 1, "y2", middle() + 7, "class", "beat");
        }
        next++;
    }

    private void line(String style, String words) {
        entry(words);
        html.empty("line", "x1", x() + 1, "x2", x() + SIGN - 3, "y1", middle(), "y2", middle(), "class", style);
        next++;
    }

    private void mark(Mark.Kind kind, String words) {
        entry(words);
        Glyphs.mark(html, kind, x() + 14, middle(), kind.words);
        next++;
    }

    private void call(@Nullable Answer answer, @Nullable String origin, String words) {
        entry(words);
        Wait wait = new Wait(new Moment(0, 0), 0, answer, origin, "");
        Glyphs.wait(html, x() + 1, x() + SIGN - 4, middle(), wait, words);
        next++;
    }
}
