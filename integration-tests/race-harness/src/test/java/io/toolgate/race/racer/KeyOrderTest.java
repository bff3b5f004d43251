package io.toolgate.race.racer;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.RaceKeys;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyOrderTest {
    private static final RaceKeys KEYS = new RaceKeys("tenant", 100);
    private static final Work WORK = new Work(0, KEYS.wave(0));

    @Test
    void eachKeyComesOnce() {
        assertThat(KeyOrder.of(WORK, 42, 3, 1))
                .containsExactlyInAnyOrderElementsOf(WORK.keys())
                .isNotEqualTo(WORK.keys());
    }

    @Test
    void racersComeToAKeyAtAboutTheSameTimeButEachInItsOwnOrder() {
        List<String> first = KeyOrder.of(WORK, 42, 1, 1);
        for (List<String> other : List.of(KeyOrder.of(WORK, 42, 2, 1), KeyOrder.of(WORK, 42, 1, 2))) {
            assertThat(other).isNotEqualTo(first);
            for (int from = 0; from < first.size(); from += KeyOrder.BLOCK) {
                int to = Math.min(from + KeyOrder.BLOCK, first.size());
                assertThat(other.subList(from, to)).containsExactlyInAnyOrderElementsOf(first.subList(from, to));
            }
        }
    }

    @Test
    void theSeedAndTheWaveDecide() {
        List<String> order = KeyOrder.of(WORK, 42, 1, 1);
        assertThat(KeyOrder.of(WORK, 42, 1, 1)).isEqualTo(order);
        assertThat(KeyOrder.of(WORK, 43, 1, 1)).isNotEqualTo(order);
        assertThat(KeyOrder.of(new Work(1, WORK.keys()), 42, 1, 1)).isNotEqualTo(order);
    }

    @Test
    void aSweepDividesTheKeys() {
        List<List<String>> parts = KeyOrder.split(KEYS.wave(0).subList(0, 10), 4);
        assertThat(parts).hasSize(4);
        assertThat(parts.stream().flatMap(List::stream))
                .containsExactlyElementsOf(KEYS.wave(0).subList(0, 10));
        assertThat(KeyOrder.split(KEYS.wave(0).subList(0, 2), 4)).hasSize(2);
        assertThat(KeyOrder.split(List.of(), 4)).isEmpty();
    }
}
