package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits for latches in tests. */
public final class TestLatches {
    private TestLatches() {}

    /** Waits until {@code latch} opens, which it has to within a minute. */
    public static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).as("waited 60 s").isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
