package io.toolgate.bench.load;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The length of a closed loop.
 *
 * @param warmup before the window, under the same load
 * @param window to measure
 */
public record Load(Duration warmup, Duration window) {
    /** For the report. */
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("warmup_seconds", warmup.toMillis() / 1e3);
        settings.put("window_seconds", window.toMillis() / 1e3);
        return settings;
    }
}
