package io.toolgate.race;

/** What exceptions say, for people who see one line of it. */
public final class Messages {
    private Messages() {}

    /** The message of {@code thrown} on one line and without a full stop, or its type where it has none. */
    public static String oneLine(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null || message.isBlank()
                ? thrown.getClass().getSimpleName()
                : message.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\.$", "");
    }
}
