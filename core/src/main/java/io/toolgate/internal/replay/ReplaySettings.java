package io.toolgate.internal.replay;

import java.time.Duration;
import java.util.function.LongSupplier;

/** How a replay cache is made; the public API has checked the values. */
public record ReplaySettings(long maximumBytes, Duration maximumAge, LongSupplier nanoTime) {

    /** Whether the optional library that the cache is made of can be loaded. */
    public static boolean isCaffeineThere() {
        try {
            Class<?> unused = Class.forName(
                    "com.github.benmanes.caffeine.cache.Caffeine", false, ReplaySettings.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
