package io.toolgate.race.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void percentilesAreTakenByNearestRank() {
        assertThat(Latencies.ofMicros(LongStream.rangeClosed(1, 200).map(i -> (201 - i) * 1000)))
                .isEqualTo(new Latencies(100, 198, 200));
    }

    @Test
    void oneLatencyIsAllOfThem() {
        assertThat(Latencies.ofMicros(LongStream.of(1_500))).isEqualTo(new Latencies(1.5, 1.5, 1.5));
    }

    @Test
    void noLatencyIsZero() {
        assertThat(Latencies.ofMicros(LongStream.empty())).isEqualTo(new Latencies(0, 0, 0));
    }
}
