package io.toolgate.internal.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.IdempotencyKey;
import io.toolgate.internal.attempt.ActiveRuns.ProbeSlot;
import io.toolgate.store.RecordId;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The count of running probes. */
@Timeout(60)
class ProbeSlotTest {
    private static final RecordId ID = IdempotencyKey.of("order-981").in("charge-card");

    private final ActiveRuns runs = new ActiveRuns();

    private boolean isFree() {
        try (ProbeSlot slot = runs.probeSlot()) {
            return slot.reserve(1);
        }
    }

    @Test
    void aProbeCountsBeforeItsThreadHasBegunAndUntilItHasReturned() throws Exception {
        CountDownLatch begin = new CountDownLatch(1);
        CountDownLatch probing = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        FutureTask<String> probe = new FutureTask<>(() -> {
            begin.await();
            return runs.callInSlot(ID, () -> {
                probing.countDown();
                end.await();
                return "answer";
            });
        });
        try (ProbeSlot slot = runs.probeSlot()) {
            assertThat(slot.reserve(1)).isTrue();
            slot.start(new Thread(probe));
        }
        assertThat(isFree()).as("before its thread has begun").isFalse();
        begin.countDown();
        probing.await();
        assertThat(isFree()).as("while it runs").isFalse();
        end.countDown();
        assertThat(probe.get(30, TimeUnit.SECONDS)).isEqualTo("answer");
        assertThat(isFree()).as("once it has returned").isTrue();
    }

    @Test
    void aSlotWithoutAProbeIsFreedWhenItIsClosed() {
        assertThat(isFree()).isTrue();
        assertThat(isFree()).isTrue();
    }
}
