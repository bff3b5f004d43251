package io.toolgate.store.jdbc.internal.wakeup;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ExpiringIdsTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final ExpiringIds<String> announced = new ExpiringIds<>(3, nanos::get);

    private static UUID id(int number) {
        return new UUID(0, number);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void anIdIsKeptForTenSecondsAfterItsLatestAnnouncement() {
        announced.put(id(1), "one");
        announced.put(id(2), "two");
        pass(Duration.ofSeconds(6));
        announced.put(id(1), "one again");
        pass(Duration.ofSeconds(5));
        assertThat(announced.get(id(2))).isNull();
        assertThat(announced.get(id(1))).isEqualTo("one again");
        assertThat(announced.all()).containsOnlyKeys(id(1));
        pass(Duration.ofSeconds(5));
        assertThat(announced.isEmpty()).isTrue();
        assertThat(announced.seemsEmpty()).isTrue();
        assertThat(announced.all()).isEmpty();
    }

    @Test
    void anIdOverTheLimitReplacesTheOldestOne() {
        for (int i = 1; i <= 3; i++) {
            announced.put(id(i), "");
        }
        announced.put(id(1), "");
        announced.put(id(4), "");
        assertThat(announced.all()).containsOnlyKeys(id(3), id(1), id(4));
    }

    @Test
    void aRemovedIdIsGone() {
        announced.put(id(1), "");
        assertThat(announced.isEmpty()).isFalse();
        assertThat(announced.seemsEmpty()).isFalse();
        announced.remove(id(1));
        assertThat(announced.isEmpty()).isTrue();
        assertThat(announced.get(id(1))).isNull();
    }
}
