package io.toolgate.race.checker;

import io.toolgate.race.checker.Violation.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collector of the checks' findings. Of one kind at one key it keeps the first and the number of further ones. */
final class Findings {
    /** The findings of one kind at one key. */
    record Finding(Kind kind, String key, String seen, int more) {
        String text() {
            return more == 0 ? seen : seen + "; and " + more + " more like it";
        }
    }

    private final Map<Kind, Map<String, Finding>> byKind = new EnumMap<>(Kind.class);
    private final Map<Kind, List<String>> ofTheRun = new EnumMap<>(Kind.class);

    /** Adds a finding at {@code key}. */
    void add(Kind kind, String key, String seen) {
        var unused = byKind.computeIfAbsent(kind, k -> new LinkedHashMap<>())
                .merge(
                        key,
                        new Finding(kind, key, seen, 0),
                        (first, next) -> new Finding(kind, key, first.seen, first.more + 1));
    }

    /** Adds a finding about the run as a whole. */
    void add(Kind kind, String seen) {
        ofTheRun.computeIfAbsent(kind, k -> new ArrayList<>()).add(seen);
    }

    /** The findings of {@code kind}, in the order of the keys. */
    List<Finding> of(Kind kind) {
        return List.copyOf(byKind.getOrDefault(kind, Map.of()).values());
    }

    /** The findings of {@code kind} about the run as a whole. */
    List<String> ofTheRun(Kind kind) {
        return ofTheRun.getOrDefault(kind, List.of());
    }
}
