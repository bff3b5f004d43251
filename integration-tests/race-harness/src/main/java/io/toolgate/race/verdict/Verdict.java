package io.toolgate.race.verdict;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Whether the guarantee held.
 *
 * @param violations empty if it did
 * @param tally what was counted
 */
public record Verdict(List<Violation> violations, Tally tally) {
    /** Whether it held. */
    public boolean held() {
        return violations.isEmpty();
    }

    /** The violations of each kind, the worst first. */
    public Map<Violation.Kind, List<Violation>> byKind() {
        return violations.stream().collect(Collectors.groupingBy(Violation::kind, TreeMap::new, Collectors.toList()));
    }
}
