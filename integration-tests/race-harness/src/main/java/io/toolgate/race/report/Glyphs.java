package io.toolgate.race.report;

import io.toolgate.race.provider.LedgerLine;
import io.toolgate.race.report.KeyTimeline.Mark;
import io.toolgate.race.report.KeyTimeline.Wait;

/** The symbols of the pictures, shared by the lanes and the legend. */
final class Glyphs {
    private static final double RADIUS = 5;
    private static final double COIN = 7;

    private Glyphs() {}

    /** The fill patterns of the pictures; written once on the page. */
    static void patterns(Html html) {
        html.open("svg", "class", "patterns", "width", 0, "height", 0, "aria-hidden", "true");
        html.open("defs");
        html.open(
                "pattern",
                "id",
                "hatch",
                "width",
                6,
                "height",
                6,
                "patternUnits",
                "userSpaceOnUse",
                "patternTransform",
                "rotate(45)");
        html.empty("rect", "width", 6, "height", 6, "class", "hatch-ground");
        html.empty("rect", "width", 2, "height", 6, "class", "hatch-line");
        html.close();
        html.close();
        html.close();
    }

    /** An action of the provider, with a dollar sign for a charge. */
    static void coin(Html html, double x, double y, LedgerLine.Kind kind, String title) {
        String sign = switch (kind) {
            case CHARGED -> "$";
            case REPEATED -> "=";
            case DECLINED -> "–";
        };
        sign(html, x, y, "coin " + Texts.of(kind), sign, title);
    }

    static void probe(Html html, double x, double y, String title) {
        sign(html, x, y, "probe", "?", title);
    }

    private static void sign(Html html, double x, double y, String style, String sign, String title) {
        html.open("g", "class", style);
        html.leaf("title", title);
        html.empty("circle", "cx", x, "cy", y, "r", COIN);
        html.leaf("text", sign, "x", x, "y", y + 4);
        html.close();
    }

    static void kill(Html html, double x, double y, String title) {
        double r = RADIUS + 1;
        html.titled(
                "path",
                title,
                "d",
                "M" + at(x - r, y - r) + "L" + at(x + r, y + r) + "M" + at(x + r, y - r) + "L" + at(x - r, y + r),
                "class",
                "kill");
    }

    /** A mark on the bar of an attempt. */
    static void mark(Html html, Mark.Kind kind, double x, double y, String title) {
        switch (kind) {
            case COMPLETED, REJECTED, ALREADY -> dot(html, x, y, "stored", title);
            case REFUSED, LOST -> dot(html, x, y, "refused", title);
            case RELEASED -> dot(html, x, y, "released", title);
            case FAILED, CUT, CLAIM_CUT -> dot(html, x, y, "cut", title);
            case DOUBT -> html.titled("path", title, "d", diamond(x, y), "class", "doubt");
            case ENSURED ->
                html.titled("path", title, "d", "M" + at(x, y - 6) + "L" + at(x, y + 6), "class", "ensured");
            case PROBED -> probe(html, x, y, title);
            case RECLOCKED ->
                html.titled("path", title, "d", "M" + at(x, y - 9) + "L" + at(x, y + 9), "class", "reclocked");
        }
    }

    private static void dot(Html html, double x, double y, String style, String title) {
        html.titled("circle", title, "cx", x, "cy", y, "r", RADIUS, "class", style);
    }

    private static String diamond(double x, double y) {
        double r = RADIUS + 1.5;
        return "M" + at(x, y - r) + "L" + at(x + r, y) + "L" + at(x, y + r) + "L" + at(x - r, y) + "Z";
    }

    /** A call, from {@code from} to {@code to}. */
    static void wait(Html html, double from, double to, double y, Wait wait, String title) {
        String style = style(wait);
        html.open("g", "class", "wait " + style);
        html.leaf("title", title);
        html.empty("line", "x1", from, "x2", to, "y1", y, "y2", y);
        // A thin line is hard to hit with a pointer.
        html.empty("line", "x1", from, "x2", to, "y1", y, "y2", y, "class", "catch");
        html.empty("path", "d", "M" + at(to - 3, y - 3) + "L" + at(to + 3, y) + "L" + at(to - 3, y + 3) + "Z");
        html.close();
    }

    /** The style of a call's end. */
    static String style(Wait wait) {
        if (wait.answer() == null) {
            return "unanswered";
        }
        return switch (wait.answer()) {
            case COMPLETED, REJECTED -> wait.replayed() ? "replayed" : "executed";
            case IN_DOUBT -> "doubtful";
            case RETRYABLE, IN_PROGRESS, CONFLICT, UNAVAILABLE, LEASE_LOST, ERROR -> "other";
        };
    }

    static String at(double x, double y) {
        return Html.number(x) + " " + Html.number(y);
    }
}
