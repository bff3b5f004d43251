package io.toolgate.race.checker;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.toolgate.race.checker.Violation.Kind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Whether the guarantees held.
 *
 * @param violations empty if they did; the worst kind first, at most one of a kind for one key
 * @param tally what was counted
 * @param figures latencies and lags
 */
public record Verdict(List<Violation> violations, Tally tally, Figures figures) {
    /** Whether they held. */
    public boolean held() {
        return violations.isEmpty();
    }

    /** The violations by their kinds, the worst first: of one fault there are often as many as there are keys. */
    public Map<Kind, List<Violation>> byKind() {
        return violations.stream().collect(groupingBy(Violation::kind, () -> new EnumMap<>(Kind.class), toList()));
    }
}
