package io.toolgate.race.result;

import io.toolgate.race.checker.Verdict;
import io.toolgate.race.settings.RaceSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of a race.
 *
 * @param database its product, version and address
 * @param tenant of the rows that the run wrote
 * @param seconds from the start to the last answer
 * @param keys number of keys that were called
 * @param files the directory with the run's files, or null if they are removed
 * @param complaints lines that the processes wrote to standard error, each once
 * @param verdict whether the guarantees held
 */
public record RaceResult(
        RaceSettings settings,
        String database,
        String tenant,
        double seconds,
        int keys,
        @Nullable String files,
        List<String> complaints,
        Verdict verdict) {
    /** Answered calls per second. */
    public double callsPerSecond() {
        long answered =
                verdict.tally().answers().values().stream().mapToLong(n -> n).sum();
        return seconds > 0 ? answered / seconds : 0;
    }
}
