package io.toolgate.race.demo;

import io.toolgate.race.verdict.Latencies;
import io.toolgate.race.verdict.Tally;
import io.toolgate.race.verdict.Violation;
import io.toolgate.race.worker.CallLine.Answer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A demo's result for programs. The components' names, in snake case, are the names that programs read: keep them.
 *
 * @param verdict {@code held} or {@code violated}
 */
record DemoJson(
        String verdict,
        List<Violation> violations,
        long seed,
        int processes,
        int keys,
        int duplicates,
        int actionMillis,
        long calls,
        long charges,
        long chargedTwice,
        long executed,
        long replayed,
        long inProgress,
        long inDoubt,
        long rejected,
        long retryable,
        long conflicts,
        long unavailable,
        long leaseLost,
        long errors,
        long distinctResultsMax,
        long recorded,
        double callsPerSecond,
        Latencies replayLatencyMs,
        double raceSeconds,
        Map<Integer, Long> executedByProcess,
        String database,
        String tenant,
        String repeat,
        @Nullable String files,
        List<String> complaints) {

    /** A run that did not come to its end. */
    record Failed(String verdict, String error) {}

    static DemoJson of(DemoResult result) {
        DemoSettings settings = result.settings();
        Tally tally = result.verdict().tally();
        return new DemoJson(
                result.verdict().held() ? "held" : "violated",
                result.verdict().violations(),
                settings.seed(),
                settings.processes(),
                settings.keys(),
                settings.duplicates(),
                settings.actionMillis(),
                tally.calls(),
                tally.charges(),
                tally.chargedTwice(),
                tally.executed(),
                tally.replayed(),
                tally.answered(Answer.IN_PROGRESS),
                tally.answered(Answer.IN_DOUBT),
                tally.answered(Answer.REJECTED),
                tally.answered(Answer.RETRYABLE),
                tally.answered(Answer.CONFLICT),
                tally.answered(Answer.UNAVAILABLE),
                tally.answered(Answer.LEASE_LOST),
                tally.answered(Answer.ERROR),
                tally.distinctResultsMax(),
                tally.recorded(),
                Math.round(result.callsPerSecond() * 10) / 10.0,
                tally.replay(),
                Math.round(result.seconds() * 1000) / 1000.0,
                tally.executedByProcess(),
                result.database(),
                result.tenant(),
                DemoTable.repeat(settings),
                result.files(),
                result.complaints());
    }
}
