package io.toolgate.race.demo;

import io.toolgate.race.verdict.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a demo.
 *
 * @param settings that it was run with
 * @param database on which, for people
 * @param tenant whose rows it made
 * @param seconds from the start of the race to its end
 * @param files where what it wrote can be read, if it is kept
 * @param complaints what the processes wrote to their standard errors
 * @param verdict on it
 */
record DemoResult(
        DemoSettings settings,
        String database,
        String tenant,
        double seconds,
        @Nullable String files,
        List<String> complaints,
        Verdict verdict) {

    double callsPerSecond() {
        return seconds == 0 ? 0 : verdict.tally().calls() / seconds;
    }
}
