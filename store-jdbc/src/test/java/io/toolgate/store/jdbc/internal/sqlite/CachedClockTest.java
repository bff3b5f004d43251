package io.toolgate.store.jdbc.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.internal.sql.StoreClock;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CachedClockTest {
    private final AtomicLong millis = new AtomicLong(1000);
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 500_000);
    private final AtomicInteger asked = new AtomicInteger();
    private final StoreClock clock = new CachedClock(
            new StoreClock() {
                @Override
                public long nowMillis() {
                    asked.incrementAndGet();
                    return millis.get();
                }

                @Override
                public long granularityMillis() {
                    return 10;
                }
            },
            nanos::get);

    @Test
    @Rule(1)
    void theCachedTimeLagsByLessThanAMillisecondAndLengthensLeases() {
        assertThat(clock.nowMillis()).isEqualTo(1000);
        millis.set(1001);
        nanos.addAndGet(999_999);
        assertThat(clock.nowMillis()).isEqualTo(1000);
        assertThat(asked).hasValue(1);
        nanos.addAndGet(1);
        assertThat(clock.nowMillis()).isEqualTo(1001);
        assertThat(clock.granularityMillis()).isEqualTo(11);
    }
}
