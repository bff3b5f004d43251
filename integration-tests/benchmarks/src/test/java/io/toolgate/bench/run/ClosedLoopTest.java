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
    /** Long enough for a call, even where threads wait for a core. */
    private static final Load SHORT = new Load(Duration.ofMillis(20), Duration.ofMillis(400));

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

    /** A loop of one caller, of whose calls each takes that long on a clock of the test's. */
    private static ClosedLoop.Outcome run(Load load, Duration call) throws Exception {
        AtomicLong nanos = new AtomicLong();
        return ClosedLoop.run(load, 1, caller -> () -> nanos.addAndGet(call.toNanos()), nanos::get);
    }

    @Test
    void countsWhatEndsWithinTheWindow() throws Exception {
        ClosedLoop.Outcome outcome = run(new Load(Duration.ofMillis(20), Duration.ofMillis(60)), Duration.ofMillis(7));
        // They end at 21, 28, … and 77 ms.
        assertThat(outcome.operations()).isEqualTo(9);
        assertThat(outcome.seconds()).isEqualTo(0.06);
        assertThat(outcome.opsPerSecond()).isEqualTo(9 / 0.06);
        // They begin there.
        assertThat(outcome.latencies().count()).isEqualTo(9);
    }

    @Test
    void theLatencyOfACallThatOutlastsTheWindowIsKept() throws Exception {
        ClosedLoop.Outcome outcome = run(new Load(Duration.ZERO, Duration.ofMillis(1)), Duration.ofMillis(30));
        assertThat(outcome.operations()).isZero();
        assertThat(outcome.latencies().percentile(99)).isBetween(29.0, 31.0);
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
