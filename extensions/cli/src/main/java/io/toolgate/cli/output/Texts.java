package io.toolgate.cli.output;

import io.toolgate.support.Messages;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Texts for people: keys masked, numbers grouped, sizes and failures as phrases. */
public final class Texts {
    private static final int SHOWN_OF_A_KEY = 4;
    private static final int SHORTEST_QUOTED_KEY = 6;

    private Texts() {}

    /** {@code key} in full if {@code shown}, else masked: its first characters, at most half, and the record's id. */
    public static String key(String key, UUID id, boolean shown) {
        if (shown) {
            return key;
        }
        int points = Math.min(SHOWN_OF_A_KEY, key.codePointCount(0, key.length()) / 2);
        return key.substring(0, key.offsetByCodePoints(0, points)) + "…" + id;
    }

    /** {@code text} with {@code key} masked where it is quoted; a short key is left, as it may be part of a word. */
    public static String quoting(String text, String key, UUID id, boolean shown) {
        return shown || key.length() < SHORTEST_QUOTED_KEY ? text : text.replace(key, key(key, id, false));
    }

    /** {@code number} with its digits grouped by commas. */
    public static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code number} and what it counts, in singular or plural. */
    public static String count(long number, String one, String many) {
        return number(number) + " " + (number == 1 ? one : many);
    }

    /** A number of bytes in a unit that suits its size. */
    public static String bytes(long bytes) {
        if (bytes < 10_240) {
            return count(bytes, "byte", "bytes");
        }
        double kib = bytes / 1024.0;
        return kib < 10_240
                ? String.format(Locale.ROOT, "%,.0f KiB", kib)
                : String.format(Locale.ROOT, "%,.1f MiB", kib / 1024);
    }

    /** A constant's name such as {@code IN_DOUBT} as words: {@code in doubt}. */
    public static String lower(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** A failure as {@code code: message}. */
    public static String failure(@Nullable String code, @Nullable String message) {
        return code + (message == null || message.isBlank() ? "" : ": " + Messages.oneLine(message));
    }

    /** {@code bytes} decoded as UTF-8, or null if they are not UTF-8. */
    public static @Nullable String utf8(byte[] bytes) {
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
