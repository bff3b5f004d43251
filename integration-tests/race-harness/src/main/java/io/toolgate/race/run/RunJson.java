package io.toolgate.race.run;

import io.toolgate.race.checker.Tally;
import io.toolgate.race.checker.Violation;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.result.Percentiles;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.race.settings.RepeatCommand;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of a race for programs, which read the components' names in snake case: keep them.
 *
 * @param verdict {@code held} or {@code violated}
 */
record RunJson(
        String verdict,
        List<Violated> violations,
        long seed,
        String recovery,
        String provider,
        List<String> faults,
        int processes,
        int keys,
        int duplicates,
        int actionMillis,
        int leaseMillis,
        int waitMillis,
        long calls,
        long unanswered,
        long charges,
        long chargedTwice,
        long chargedInWindow,
        long chargedInFlight,
        long chargedByRerun,
        long executed,
        long replayed,
        long recovered,
        long rejected,
        long retryable,
        long inProgress,
        long inDoubt,
        long conflicts,
        long unavailable,
        long leaseLost,
        long errors,
        long kills,
        long freezes,
        long clockJumps,
        long takeovers,
        long starved,
        long staleRefused,
        long lateResults,
        long distinctResultsMax,
        long recorded,
        Percentiles executeLatencyMs,
        Percentiles replayLatencyMs,
        Percentiles replayLagMs,
        double callsPerSecond,
        double raceSeconds,
        Map<Integer, Long> executedByProcess,
        String database,
        String tenant,
        String repeat,
        @Nullable String files,
        List<String> complaints) {

    /** A violation. */
    record Violated(String kind, int rule, @Nullable String key, String seen, List<String> lines) {
        static Violated of(Violation violation) {
            return new Violated(
                    violation.kind().name().toLowerCase(Locale.ROOT),
                    violation.rule(),
                    violation.key(),
                    violation.seen(),
                    violation.lines());
        }
    }

    static RunJson of(RaceResult result) {
        RaceSettings settings = result.settings();
        Tally tally = result.verdict().tally();
        return new RunJson(
                result.verdict().held() ? "held" : "violated",
                result.verdict().violations().stream().map(Violated::of).toList(),
                settings.seed(),
                lower(settings.recovery()),
                settings.dedupes() ? "dedupe" : "no-dedupe",
                settings.faults().stream().sorted().map(RunJson::lower).toList(),
                settings.processes(),
                result.keys(),
                settings.duplicates(),
                settings.actionMillis(),
                settings.leaseMillis(),
                settings.waitMillis(),
                tally.calls(),
                tally.unanswered(),
                tally.charges(),
                tally.chargedTwice(),
                tally.chargedInWindow(),
                tally.chargedInFlight(),
                tally.chargedByRerun(),
                tally.executed(),
                tally.replayed(),
                tally.recovered(),
                tally.answered(Answer.REJECTED),
                tally.answered(Answer.RETRYABLE),
                tally.answered(Answer.IN_PROGRESS),
                tally.answered(Answer.IN_DOUBT),
                tally.answered(Answer.CONFLICT),
                tally.answered(Answer.UNAVAILABLE),
                tally.answered(Answer.LEASE_LOST),
                tally.answered(Answer.ERROR),
                tally.kills(),
                tally.freezes(),
                tally.reclockings(),
                tally.takeovers(),
                tally.starved(),
                tally.staleRefused(),
                tally.lateResults(),
                tally.distinctResultsMax(),
                tally.recorded(),
                Percentiles.of(result.verdict().figures().executing()),
                Percentiles.of(result.verdict().figures().replaying()),
                Percentiles.of(result.verdict().figures().replayLag()),
                Math.round(result.callsPerSecond() * 10) / 10.0,
                Math.round(result.seconds() * 1000) / 1000.0,
                tally.executedByProcess(),
                result.database(),
                result.tenant(),
                RepeatCommand.run(settings),
                result.files(),
                result.complaints());
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
