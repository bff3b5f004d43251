package io.toolgate.race.verify;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.race.settings.RaceSettings;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** All deliberately broken runtimes. */
final class Mutants {
    private Mutants() {}

    /** All broken runtimes; those that are caught soonest come first. */
    static final List<Mutant> ALL = List.of(
            of(
                    "no-gate",
                    "runs the action on every call",
                    BrokenAction.NoGate.class,
                    race -> race.dedupes(false),
                    Kind.CHARGED_TWICE),
            of(
                    "select-then-insert",
                    "reads whether a key exists, and then overwrites it",
                    BrokenSql.SelectThenInsert.class,
                    race -> race.dedupes(false).processes(8).keys(60).actionMillis(50),
                    Kind.CHARGED_TWICE,
                    Kind.TWO_OWNERS,
                    Kind.FENCE_FELL),
            of(
                    "no-fence",
                    "compares no tokens and does not increase the fence",
                    BrokenSql.NoFence.class,
                    Mutants::frozenBeforeCommit,
                    Kind.STALE_END,
                    Kind.FENCE_FELL,
                    Kind.STALE_RENEWAL,
                    Kind.TWO_OWNERS),
            of(
                    "token-ignored-on-complete",
                    "lets a stale owner complete",
                    BrokenSql.TokenIgnoredOnComplete.class,
                    Mutants::frozenBeforeCommit,
                    Kind.STALE_END),
            of(
                    "completes-twice",
                    "overwrites a finished result with a late one",
                    BrokenSql.CompletesTwice.class,
                    Mutants::frozenBeforeCommit,
                    Kind.FINISHED_CHANGED,
                    Kind.DIFFERENT_RESULTS),
            of(
                    "lease-by-host-clock",
                    "grants and judges leases by the process's clock",
                    BrokenSql.LeaseByHostClock.class,
                    race -> race.faults(Set.of(Fault.Kind.CLOCK))
                            .faultEveryMillis(100)
                            .recovery(Recovery.RERUN)
                            .actionMillis(200)
                            .soakSeconds(6),
                    Kind.TWO_OWNERS,
                    Kind.STALE_RENEWAL),
            of(
                    "heartbeat-revives",
                    "renews a lost lease with a heartbeat",
                    BrokenSql.HeartbeatRevives.class,
                    Mutants::frozenBeforeCommit,
                    Kind.STALE_RENEWAL,
                    Kind.STALE_END,
                    Kind.TWO_OWNERS),
            of(
                    "no-heartbeat",
                    "reports leases as held without a heartbeat",
                    BrokenStore.NoHeartbeat.class,
                    // The charge happens after the lease that is not renewed has ended, and after the probe of a
                    // takeover.
                    race -> race.recovery(Recovery.PROBE)
                            .dedupes(false)
                            .actionMillis(1600)
                            .keys(3),
                    Kind.CHARGED_TWICE),
            of(
                    "lease-never-ends",
                    "never takes over from a dead owner",
                    BrokenSql.LeaseNeverEnds.class,
                    race -> aimed(race, Failpoint.AFTER_EFFECT, Fault.Kind.KILL)
                            .recovery(Recovery.PROBE)
                            .waitMillis(700)
                            .keys(8)
                            .soakSeconds(2),
                    Kind.LEFT_IN_PROGRESS,
                    Kind.NOT_TAKEN_OVER,
                    Kind.UNRESOLVED),
            of(
                    "released-on-any-exception",
                    "releases the key on any exception of the action",
                    BrokenAction.ReleasedOnAnyException.class,
                    race -> race.dedupes(false).mischiefPercent(20),
                    Kind.CHARGED_TWICE,
                    Kind.RELEASED_AFTER_EFFECT),
            of(
                    "reruns-without-probe",
                    "reruns a record of unknown effect although its action declares to hold",
                    BrokenAction.RerunsWithoutProbe.class,
                    race -> aimed(race, Failpoint.AFTER_EFFECT, Fault.Kind.KILL).dedupes(false),
                    Kind.CHARGED_TWICE,
                    Kind.BLIND_RERUN),
            of(
                    "never-probes",
                    "answers every probe \"not happened\" without a query",
                    BrokenAction.NeverProbes.class,
                    race -> aimed(race, Failpoint.AFTER_EFFECT, Fault.Kind.KILL)
                            .recovery(Recovery.PROBE)
                            .dedupes(false),
                    Kind.CHARGED_TWICE,
                    Kind.BLIND_RERUN),
            of(
                    "replays-another-input",
                    "replays the result of another input",
                    BrokenAction.ReplaysAnotherInput.class,
                    race -> race.mischiefPercent(25),
                    Kind.OTHER_INPUT_ANSWERED),
            of(
                    "acknowledges-before-commit",
                    "answers before the commit",
                    BrokenStore.AcknowledgesBeforeCommit.class,
                    UnaryOperator.identity(),
                    Kind.ACKNOWLEDGED_EARLY,
                    Kind.NOT_RECORDED),
            of(
                    "replays-other-bytes",
                    "replays other bytes than those that were stored",
                    BrokenStore.ReplaysOtherBytes.class,
                    UnaryOperator.identity(),
                    Kind.DIFFERENT_RESULTS,
                    Kind.NOT_RECORDED),
            of(
                    "waits-for-ever",
                    "goes on waiting after its time is up",
                    BrokenAction.WaitsForEver.class,
                    race -> race.waitMillis(300).actionMillis(2500).keys(3),
                    Kind.LATE_ANSWER));

    private static RaceSettings.Builder aimed(RaceSettings.Builder race, Failpoint point, Fault.Kind kind) {
        return race.failpoints(List.of(new Fault(kind, point))).soakSeconds(4);
    }

    /**
     * Freezes owners after their effect, so that they are taken over and continue during or after their successors'
     * runs.
     */
    private static RaceSettings.Builder frozenBeforeCommit(RaceSettings.Builder race) {
        return aimed(race, Failpoint.BEFORE_COMMIT, Fault.Kind.FREEZE)
                .recovery(Recovery.RERUN)
                .actionMillis(400)
                .keys(8)
                .soakSeconds(8);
    }

    private static Mutant of(
            String name,
            String does,
            Class<? extends RuntimeUnderTest> runtime,
            UnaryOperator<RaceSettings.Builder> race,
            Kind... caughtBy) {
        return new Mutant(name, does, runtime, race, EnumSet.copyOf(List.of(caughtBy)));
    }
}
