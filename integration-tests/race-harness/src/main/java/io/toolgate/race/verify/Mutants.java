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

    /** All, those first that are caught soonest. */
    static final List<Mutant> ALL = List.of(
            of(
                    "no-gate",
                    "runs the action on every call",
                    BrokenAction.NoGate.class,
                    race -> race.dedupes(false),
                    Kind.CHARGED_TWICE),
            of(
                    "select-then-insert",
                    "looks whether a key is there, and then writes it over",
                    BrokenSql.SelectThenInsert.class,
                    race -> race.dedupes(false).processes(8).keys(60).actionMillis(50),
                    Kind.CHARGED_TWICE,
                    Kind.TWO_OWNERS,
                    Kind.FENCE_FELL),
            of(
                    "no-fence",
                    "compares nobody's token and gives no new fences",
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
                    "writes a late result over a finished one",
                    BrokenSql.CompletesTwice.class,
                    Mutants::frozenBeforeCommit,
                    Kind.FINISHED_CHANGED,
                    Kind.DIFFERENT_RESULTS),
            of(
                    "lease-by-host-clock",
                    "gives and judges leases by the process's clock",
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
                    "takes a lost lease back with a heartbeat",
                    BrokenSql.HeartbeatRevives.class,
                    Mutants::frozenBeforeCommit,
                    Kind.STALE_RENEWAL,
                    Kind.STALE_END,
                    Kind.TWO_OWNERS),
            of(
                    "no-heartbeat",
                    "says that leases hold without asking",
                    BrokenStore.NoHeartbeat.class,
                    // The charge comes when a lease is over that nobody keeps alive, and after a probe could ask.
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
                    "frees the key whatever the action throws",
                    BrokenAction.ReleasedOnAnyException.class,
                    race -> race.dedupes(false).mischiefPercent(20),
                    Kind.CHARGED_TWICE,
                    Kind.RELEASED_AFTER_EFFECT),
            of(
                    "reruns-without-asking",
                    "runs a doubtful key again though its action holds",
                    BrokenAction.RerunsWithoutAsking.class,
                    race -> aimed(race, Failpoint.AFTER_EFFECT, Fault.Kind.KILL).dedupes(false),
                    Kind.CHARGED_TWICE,
                    Kind.BLIND_RERUN),
            of(
                    "never-probes",
                    "takes every probe for \"not happened\" without asking",
                    BrokenAction.NeverProbes.class,
                    race -> aimed(race, Failpoint.AFTER_EFFECT, Fault.Kind.KILL)
                            .recovery(Recovery.PROBE)
                            .dedupes(false),
                    Kind.CHARGED_TWICE,
                    Kind.BLIND_RERUN),
            of(
                    "replays-another-input",
                    "gives a waiter the result of another input",
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
                    "replays something else than was stored",
                    BrokenStore.ReplaysOtherBytes.class,
                    UnaryOperator.identity(),
                    Kind.DIFFERENT_RESULTS,
                    Kind.NOT_RECORDED),
            of(
                    "waits-for-ever",
                    "waits on when its time is over",
                    BrokenAction.WaitsForEver.class,
                    race -> race.waitMillis(300).actionMillis(2500).keys(3),
                    Kind.LATE_ANSWER));

    private static RaceSettings.Builder aimed(RaceSettings.Builder race, Failpoint point, Fault.Kind kind) {
        return race.failpoints(List.of(new Fault(kind, point))).soakSeconds(4);
    }

    /** Owners are frozen with the effect behind them, taken over, and wake up while their successors run or after. */
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
