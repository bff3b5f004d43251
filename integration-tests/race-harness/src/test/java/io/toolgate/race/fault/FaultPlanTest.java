package io.toolgate.race.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.fault.Fault.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
    private static final Set<Kind> ALL = EnumSet.allOf(Kind.class);

    @Test
    void oneSeedGivesTheSameFaultsInTheSameOrderWhateverElseIsDrawn() {
        FaultPlan disturbed = new FaultPlan(ALL, List.of(), 42);
        List<Fault> order = Stream.generate(() -> {
                    int unusedChoice = disturbed.choice(8);
                    long unusedLength = disturbed.freezeMillis(1000) + disturbed.pauseMillis(200);
                    long unusedOffset = disturbed.offsetMillis();
                    return disturbed.next();
                })
                .limit(200)
                .toList();
        assertThat(first(200, new FaultPlan(ALL, List.of(), 42))).isEqualTo(order);
        assertThat(first(200, new FaultPlan(ALL, List.of(), 43))).isNotEqualTo(order);
    }

    @Test
    void everyKindComesAndKillsAndFreezesAtEveryPointAndAtNone() {
        List<Fault> faults = first(2000, new FaultPlan(ALL, List.of(), 1));
        for (Kind kind : List.of(Kind.KILL, Kind.FREEZE)) {
            for (Failpoint point : Failpoint.values()) {
                assertThat(faults).contains(new Fault(kind, point));
            }
            assertThat(faults).contains(new Fault(kind, null));
        }
        assertThat(faults)
                .filteredOn(fault -> fault.kind() == Kind.CLOCK)
                .isNotEmpty()
                .allMatch(fault -> fault.point() == null);
    }

    @Test
    void whatIsAimedReplacesKillsAndFreezesButNoClock() {
        Fault aimed = new Fault(Kind.KILL, Failpoint.AFTER_EFFECT);
        assertThat(first(500, new FaultPlan(ALL, List.of(aimed), 1))).containsOnly(aimed, new Fault(Kind.CLOCK, null));
        assertThat(first(50, new FaultPlan(Set.of(Kind.FREEZE), List.of(aimed), 1)))
                .containsOnly(aimed);
    }

    @Test
    void onlyRequestedKindsOfFaultsHappen() {
        assertThat(first(500, new FaultPlan(Set.of(Kind.FREEZE), List.of(), 1)))
                .allMatch(fault -> fault.kind() == Kind.FREEZE);
        assertThat(new FaultPlan(Set.of(), List.of(), 1).isEmpty()).isTrue();
        assertThat(new FaultPlan(Set.of(Kind.CLOCK), List.of(), 1).isEmpty()).isFalse();
    }

    @Test
    void whatIsDrawnKeepsToItsBoundsAndUsesThem() {
        FaultPlan plan = new FaultPlan(ALL, List.of(), 7);
        List<Long> freezes =
                IntStream.range(0, 1000).mapToObj(i -> plan.freezeMillis(1000)).toList();
        assertThat(freezes).allMatch(millis -> millis >= 300 && millis <= 3000);
        assertThat(freezes).anyMatch(millis -> millis < 1000).anyMatch(millis -> millis > 2000);
        assertThat(IntStream.range(0, 1000).mapToObj(i -> plan.pauseMillis(200)))
                .allMatch(millis -> millis >= 200 && millis <= 300);
        assertThat(IntStream.range(0, 1000).mapToObj(i -> plan.offsetMillis()))
                .allMatch(millis -> Math.abs(millis) <= 3_600_000)
                .anyMatch(millis -> millis > 1_800_000)
                .anyMatch(millis -> millis < -1_800_000);
    }

    private static List<Fault> first(int count, FaultPlan plan) {
        return Stream.generate(plan::next).limit(count).toList();
    }
}
