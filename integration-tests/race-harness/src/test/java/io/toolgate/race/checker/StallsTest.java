package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Spans.Span;
import io.toolgate.race.history.Deed;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Stalls of a process, found from its faults and from the gaps between its ticks. */
class StallsTest {
    private static final Map<Integer, List<Span>> NO_GAPS = Map.of();

    private static Deed frozen(int at, int process) {
        return new Deed.Frozen(at + 1, process, 1, at, null);
    }

    @Test
    void aFreezeLastsFromItsSignalToItsEnd() {
        Stalls stalls = new Stalls(List.of(frozen(10, 1), new Deed.Thawed(30, 1, 1)), NO_GAPS);
        assertThat(stalls.of(1).nanosWithin(0, 100)).isEqualTo(20);
        assertThat(stalls.of(1).nanosWithin(15, 25)).isEqualTo(10);
        assertThat(stalls.of(1).nanosWithin(30, 100)).isZero();
        assertThat(stalls.of(2).nanosWithin(0, 100)).isZero();
        assertThat(stalls.freezes().nanosWithin(0, 100)).isEqualTo(20);
    }

    @Test
    void aKillEndsAFreezeAndNothingElseDoes() {
        Deed killed = new Deed.Killed(40, 1, 1, 39, null);
        assertThat(new Stalls(List.of(frozen(10, 1), killed), NO_GAPS).of(1).nanosWithin(0, 100))
                .isEqualTo(30);
        assertThat(new Stalls(List.of(frozen(10, 1)), NO_GAPS).of(1).nanosWithin(0, 100))
                .isEqualTo(90);
        assertThat(new Stalls(List.of(killed), NO_GAPS).of(1).nanosWithin(0, 100))
                .isZero();
    }

    @Test
    void aFreezeAndTheGapThatItMakesCountOnce() {
        Stalls stalls = new Stalls(
                List.of(frozen(10, 1), new Deed.Thawed(30, 1, 1)),
                Map.of(1, List.of(new Span(5, 25), new Span(50, 60)), 2, List.of(new Span(1, 2))));
        assertThat(stalls.of(1).nanosWithin(0, 100)).isEqualTo(35);
        assertThat(stalls.of(2).nanosWithin(0, 100)).isEqualTo(1);
        assertThat(stalls.freezes().nanosWithin(0, 100)).isEqualTo(20);
    }

    @Test
    void spansThatTouchOverlapOrContainEachOtherAreOne() {
        Spans spans = Spans.of(
                List.of(new Span(50, 60), new Span(0, 10), new Span(10, 20), new Span(2, 5), new Span(70, 70)));
        assertThat(spans.within(-100, 100)).containsExactly(new Span(0, 20), new Span(50, 60));
        assertThat(spans.within(20, 50)).isEmpty();
        assertThat(spans.within(19, 51)).containsExactly(new Span(19, 20), new Span(50, 51));
    }
}
