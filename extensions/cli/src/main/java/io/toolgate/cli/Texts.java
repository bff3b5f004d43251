package io.toolgate.cli;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How the command line writes what it shows. */
final class Texts {
    private static final int SHOWN_OF_A_KEY = 4;
    private static final int SHORTEST_QUOTED_KEY = 6;

    private Texts() {}

    /** {@code text} on one line, without its full stop and without anything that moves a terminal's cursor. */
    static String oneLine(String text) {
        return safe(text.strip().replaceAll("\\s*\\R\\s*", " ")).replaceAll("\\.$", "");
    }

    /** {@code text} with a question mark for each character that is not for reading: control characters, and those that hide. */
    static String safe(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> out.appendCodePoint(isForReading(c) ? c : '?'));
        return out.toString();
    }

    private static boolean isForReading(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** {@code key} in full, or its first characters, at most half of it, and the record's id. */
    static String key(String key, UUID id, boolean shown) {
        if (shown) {
            return key;
        }
        int points = Math.min(SHOWN_OF_A_KEY, key.codePointCount(0, key.length()) / 2);
        return key.substring(0, key.offsetByCodePoints(0, points)) + "…" + id;
    }

    /** {@code text}, which may quote {@code key}, with the key as it is shown; too short a key is a part of other words. */
    static String quoting(String text, String key, UUID id, boolean shown) {
        return shown || key.length() < SHORTEST_QUOTED_KEY ? text : text.replace(key, key(key, id, false));
    }

    /** {@code number} with commas. */
    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code number} and what it counts, in singular or plural. */
    static String count(long number, String one, String many) {
        return number(number) + " " + (number == 1 ? one : many);
    }

    /** A number of bytes, in the unit that people read it in. */
    static String bytes(long bytes) {
        if (bytes < 10_240) {
            return count(bytes, "byte", "bytes");
        }
        double kib = bytes / 1024.0;
        return kib < 10_240
                ? String.format(Locale.ROOT, "%,.0f KiB", kib)
                : String.format(Locale.ROOT, "%,.1f MiB", kib / 1024);
    }

    /** A name such as {@code IN_DOUBT}, for people. */
    static String lower(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** A failure in one phrase. */
    static String failure(@Nullable String code, @Nullable String message) {
        return code + (message == null || message.isBlank() ? "" : ": " + oneLine(message));
    }

    /** The text that {@code bytes} are in UTF-8, or null if they are none. */
    static @Nullable String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
