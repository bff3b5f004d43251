package io.toolgate.race.run;

import io.toolgate.race.checker.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a race came to.
 *
 * @param database its product, version and address
 * @param tenant whose rows the run made
 * @param seconds from the start to the last answer
 * @param keys how many were given out
 * @param files the directory with the run's files, or null if they are removed
 * @param complaints what the processes wrote to their standard errors, each line once
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
    /** How many calls were answered in a second. */
    public double callsPerSecond() {
        long answered =
                verdict.tally().answers().values().stream().mapToLong(n -> n).sum();
        return seconds > 0 ? answered / seconds : 0;
    }
}
