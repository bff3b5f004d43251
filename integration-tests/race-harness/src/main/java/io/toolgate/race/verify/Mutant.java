package io.toolgate.race.verify;

import static io.toolgate.race.checker.Violation.Kind.*;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.race.run.RaceSettings;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A deliberately broken runtime, the race that provokes its fault, and what it must be caught by: a race that fails for
 * another reason has not caught it.
 */
public enum Mutant {
    NO_GATE("runs the action on every call", BrokenAction.NoGate.class, race -> race.dedupes(false), CHARGED_TWICE),
    SELECT_THEN_INSERT(
            "looks whether a key is there, and then writes it over",
            BrokenSql.SelectThenInsert.class,
            race -> race.dedupes(false).processes(8).keys(60).actionMillis(50),
            CHARGED_TWICE,
            TWO_OWNERS,
            FENCE_FELL),
    NO_FENCE(
            "compares nobody's token and gives no new fences",
            BrokenSql.NoFence.class,
            Race.FREEZE_BEFORE_COMMIT,
            STALE_END,
            FENCE_FELL,
            STALE_RENEWAL,
            TWO_OWNERS),
    TOKEN_IGNORED_ON_COMPLETE(
            "lets a stale owner complete",
            BrokenSql.TokenIgnoredOnComplete.class,
            Race.FREEZE_BEFORE_COMMIT,
            STALE_END),
    COMPLETES_TWICE(
            "writes a late result over a finished one",
            BrokenSql.CompletesTwice.class,
            Race.FREEZE_BEFORE_COMMIT,
            FINISHED_CHANGED,
            DIFFERENT_RESULTS),
    LEASE_BY_HOST_CLOCK(
            "gives and judges leases by the process's clock",
            BrokenSql.LeaseByHostClock.class,
            race -> race.faults(Set.of(Fault.Kind.CLOCK))
                    .faultEveryMillis(100)
                    .recovery(Recovery.RERUN)
                    .actionMillis(200)
                    .soakSeconds(6),
            TWO_OWNERS,
            STALE_RENEWAL),
    HEARTBEAT_REVIVES(
            "takes a lost lease back with a heartbeat",
            BrokenSql.HeartbeatRevives.class,
            Race.FREEZE_BEFORE_COMMIT,
            STALE_RENEWAL,
            STALE_END,
            TWO_OWNERS),
    NO_HEARTBEAT(
            "says that leases hold without asking",
            BrokenStore.NoHeartbeat.class,
            race -> race.recovery(Recovery.PROBE).dedupes(false).mischiefPercent(25),
            CHARGED_TWICE),
    LEASE_NEVER_ENDS(
            "never takes over from a dead owner",
            BrokenSql.LeaseNeverEnds.class,
            race -> Race.aimed(race, Failpoint.AFTER_EFFECT, Fault.Kind.KILL)
                    .recovery(Recovery.PROBE)
                    .waitMillis(3000)
                    .soakSeconds(2),
            LEFT_IN_PROGRESS,
            NOT_TAKEN_OVER,
            UNRESOLVED),
    RELEASED_ON_ANY_EXCEPTION(
            "frees the key whatever the action throws",
            BrokenAction.ReleasedOnAnyException.class,
            race -> race.dedupes(false).mischiefPercent(20),
            CHARGED_TWICE,
            RELEASED_AFTER_EFFECT),
    RERUNS_WITHOUT_ASKING(
            "runs a doubtful key again though its action holds",
            BrokenAction.RerunsWithoutAsking.class,
            race -> Race.aimed(race, Failpoint.AFTER_EFFECT, Fault.Kind.KILL).dedupes(false),
            CHARGED_TWICE,
            BLIND_RERUN),
    NEVER_PROBES(
            "takes every probe for \"not happened\" without asking",
            BrokenAction.NeverProbes.class,
            race -> Race.aimed(race, Failpoint.AFTER_EFFECT, Fault.Kind.KILL)
                    .recovery(Recovery.PROBE)
                    .dedupes(false),
            CHARGED_TWICE,
            BLIND_RERUN),
    REPLAYS_ANOTHER_INPUT(
            "gives a waiter the result of another input",
            BrokenAction.ReplaysAnotherInput.class,
            race -> race.mischiefPercent(25),
            OTHER_INPUT_ANSWERED),
    ACKNOWLEDGES_BEFORE_COMMIT(
            "answers before the commit",
            BrokenStore.AcknowledgesBeforeCommit.class,
            UnaryOperator.identity(),
            ACKNOWLEDGED_EARLY,
            NOT_RECORDED),
    REPLAYS_OTHER_BYTES(
            "replays something else than was stored",
            BrokenStore.ReplaysOtherBytes.class,
            UnaryOperator.identity(),
            DIFFERENT_RESULTS,
            NOT_RECORDED),
    WAITS_FOR_EVER(
            "waits on when its time is over",
            BrokenAction.WaitsForEver.class,
            race -> race.waitMillis(300).actionMillis(2500).keys(3),
            LATE_ANSWER);

    private final String does;
    private final Class<? extends RuntimeUnderTest> runtime;
    private final UnaryOperator<RaceSettings.Builder> race;
    private final Set<Violation.Kind> caughtBy;

    Mutant(
            String does,
            Class<? extends RuntimeUnderTest> runtime,
            UnaryOperator<RaceSettings.Builder> race,
            Violation.Kind... caughtBy) {
        this.does = does;
        this.runtime = runtime;
        this.race = race;
        this.caughtBy = EnumSet.copyOf(List.of(caughtBy));
    }

    /** The races of several. */
    private static final class Race {
        /** Owners are frozen with the effect behind them, taken over, and wake up while their successors run or after. */
        static final UnaryOperator<RaceSettings.Builder> FREEZE_BEFORE_COMMIT =
                race -> aimed(race, Failpoint.BEFORE_COMMIT, Fault.Kind.FREEZE)
                        .recovery(Recovery.RERUN)
                        .actionMillis(400)
                        .keys(8)
                        .soakSeconds(8);

        static RaceSettings.Builder aimed(RaceSettings.Builder race, Failpoint point, Fault.Kind kind) {
            return race.failpoints(List.of(new Fault(kind, point))).soakSeconds(4);
        }
    }

    /** Its name, as people type it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What it does wrong. */
    public String does() {
        return does;
    }

    /** What it must be caught by: one of these. */
    public Set<Violation.Kind> caughtBy() {
        return caughtBy;
    }

    /** The race that provokes its fault, run by the real runtime. */
    public RaceSettings.Builder race() {
        return race.apply(RaceSettings.builder()
                .processes(4)
                .keys(24)
                .duplicates(3)
                .actionMillis(20)
                .leaseMillis(500)
                .waitMillis(8000));
    }

    /** The same race, run by the broken runtime. */
    public RaceSettings.Builder brokenRace() {
        return race().runtime(runtime.getName());
    }

    /** Whether its race needs clocks that can be set off. */
    public boolean needsFaketime() {
        return race().build().faults().contains(Fault.Kind.CLOCK);
    }
}
