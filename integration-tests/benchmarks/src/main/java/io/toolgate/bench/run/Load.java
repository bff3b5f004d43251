package io.toolgate.bench.run;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a closed loop runs.
 *
 * @param warmup before the window, under the same load
 * @param window that is measured
 */
public record Load(Duration warmup, Duration window) {
    Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("warmup_seconds", warmup.toMillis() / 1e3);
        settings.put("window_seconds", window.toMillis() / 1e3);
        return settings;
    }
}
