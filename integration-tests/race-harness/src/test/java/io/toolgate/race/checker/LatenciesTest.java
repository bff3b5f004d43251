package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void percentilesAreTakenByNearestRank() {
        Latencies latencies = Latencies.ofNanos(LongStream.rangeClosed(1, 200).map(i -> (201 - i) * 1_000_000));
        assertThat(latencies.count()).isEqualTo(200);
        assertThat(latencies.millis(0.5)).isEqualTo(100);
        assertThat(latencies.millis(0.99)).isEqualTo(198);
        assertThat(latencies.millis(1)).isEqualTo(200);
    }

    @Test
    void oneLatencyIsAllOfThem() {
        Latencies latencies = Latencies.ofNanos(LongStream.of(1_500_000));
        assertThat(latencies.millis(0.5)).isEqualTo(1.5);
        assertThat(latencies.millis(1)).isEqualTo(1.5);
    }

    @Test
    void noLatencyIsZero() {
        assertThat(Latencies.ofNanos(LongStream.empty()).millis(1)).isZero();
    }

    @Test
    void aRangeTakesItsUpperEndAndNotItsLowerOne() {
        Latencies latencies = Latencies.ofNanos(LongStream.of(1_000_000, 2_000_000, 2_000_000, 2_000_001, 3_000_000));
        assertThat(latencies.between(1, 2)).isEqualTo(2);
        assertThat(latencies.between(2, 3)).isEqualTo(2);
        assertThat(latencies.between(0, 1)).isEqualTo(1);
        assertThat(latencies.between(3, 9)).isZero();
    }
}
