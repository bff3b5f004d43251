package io.toolgate.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.load.ClosedLoop;
import io.toolgate.bench.load.Keys;
import io.toolgate.bench.load.Latencies;
import io.toolgate.bench.load.Load;
import io.toolgate.bench.load.Once;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ClosedLoopTest {
    private static final Load SHORT = new Load(Duration.ofMillis(20), Duration.ofMillis(60));

    /** Runs every effect as often as it is told to. */
    private record Fake(int effects, String result) implements Contender {
        @Override
        public String call(String key, Supplier<String> effect) {
            for (int i = 0; i < effects; i++) {
                assertThat(effect.get()).isEqualTo(Once.RECEIPT);
            }
            return result;
        }

        @Override
        public void close() {}
    }

    @Test
    void countsWhatEndsWithinTheWindow() throws Exception {
        AtomicLong all = new AtomicLong();
        ClosedLoop.Outcome outcome = ClosedLoop.run(SHORT, 2, caller -> all::incrementAndGet);
        assertThat(outcome.operations()).isPositive().isLessThan(all.get());
        assertThat(outcome.seconds()).isEqualTo(0.06);
        assertThat(outcome.opsPerSecond()).isEqualTo(outcome.operations() / 0.06);
        assertThat(outcome.latencies().count()).isPositive();
    }

    @Test
    void theLatencyOfACallThatOutlastsTheWindowIsKept() throws Exception {
        ClosedLoop.Outcome outcome =
                ClosedLoop.run(new Load(Duration.ZERO, Duration.ofMillis(1)), 1, caller -> () -> busyFor(30));
        assertThat(outcome.operations()).isZero();
        assertThat(outcome.latencies().percentile(99)).isGreaterThan(20);
    }

    private static void busyFor(long millis) {
        long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aCallThatFailsEndsTheLoop() {
        Load endless = new Load(Duration.ZERO, Duration.ofHours(1));
        assertThatThrownBy(() -> ClosedLoop.run(endless, 2, caller -> () -> {
                    if (caller == 1) {
                        throw new IOException("broken");
                    }
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("broken");
    }

    @Test
    void aContenderThatRunsAKeyTwiceOrNotAtAllIsFoundOut() throws Exception {
        assertThat(Throughput.run(new Fake(1, Once.RECEIPT), 2, SHORT, 1).operations())
                .isPositive();
        assertThatThrownBy(() -> Throughput.run(new Fake(2, Once.RECEIPT), 2, SHORT, 1))
                .hasMessageContaining("the figures are invalid");
        assertThatThrownBy(() -> Throughput.run(new Fake(0, Once.RECEIPT), 2, SHORT, 1))
                .hasMessageContaining("0 effects ran");
        assertThatThrownBy(() -> Throughput.run(new Fake(1, "another's"), 2, SHORT, 1))
                .hasMessageContaining("the contender returned another's and not");
    }

    @Test
    void keysAreDrawnFromTheSeedAndDoNotRepeat() {
        Keys keys = new Keys(7);
        var seen = ConcurrentHashMap.<String>newKeySet();
        for (int i = 0; i < 1000; i++) {
            assertThat(seen.add(keys.next())).isTrue();
        }
        assertThat(seen).contains(new Keys(7).next()).doesNotContain(new Keys(8).next());
    }

    @Test
    void latenciesSurviveTheWayFromAnotherProcess() {
        Latencies latencies = new Latencies();
        latencies.add(1_000_000);
        latencies.add(3_000_000);
        latencies.add(-5);
        Latencies copy = Latencies.decoded(latencies.encoded());
        copy.addAll(latencies);
        assertThat(copy.count()).isEqualTo(6);
        assertThat(copy.percentile(50)).isEqualTo(1, within(0.01));
        assertThat(new Latencies().percentile(99)).isZero();
    }
}
