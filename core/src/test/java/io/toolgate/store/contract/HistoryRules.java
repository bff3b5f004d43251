package io.toolgate.store.contract;

import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories, against {@link io.toolgate.store.ClaimMachine}. {@code -Dtoolgate.seed=…} replays one,
 * {@code -Dtoolgate.histories=…} runs more of them, {@code -Dtoolgate.steps=…} for longer ones.
 */
abstract class HistoryRules extends Rules {
    static LongStream seeds() {
        Long given = Long.getLong("toolgate.seed");
        return given != null
                ? LongStream.of(given)
                : ThreadLocalRandom.current().longs(Integer.getInteger("toolgate.histories", 5));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Rule({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})
    void aStoreDoesWhatTheMachineSays(long seed, TestReporter reporter) {
        int steps = Integer.getInteger("toolgate.steps", 250);
        reporter.publishEntry("toolgate.seed", Long.toString(seed));
        try {
            new History(seed, fixture()).run(steps);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "the history of seed " + seed + " failed; replay it with: mvn verify -Dtest="
                            + testClass().getSimpleName()
                            + " -Dsurefire.failIfNoSpecifiedTests=false -Dtoolgate.steps=" + steps + " -Dtoolgate.seed="
                            + seed + "\n" + e.getMessage(),
                    e);
        }
    }
}
