package io.toolgate.race.checker;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.toolgate.race.checker.Violation.Kind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Verdict on a run: whether the guarantees held.
 *
 * @param violations empty if they held; the worst kind first, at most one of a kind per key
 * @param tally the counts
 * @param figures the latencies
 */
public record Verdict(List<Violation> violations, Tally tally, Figures figures) {
    /** Whether the guarantees held. */
    public boolean held() {
        return violations.isEmpty();
    }

    /** The violations by kind, the worst first: one fault often violates a rule at every key. */
    public Map<Kind, List<Violation>> byKind() {
        return violations.stream().collect(groupingBy(Violation::kind, () -> new EnumMap<>(Kind.class), toList()));
    }
}
