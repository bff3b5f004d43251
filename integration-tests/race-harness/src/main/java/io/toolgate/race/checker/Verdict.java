package io.toolgate.race.checker;

import java.util.List;

/**
 * Whether the guarantees held.
 *
 * @param violations empty if they did
 * @param tally what was counted
 * @param figures latencies and lags
 */
public record Verdict(List<Violation> violations, Tally tally, Figures figures) {
    /** Whether they held. */
    public boolean held() {
        return violations.isEmpty();
    }
}
