package io.toolgate.race.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Writes elements that are HTML and well-formed XML at once. All texts and attributes are escaped here, and only here.
 * Attributes are given as name, value, name, value; numbers are coordinates and get one decimal.
 */
final class Html {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens an element. */
    void open(String tag, Object... attributes) {
        start(tag, attributes);
        out.append('>');
        open.push(tag);
    }

    /** Closes the innermost element. */
    void close() {
        out.append("</").append(open.pop()).append(">\n");
    }

    /** An element with a text. */
    void leaf(String tag, String text, Object... attributes) {
        start(tag, attributes);
        out.append('>').append(escape(text)).append("</").append(tag).append('>');
    }

    /** An element without content. */
    void empty(String tag, Object... attributes) {
        start(tag, attributes);
        out.append("/>\n");
    }

    /** An element whose only content is its tooltip. */
    void titled(String tag, String title, Object... attributes) {
        open(tag, attributes);
        leaf("title", title);
        close();
    }

    /**
     * An element whose content is written unescaped.
     *
     * @param content a constant of the page, without {@code <} and {@code &}
     */
    void raw(String tag, String content) {
        if (content.indexOf('<') >= 0 || content.indexOf('&') >= 0) {
            throw new IllegalArgumentException("content of " + tag + " would not be read as it stands");
        }
        out.append('<')
                .append(tag)
                .append('>')
                .append(content)
                .append("</")
                .append(tag)
                .append(">\n");
    }

    /** A text inside the innermost element. */
    void text(String text) {
        out.append(escape(text));
    }

    private void start(String tag, Object... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            Object value = attributes[i + 1];
            out.append(' ')
                    .append(attributes[i])
                    .append("=\"")
                    .append(escape(value instanceof Double number ? number(number) : value.toString()))
                    .append('"');
        }
    }

    /** A coordinate. */
    static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** {@code text}, escaped so that neither a browser nor an XML parser takes it for markup or rejects it. */
    static String escape(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(isXml(c) ? c : 0xFFFD);
            }
        });
        return safe.toString();
    }

    private static boolean isXml(int c) {
        return c == '\t'
                || c == '\n'
                || (c >= ' ' && c < 0x7F)
                || (c > 0x9F && c < 0xD800)
                || (c > 0xDFFF && c < 0xFFFE)
                || c > 0xFFFF;
    }

    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("not closed: " + open);
        }
        return out.toString();
    }
}
