package io.toolgate.store.jdbc.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A purge goes on in small batches until nothing is left, and rests in between. */
class PurgeBatchesTest {
    private final AtomicLong nanos = new AtomicLong();
    private final List<Duration> rests = new ArrayList<>();
    private final List<Integer> asked = new ArrayList<>();
    private final Purge.Batches batches =
            new Purge.Batches(500, 2, nanos::get, rest -> rests.add(Duration.ofNanos(rest)));

    private int delete(int limit, int there, Duration each) {
        int[] left = {there};
        return batches.run(limit, most -> {
            asked.add(most);
            nanos.addAndGet(each.toNanos());
            int deleted = Math.min(most, left[0]);
            left[0] -= deleted;
            return deleted;
        });
    }

    @Test
    void allIsDeletedInBatches() {
        assertThat(delete(10_000, 1_234, Duration.ofMillis(20))).isEqualTo(1_234);
        assertThat(asked).containsExactly(500, 500, 500, 500);
    }

    @Test
    void noMoreThanTheLimitIsDeleted() {
        assertThat(delete(700, 10_000, Duration.ofMillis(20))).isEqualTo(700);
        assertThat(asked).containsExactly(500, 200);
    }

    @Test
    void thePauseIsAMultipleOfTheBatchsDurationAndTwoSecondsAtMost() {
        assertThat(delete(1_000, 1_500, Duration.ofMillis(20))).isEqualTo(1_000);
        assertThat(rests).as("after the last one, too").containsExactly(Duration.ofMillis(40), Duration.ofMillis(40));
        rests.clear();
        assertThat(delete(500, 500, Duration.ofSeconds(3))).isEqualTo(500);
        assertThat(rests).containsExactly(Duration.ofSeconds(2));
    }

    @Test
    void anInterruptEndsAPurgeAfterTheBatchUnderWay() {
        Thread.currentThread().interrupt();
        try {
            assertThat(delete(10_000, 1_234, Duration.ofMillis(20))).isEqualTo(500);
        } finally {
            assertThat(Thread.interrupted()).as("the flag stays").isTrue();
        }
        assertThat(asked).containsExactly(500);
    }

    @Test
    void nothingToDeleteIsOneReadAndNoPause() {
        assertThat(delete(10, 0, Duration.ofMillis(20))).isZero();
        assertThat(asked).containsExactly(10);
        assertThat(rests).isEmpty();
    }
}
