package io.toolgate.race.report;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Names and numbers as the report writes them. */
final class Texts {
    private static final int DIGEST_SHOWN = 12;

    private Texts() {}

    /** A constant's name in words. */
    static String of(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static String of(Enum<?> constant) {
        return of(constant.name());
    }

    /** A number with its digits grouped. */
    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** A count of things; {@code one} is the word for one of them. */
    static String count(long value, String one) {
        return number(value) + " " + one + (value == 1 ? "" : "s");
    }

    /** Nanoseconds, as milliseconds. */
    static String millis(long nanos) {
        double millis = nanos / 1e6;
        return String.format(Locale.ROOT, Math.abs(millis) < 10 ? "%,.2f ms" : "%,.0f ms", millis);
    }

    /** Nanoseconds as milliseconds or seconds, whichever is shorter. */
    static String brief(long nanos) {
        return nanos < 1_000_000_000L ? millis(nanos) : String.format(Locale.ROOT, "%,.1f s", nanos / 1e9);
    }

    /** A time of the database's clock. */
    static String database(long micros) {
        return micros == 0
                ? "unknown"
                : Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }

    /** The beginning of a digest, long enough to tell it from any other. */
    static String digest(String sha256) {
        return sha256.length() > DIGEST_SHOWN ? sha256.substring(0, DIGEST_SHOWN) + "…" : sha256;
    }

    /** The name of a process. */
    static String process(int process) {
        return switch (process) {
            case 0 -> "sweep";
            case KeyTimeline.Lane.UNKNOWN -> "unknown";
            default -> "process " + process;
        };
    }
}
