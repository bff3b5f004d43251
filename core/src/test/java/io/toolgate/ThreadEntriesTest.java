package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** What a gate leaves on the threads of an application, which live longer than the gate. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it leaves behind.
class ThreadEntriesTest extends GateFixture {
    @Test
    void noThreadKeepsAnEntryOfACallThatHasEnded() throws Exception {
        // Threads of other tests may live on, too.
        long before = ofThreads();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            ToolGate gate =
                    gates.gate(ToolGate.on(store).waitForInProgress(Gates.LONG).executor(pool));
            IdempotencyKey inner = IdempotencyKey.of("inner");
            PaidAction<String, String> action = Gates.counting(runs).build();
            PaidAction<String, String> nested = Gates.action((input, attempt) -> {
                        assertThat(ofThreads()).as("while it runs there is one").isPositive();
                        return gate.execute(action, inner, "in").valueOrThrow();
                    })
                    .build();
            IdempotencyKey doubtful = IdempotencyKey.of("doubtful");
            PaidAction<String, String> probed = timingOut()
                    .recovery(Recovery.probe(attempt -> ProbeResult.unknown()))
                    .build();
            for (Supplier<?> call : java.util.List.<Supplier<?>>of(
                    () -> gate.execute(nested, KEY, "in"),
                    () -> gate.execute(nested, KEY, "another input"),
                    () -> gate.execute(nested, KEY, "in"),
                    () -> gate.execute(probed, doubtful, "in"),
                    () -> gate.reconcile(probed))) {
                Gates.get(pool.submit(call::get));
            }
            Gates.get(gate.executeAsync(action, IdempotencyKey.of("async"), "in"));
            Gates.get(pool.submit(gate::close));
            // The future of a call may complete before its thread has done with it.
            org.awaitility.Awaitility.await()
                    .atMost(Gates.LONG)
                    .untilAsserted(() -> assertThat(ofThreads())
                            .as("entries of %s, whose threads live on", pool)
                            .isLessThanOrEqualTo(before));
        } finally {
            pool.shutdown();
            assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** How many entries of threads are reachable in this process. */
    private static long ofThreads() {
        try {
            String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {null},
                            new String[] {String[].class.getName()});
            return histogram
                    .lines()
                    .filter(line -> line.contains("io.toolgate.internal.attempt.ActiveRuns$OfThread"))
                    .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
                    .sum();
        } catch (javax.management.JMException e) {
            throw new AssertionError(e);
        }
    }
}
