package io.toolgate.cli.base;

import io.toolgate.support.UsageException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses times and durations that the user typed. Times are UTC. */
public final class TimeOptions {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private TimeOptions() {}

    /**
     * The duration that was typed for {@code option}, such as 90s, 10m, 2h or 7d.
     *
     * @throws UsageException if it is not a duration
     */
    public static Duration duration(String typed, String option) {
        Matcher matcher = DURATION.matcher(typed);
        if (!matcher.matches()) {
            throw new UsageException(
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
            throw new UsageException(option + " must be at most 36500d, not '" + typed + "'");
        }
        return duration;
    }

    /**
     * The time that was typed for {@code option}: a duration before {@code now}, or a time in UTC.
     *
     * @throws UsageException if it is neither
     */
    public static Instant time(String typed, String option, Instant now) {
        if (DURATION.matcher(typed).matches()) {
            return now.minus(duration(typed, option));
        }
        try {
            return Instant.parse(typed);
        } catch (DateTimeParseException e) {
            throw new UsageException(
                    option + " must be a duration before now, such as 24h or 7d, or a UTC time such as"
                            + " 2026-01-31T12:00:00Z, not '" + typed + "'",
                    e);
        }
    }
}
