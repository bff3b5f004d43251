package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.toolgate.store.contract.ModelStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Runs on virtual threads, where the JDK has them. */
class VirtualThreadsTest {

    @Test
    void runsAndWaitsOnVirtualThreads() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "virtual threads came with Java 21");
        // Called by name, since this is compiled for Java 17.
        ExecutorService virtual = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        AtomicInteger runs = new AtomicInteger();
        AtomicInteger virtualRuns = new AtomicInteger();
        CountDownLatch goOn = new CountDownLatch(1);
        try (Gates gates = new Gates()) {
            ModelStore store = gates.store();
            ToolGate gate =
                    gates.gate(ToolGate.on(store).waitForInProgress(Gates.LONG).executor(virtual));
            PaidAction<String, String> action = Gates.action((input, attempt) -> {
                        boolean isVirtual =
                                (boolean) Thread.class.getMethod("isVirtual").invoke(Thread.currentThread());
                        virtualRuns.addAndGet(isVirtual ? 1 : 0);
                        runs.incrementAndGet();
                        Gates.await(goOn);
                        return "receipt " + attempt.key();
                    })
                    .build();
            List<CompletableFuture<Outcome<String>>> calls = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                calls.add(gate.executeAsync(action, IdempotencyKey.of("k" + i % 200), "in"));
                int same = i;
                var unused = virtual.submit(() -> gate.execute(action, IdempotencyKey.of("k" + same % 200), "in"));
            }
            goOn.countDown();
            for (int i = 0; i < calls.size(); i++) {
                assertThat(Gates.get(calls.get(i)).valueOrThrow()).isEqualTo("receipt k" + i % 200);
            }
            assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        } finally {
            virtual.shutdown();
        }
        assertThat(runs).hasValue(201);
        assertThat(virtualRuns).as("all but the last, which ran on this thread").hasValue(200);
    }
}
