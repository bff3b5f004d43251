package io.toolgate.race.demo;

import io.toolgate.race.checker.Tally;
import io.toolgate.race.checker.Violation;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.result.Percentiles;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.settings.RaceSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of a demo for programs, which read the components' names in snake case: keep them.
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
        Percentiles replayLatencyMs,
        double raceSeconds,
        Map<Integer, Long> executedByProcess,
        String database,
        String tenant,
        String repeat,
        @Nullable String files,
        List<String> complaints) {

    static DemoJson of(RaceResult result) {
        RaceSettings settings = result.settings();
        Tally tally = result.verdict().tally();
        return new DemoJson(
                result.verdict().held() ? "held" : "violated",
                result.verdict().violations(),
                settings.seed(),
                settings.processes(),
                result.keys(),
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
                Percentiles.of(result.verdict().figures().replaying()),
                Math.round(result.seconds() * 1000) / 1000.0,
                tally.executedByProcess(),
                result.database(),
                result.tenant(),
                DemoCommand.repeat(settings),
                result.files(),
                result.complaints());
    }
}
