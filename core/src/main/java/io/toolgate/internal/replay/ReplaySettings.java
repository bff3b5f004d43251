package io.toolgate.internal.replay;

import java.time.Duration;
import java.util.function.LongSupplier;

/** The settings of a replay cache, validated by the public API. */
public record ReplaySettings(long maximumBytes, Duration maximumAge, LongSupplier nanoTime) {

    /** Whether Caffeine, which is optional, is on the class path. */
    public static boolean isCaffeinePresent() {
        try {
            Class<?> unused = Class.forName(
                    "com.github.benmanes.caffeine.cache.Caffeine", false, ReplaySettings.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
