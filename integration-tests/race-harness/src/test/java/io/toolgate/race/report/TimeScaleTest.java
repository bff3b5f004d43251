package io.toolgate.race.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** A scale from 100 to 900 px that cuts out what is idle for more than a second. */
class TimeScaleTest {
    private static final long MILLI = 1_000_000;
    private static final Offset<Double> EXACT = within(0.001);

    @Test
    void withoutIdleTimesItIsLinear() {
        TimeScale scale = scale(0, 500, 1000);
        assertThat(scale.x(0)).isEqualTo(100, EXACT);
        assertThat(scale.x(250 * MILLI)).isEqualTo(300, EXACT);
        assertThat(scale.x(1000 * MILLI)).isEqualTo(900, EXACT);
        assertThat(scale.cuts()).isEmpty();
    }

    @Test
    void timesOutsideAreAtTheEdges() {
        TimeScale scale = scale(100, 200);
        assertThat(scale.x(0)).isEqualTo(100, EXACT);
        assertThat(scale.x(900 * MILLI)).isEqualTo(900, EXACT);
    }

    @Test
    void anIdleTimeIsCutOutAndTheRestKeepsItsProportions() {
        TimeScale scale = scale(0, 300, 60_300, 60_400);
        assertThat(scale.cuts()).hasSize(1);
        double perMilli = (800 - TimeScale.CUT_WIDTH) / 400;
        assertThat(scale.x(300 * MILLI)).isEqualTo(100 + 300 * perMilli, EXACT);
        assertThat(scale.x(60_300 * MILLI)).isEqualTo(100 + 300 * perMilli + TimeScale.CUT_WIDTH, EXACT);
        assertThat(scale.x(60_400 * MILLI)).isEqualTo(900, EXACT);
        assertThat(scale.isCut(5000 * MILLI)).isTrue();
        assertThat(scale.isCut(300 * MILLI)).isFalse();
    }

    @Test
    void ticksAreRoundAndFarEnoughApart() {
        TimeScale scale = scale(0, 300, 60_250, 60_400);
        List<TimeScale.Tick> ticks = scale.ticks();
        assertThat(ticks).extracting(TimeScale.Tick::text).contains("0", "100", "60,300", "60,400");
        for (int i = 1; i < ticks.size(); i++) {
            assertThat(ticks.get(i).x() - ticks.get(i - 1).x()).isGreaterThan(40);
        }
    }

    @Test
    void aSingleMomentIsAScaleToo() {
        TimeScale scale = scale(7);
        assertThat(scale.x(7 * MILLI)).isEqualTo(100, EXACT);
        assertThat(scale.ticks()).isNotEmpty();
    }

    private static TimeScale scale(long... millis) {
        TreeSet<Long> moments = new TreeSet<>();
        LongStream.of(millis).forEach(at -> moments.add(at * MILLI));
        return new TimeScale(moments, 1000 * MILLI, 100, 900);
    }
}
