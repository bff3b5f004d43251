package io.toolgate.store.jdbc.internal.wakeup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PollBudgetTest {
    // Near the end of what nanoTime may return, so that sums overflow.
    private static final long START = Long.MAX_VALUE - millis(5);

    private final PollBudget budget = new PollBudget(START);
    private long now = START;

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private void look(long nanos) {
        budget.polled(now, now + nanos);
        now += nanos;
    }

    @Test
    void fewPollsAreNotDelayed() {
        look(millis(1));
        look(millis(1));
        assertThat(budget.restNanos(now)).isLessThanOrEqualTo(0);
        look(millis(1));
        assertThat(budget.restNanos(now)).isEqualTo(millis(3 * 20 - 50 - 3));
    }

    @Test
    void manyPollsTakeATwentiethOfTheTime() {
        long looked = 0;
        for (int i = 0; i < 10_000; i++) {
            now += Math.max(0, budget.restNanos(now));
            look(TimeUnit.MICROSECONDS.toNanos(80));
            looked += TimeUnit.MICROSECONDS.toNanos(80);
        }
        assertThat((double) looked / (now - START)).isBetween(0.05, 0.0502);
    }

    @Test
    void aSingleSlowPollDelaysNoOther() {
        look(millis(900));
        assertThat(budget.restNanos(now)).isLessThanOrEqualTo(0);
    }

    @Test
    void onASlowDiskEachPollIsFollowedByTheLongestPause() {
        look(millis(900));
        for (int i = 0; i < 3; i++) {
            look(millis(900));
            assertThat(budget.restNanos(now)).isEqualTo(millis(50));
            now += millis(50);
        }
    }

    @Test
    void theUnusedBudgetIsLimited() {
        now += TimeUnit.HOURS.toNanos(1);
        look(millis(1));
        look(millis(1));
        look(millis(1));
        assertThat(budget.restNanos(now)).isEqualTo(millis(3 * 20 - 50 - 3));
    }
}
