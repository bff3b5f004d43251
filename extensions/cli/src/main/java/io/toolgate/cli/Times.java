package io.toolgate.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and durations, as they are typed and shown. Times are UTC. */
final class Times {
    private static final DateTimeFormatter SHOWN =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private Times() {}

    /** A time for people, to the millisecond. */
    static String shown(Instant time) {
        return SHOWN.format(time);
    }

    /** A duration for people, in its two largest units. */
    static String shown(Duration duration) {
        long millis = duration.abs().toMillis();
        String sign = duration.isNegative() ? "-" : "";
        if (millis < 1000) {
            return sign + millis + " ms";
        } else if (millis < 60_000) {
            return sign + String.format(Locale.ROOT, "%.1f s", Math.floor(millis / 100.0) / 10);
        }
        long seconds = millis / 1000;
        if (seconds < 3600) {
            return sign + two(seconds / 60, "min", seconds % 60, "s");
        } else if (seconds < 86_400) {
            return sign + two(seconds / 3600, "h", seconds / 60 % 60, "min");
        }
        return sign + two(seconds / 86_400, "d", seconds / 3600 % 24, "h");
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return large + " " + largeUnit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }

    /**
     * The duration that was typed for {@code option}, such as 90s, 10m, 2h or 7d.
     *
     * @throws RefusedException if it is none
     */
    static Duration duration(String typed, String option) {
        Matcher matcher = DURATION.matcher(typed);
        if (!matcher.matches()) {
            throw new RefusedException(
                    option + " must be a number and a unit, such as 90s, 10m, 2h or 7d, not '" + typed + "'");
        }
        long number = Long.parseLong(matcher.group(1));
        Duration duration = switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
        if (duration.compareTo(Duration.ofDays(36_500)) > 0) {
            throw new RefusedException(option + " must be at most 36500d, not '" + typed + "'");
        }
        return duration;
    }

    /**
     * The time that was typed for {@code option}: a duration before {@code now}, or a time of UTC.
     *
     * @throws RefusedException if it is neither
     */
    static Instant time(String typed, String option, Instant now) {
        if (DURATION.matcher(typed).matches()) {
            return now.minus(duration(typed, option));
        }
        try {
            return Instant.parse(typed);
        } catch (DateTimeParseException e) {
            throw new RefusedException(
                    option + " must be a duration back from now, such as 24h or 7d, or a time such as"
                            + " 2026-01-31T12:00:00Z, not '" + typed + "'",
                    e);
        }
    }
}
