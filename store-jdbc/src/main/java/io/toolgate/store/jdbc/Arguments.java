package io.toolgate.store.jdbc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.Payload;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Validates arguments, with messages that name the argument, its value and the allowed range. */
final class Arguments {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Arguments() {}

    @CanIgnoreReturnValue
    static <T> T notNull(@Nullable T value, String name) {
        if (value == null) {
            throw new NullPointerException(name + " is null; pass a value");
        }
        return value;
    }

    @CanIgnoreReturnValue
    static Duration between(@Nullable Duration given, Duration least, Duration most, String name) {
        Duration duration = notNull(given, name);
        if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    name + " is " + duration + "; it must be at least " + least + " and at most " + most);
        }
        return duration;
    }

    @CanIgnoreReturnValue
    static Duration positive(@Nullable Duration given, String name) {
        return between(given, Duration.ofMillis(1), LONGEST, name);
    }

    @CanIgnoreReturnValue
    static Duration notNegative(@Nullable Duration given, String name) {
        return between(given, Duration.ZERO, LONGEST, name);
    }

    @CanIgnoreReturnValue
    static long notNegative(long number, String name) {
        if (number < 0) {
            throw new IllegalArgumentException(name + " is " + number + "; it must be zero or more");
        }
        return number;
    }

    @CanIgnoreReturnValue
    static Payload available(@Nullable Payload payload, String name) {
        Payload given = notNull(payload, name);
        if (!given.isAvailable()) {
            throw new IllegalArgumentException(
                    name + " is unavailable; pass a payload with a value, such as a message as text");
        }
        return given;
    }

    @CanIgnoreReturnValue
    static int atLeastOne(int number, String name) {
        if (number < 1) {
            throw new IllegalArgumentException(name + " is " + number + "; it must be at least 1");
        }
        return number;
    }
}
