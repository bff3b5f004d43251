package io.toolgate.race.racer;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.RaceKeys;
import io.toolgate.race.provider.Conduct;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MischiefTest {
    private static final int PERCENT = 10;
    private static final List<String> KEYS = new RaceKeys("tenant", 10_000).wave(0);

    @Test
    void itIsTheSameInEveryProcess() {
        Mischief here = new Mischief(PERCENT, 42);
        Mischief there = new Mischief(PERCENT, 42);
        assertThat(KEYS).allMatch(key -> here.conduct(key) == there.conduct(key));
        Mischief otherwise = new Mischief(PERCENT, 43);
        assertThat(KEYS).anyMatch(key -> here.conduct(key) != otherwise.conduct(key));
    }

    @Test
    void eachKindOfMischiefHasItsShareOfTheKeys() {
        Mischief mischief = new Mischief(PERCENT, 42);
        Map<Conduct, Long> counts = KEYS.stream().collect(groupingBy(mischief::conduct, counting()));
        for (Conduct conduct : List.of(Conduct.SLOW, Conduct.DROP_ANSWER, Conduct.DECLINE)) {
            assertThat(counts.get(conduct)).as("%s", conduct).isBetween(850L, 1150L);
        }
        List<String> twoInputs =
                KEYS.stream().filter(key -> amounts(mischief, key).size() == 2).toList();
        assertThat(twoInputs).hasSizeBetween(850, 1150);
        assertThat(twoInputs).allMatch(key -> mischief.conduct(key) == Conduct.NORMAL);
        assertThat(amounts(mischief, twoInputs.get(0)))
                .containsExactlyInAnyOrder(Mischief.AMOUNT, Mischief.OTHER_AMOUNT);
    }

    @Test
    void noneIsNone() {
        Mischief none = new Mischief(0, 42);
        assertThat(KEYS).allMatch(key -> none.conduct(key) == Conduct.NORMAL);
        assertThat(KEYS).allMatch(key -> amounts(none, key).equals(List.of(Mischief.AMOUNT)));
    }

    private static List<Long> amounts(Mischief mischief, String key) {
        return IntStream.rangeClosed(1, 8)
                .mapToObj(thread -> mischief.amount(key, 1, thread))
                .distinct()
                .toList();
    }
}
