package io.toolgate.internal.base;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Validation of arguments; a message names the argument, what is wrong with it and the remedy. */
public final class Preconditions {
    /** The longest tenant, action name, key or owner, in bytes of UTF-8. */
    public static final int MAX_TEXT_BYTES = 255;

    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Preconditions() {}

    /** Returns {@code value}, or throws a {@link NullPointerException} that names it. */
    @CanIgnoreReturnValue
    public static <T> T notNull(@Nullable T value, String name) {
        if (value == null) {
            throw new NullPointerException(name + " is null; pass a value");
        }
        return value;
    }

    /**
     * Returns {@code text} if it is an identifier: well-formed UTF-16 without NUL, of 1 to 255 bytes of UTF-8. The text
     * itself stays out of the message, because keys do not belong in logs.
     *
     * @throws IllegalArgumentException that says what is wrong and where
     */
    @CanIgnoreReturnValue
    public static String identifier(@Nullable String text, String name) {
        if (text == null) {
            throw new IllegalArgumentException(name + " is null; pass 1 to 255 bytes of text");
        }
        if (text.isEmpty()) {
            throw new IllegalArgumentException(name + " is empty; pass 1 to 255 bytes of text");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new IllegalArgumentException(name + " has a NUL character at index " + i + "; remove it");
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    throw new IllegalArgumentException(String.format(
                            "%s has an unpaired surrogate (U+%04X) at index %d; pass well-formed text",
                            name, (int) c, i));
                }
                i++;
            }
        }
        // A char is at least one byte of UTF-8, so that a very long text is refused before it is encoded.
        int bytes = text.length() > MAX_TEXT_BYTES ? text.length() : text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException(name + " is "
                    + (text.length() > MAX_TEXT_BYTES ? "at least " : "") + bytes + " bytes of UTF-8; at most "
                    + MAX_TEXT_BYTES + " are allowed: use a shorter text, or a hash of it");
        }
        return text;
    }

    /** Returns {@code text} if it is an {@link #identifier} and not blank. */
    @CanIgnoreReturnValue
    public static String name(@Nullable String text, String name) {
        String checked = identifier(text, name);
        if (checked.isBlank()) {
            throw new IllegalArgumentException(name + " is blank; pass a name that says what it stands for");
        }
        return checked;
    }

    /** Returns {@code text} if it has 1 to {@code maxChars} characters that are not all blank, and no NUL. */
    @CanIgnoreReturnValue
    public static String text(@Nullable String text, String name, int maxChars) {
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException(
                    name + " is " + (text == null ? "null" : "blank") + "; pass 1 to " + maxChars + " characters");
        }
        if (text.length() > maxChars) {
            throw new IllegalArgumentException(
                    name + " has " + text.length() + " characters; at most " + maxChars + " are allowed");
        }
        if (text.indexOf(0) >= 0) {
            throw new IllegalArgumentException(
                    name + " has a NUL character at index " + text.indexOf(0) + "; remove it");
        }
        return text;
    }

    /** Returns {@code given} if it lies between one millisecond and a hundred years. */
    @CanIgnoreReturnValue
    public static Duration positive(@Nullable Duration given, String name) {
        Duration duration = notNull(given, name);
        if (duration.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(name + " is " + duration + "; it must be at least 1 ms");
        }
        return bounded(duration, name);
    }

    /** Returns {@code given} if it is zero or more, and at most a hundred years. */
    @CanIgnoreReturnValue
    public static Duration notNegative(@Nullable Duration given, String name) {
        Duration duration = notNull(given, name);
        if (duration.isNegative()) {
            throw new IllegalArgumentException(name + " is " + duration + "; it must be zero or more");
        }
        return bounded(duration, name);
    }

    private static Duration bounded(Duration duration, String name) {
        if (duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " is " + duration + "; it must be at most " + LONGEST);
        }
        return duration;
    }

    /** Returns {@code number} if it is at least one. */
    @CanIgnoreReturnValue
    public static int atLeastOne(int number, String name) {
        if (number < 1) {
            throw new IllegalArgumentException(name + " is " + number + "; it must be at least 1");
        }
        return number;
    }
}
