package io.toolgate.bench.report;

import java.util.Locale;

/** Writes the elements of an SVG picture. For one thread. */
final class Svg {
    /** The position of a text relative to its point. */
    enum Anchor {
        START,
        MIDDLE,
        END
    }

    static final String INK = "#222222";
    static final String PALE_INK = "#666666";
    private static final String GRID = "#dddddd";

    private final StringBuilder picture = new StringBuilder();

    Svg(double width, double height, String title) {
        picture.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %1$.0f %2$.0f\" width=\"%1$.0f\""
                        + " height=\"%2$.0f\" role=\"img\" font-family=\"system-ui, 'Segoe UI', Helvetica, Arial,"
                        + " sans-serif\">%n<title>%3$s</title>%n<rect width=\"100%%\" height=\"100%%\""
                        + " fill=\"#ffffff\"/>%n",
                width,
                height,
                escaped(title)));
    }

    void gridLine(double fromX, double toX, double y) {
        picture.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>%n",
                fromX,
                y,
                toX,
                y,
                GRID));
    }

    /** A rectangle, with a text that shows when one points at it. */
    void bar(double x, double y, double width, double height, String colour, String hint) {
        picture.append(String.format(
                Locale.ROOT,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"><title>%s</title></rect>%n",
                x,
                y,
                width,
                height,
                colour,
                escaped(hint)));
    }

    void text(double x, double y, int size, Anchor anchor, String colour, String text) {
        text(x, y, size, anchor, colour, "normal", text);
    }

    void heading(double x, double y, int size, String text) {
        text(x, y, size, Anchor.START, INK, "600", text);
    }

    private void text(double x, double y, int size, Anchor anchor, String colour, String weight, String text) {
        picture.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" font-weight=\"%s\" fill=\"%s\""
                        + " text-anchor=\"%s\">%s</text>%n",
                x,
                y,
                size,
                weight,
                colour,
                anchor.name().toLowerCase(Locale.ROOT),
                escaped(text)));
    }

    /** A text that reads upwards from its point. */
    void upwards(double x, double y, int size, String colour, String text) {
        picture.append(String.format(
                Locale.ROOT,
                "<text transform=\"translate(%.1f %.1f) rotate(-90)\" font-size=\"%d\" fill=\"%s\">%s</text>%n",
                x,
                y,
                size,
                colour,
                escaped(text)));
    }

    String end() {
        return picture + "</svg>\n";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
