package io.toolgate.cli.output;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times, in UTC, and durations as people read them. */
public final class Times {
    private static final DateTimeFormatter SHOWN =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Times() {}

    /** A time to the millisecond. */
    public static String shown(Instant time) {
        return SHOWN.format(time);
    }

    /** A duration in its two largest units. */
    public static String shown(Duration duration) {
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
}
