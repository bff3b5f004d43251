package io.toolgate.support;

/** Texts on one line, safe to show on a terminal. */
public final class Messages {
    private Messages() {}

    /** The message of {@code thrown} on one line and without a full stop, or its type if it has none. */
    public static String oneLine(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null || message.isBlank() ? thrown.getClass().getSimpleName() : oneLine(message);
    }

    /** {@code text} on one line, without its full stop and without characters that move a terminal's cursor. */
    public static String oneLine(String text) {
        return printable(text.strip().replaceAll("\\s*\\R\\s*", " ")).replaceAll("\\.$", "");
    }

    /** {@code text} with a question mark for each control character and each character that is not visible. */
    public static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> out.appendCodePoint(isPrintable(c) ? c : '?'));
        return out.toString();
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
