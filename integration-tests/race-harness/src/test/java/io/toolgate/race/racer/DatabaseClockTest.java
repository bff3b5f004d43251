package io.toolgate.race.racer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DatabaseClockTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MICROS = 1_000_000;

    private final DatabaseClock clock = new DatabaseClock();

    @Test
    void beforeTheFirstReportOfTheDatabaseThereIsNoTime() {
        assertThat(clock.at(SECOND)).isZero();
    }

    @Test
    void timeGoesOnFromTheMiddleOfTheQuestion() {
        clock.learn(Instant.ofEpochSecond(1000), 10 * SECOND, 12 * SECOND);
        assertThat(clock.at(11 * SECOND)).isEqualTo(1000 * MICROS);
        assertThat(clock.at(13 * SECOND)).isEqualTo(1002 * MICROS);
        assertThat(clock.at(10 * SECOND)).isEqualTo(999 * MICROS);
    }

    @Test
    void aQuickerAnswerIsBelievedAndASlowerOneIsNot() {
        clock.learn(Instant.ofEpochSecond(1000), 10 * SECOND, 12 * SECOND);
        clock.learn(Instant.ofEpochSecond(2000), 12 * SECOND, 13 * SECOND);
        assertThat(clock.at(12 * SECOND + SECOND / 2)).isEqualTo(2000 * MICROS);
        clock.learn(Instant.ofEpochSecond(3000), 13 * SECOND, 15 * SECOND);
        assertThat(clock.at(14 * SECOND + SECOND / 2)).isEqualTo(2002 * MICROS);
    }

    @Test
    void whatIsOldGivesWayToAnyAnswer() {
        clock.learn(Instant.ofEpochSecond(1000), 10 * SECOND, 10 * SECOND);
        clock.learn(Instant.ofEpochSecond(2000), 14 * SECOND, 16 * SECOND);
        assertThat(clock.at(15 * SECOND)).isEqualTo(2000 * MICROS);
    }

    @Test
    void amountsSmallerThanAMillisecondCount() {
        assertThat(DatabaseClock.micros(Instant.ofEpochSecond(1, 234_567_999))).isEqualTo(1_234_567);
    }
}
