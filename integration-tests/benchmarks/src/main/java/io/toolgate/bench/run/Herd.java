package io.toolgate.bench.run;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.contender.DatabaseKind;
import io.toolgate.bench.database.Wire;
import io.toolgate.bench.load.Failures;
import io.toolgate.bench.load.Keys;
import io.toolgate.bench.load.Latencies;
import io.toolgate.bench.load.Once;
import io.toolgate.bench.report.Sample;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Many duplicates of one key in one process, each on a thread of its own, while the winner's effect runs: the time
 * until all have its result, and their cost beyond the winner's. Concurrency is the number of duplicates.
 */
final class Herd implements Benchmark {
    static final String NAME = "herd";

    private static final long TIMEOUT_SECONDS = 120;
    private static final long STACK_BYTES = 256 * 1024L;
    private static final int WARMUP_HERDS = 3;
    private static final int WARMUP_HERD = 100;

    private final Ground ground;
    private final Duration action;

    /**
     * A herd.
     *
     * @param action how long the winner's effect continues after all duplicates have called
     */
    Herd(Ground ground, Duration action) {
        this.ground = ground;
        this.action = action;
    }

    @Override
    public List<Entrant> entrants(List<ContenderFactory> contenders) {
        return Entrant.each(NAME, contenders);
    }

    @Override
    public Sample measure(Entrant entrant, int concurrency, long seed) throws Exception {
        ContenderFactory factory = entrant.contender();
        return ground.fresh(factory, place -> {
            Keys keys = new Keys(seed);
            Map<String, Double> extras = new LinkedHashMap<>();
            Run run;
            int before = threads().getThreadCount();
            try (Contender contender = factory.open(place, concurrency)) {
                warmUp(contender, keys, concurrency);
                // Threads that the contender always has, and those that it adds while the herd waits.
                int own = threads().getThreadCount() - before;
                run = run(contender, keys.next(), concurrency);
                extras.put("threads", (double) (own + run.extraThreads()));
            }
            extras.put("all_have_it_ms", run.allMillis());
            if (place.kind() == DatabaseKind.POSTGRESQL) {
                extras.putAll(count(factory, place, keys, concurrency));
            }
            return new Sample(
                    concurrency / (run.allMillis() / 1e3),
                    run.latencies().percentile(50),
                    run.latencies().percentile(99),
                    extras);
        });
    }

    private void warmUp(Contender contender, Keys keys, int concurrency) throws Exception {
        for (int i = 0; i < WARMUP_HERDS; i++) {
            Run unused = run(contender, keys.next(), Math.min(concurrency, WARMUP_HERD));
        }
    }

    /** The statements of a herd, without those of a winner alone in the same time. */
    private Map<String, Double> count(ContenderFactory factory, BenchDatabase place, Keys keys, int concurrency)
            throws Exception {
        try (Wire wire = Wire.to(place);
                Contender contender = factory.open(wire.over(place), concurrency)) {
            warmUp(contender, keys, concurrency);
            wire.reset();
            Run unusedAlone = run(contender, keys.next(), 0);
            Wire.Count alone = wire.count();
            wire.reset();
            Run unused = run(contender, keys.next(), concurrency);
            Wire.Count herd = wire.count();
            return Map.of(
                    "statements_of_the_winner", (double) alone.statements(),
                    "statements_beyond", (double) (herd.statements() - alone.statements()),
                    "connections_busy", (double) herd.busyAtMost());
        }
    }

    private static ThreadMXBean threads() {
        return ManagementFactory.getThreadMXBean();
    }

    /** The result of one herd; latencies of its duplicates begin at the end of the winner's effect. */
    private record Run(Latencies latencies, double allMillis, int extraThreads) {}

    private Run run(Contender contender, String key, int duplicates) throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch called = new CountDownLatch(duplicates);
        Failures failures = new Failures();
        List<Thread> callers = new ArrayList<>();
        long[] answered = new long[duplicates];
        callers.add(caller(
                "winner",
                failures,
                () -> Once.check(contender.call(key, () -> {
                    running.countDown();
                    return Once.effectUntil(end);
                }))));
        if (!running.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            failures.rethrow();
            throw new TimeoutException("the winner did not begin to run within " + TIMEOUT_SECONDS + " s");
        }
        for (int i = 0; i < duplicates; i++) {
            int number = i;
            callers.add(caller("duplicate", failures, () -> {
                go.await();
                called.countDown();
                Once.check(contender.call(key, () -> {
                    throw new IllegalStateException("the effect runs a second time");
                }));
                answered[number] = System.nanoTime();
            }));
        }
        int before = threads().getThreadCount();
        threads().resetPeakThreadCount();
        go.countDown();
        called.await();
        Thread.sleep(action.toMillis());
        int peak = threads().getPeakThreadCount();
        long ended = System.nanoTime();
        end.countDown();
        for (Thread caller : callers) {
            caller.join(TimeUnit.SECONDS.toMillis(TIMEOUT_SECONDS));
            if (caller.isAlive() || failures.any()) {
                callers.forEach(Thread::interrupt);
                failures.rethrow();
                throw new TimeoutException("a call of the herd did not return within " + TIMEOUT_SECONDS + " s");
            }
        }
        failures.rethrow();
        return result(answered, ended, peak - before);
    }

    private static Run result(long[] answered, long ended, int extraThreads) {
        Latencies latencies = new Latencies();
        long last = 0;
        for (long at : answered) {
            latencies.add(at - ended);
            last = Math.max(last, at - ended);
        }
        return new Run(latencies, Math.max(last, 1) / 1e6, extraThreads);
    }

    private static Thread caller(String name, Failures failures, Failures.Work call) {
        Thread thread = new Thread(null, () -> failures.catching(call), name, STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("action_millis", action.toMillis());
        settings.put(
                "operation",
                "a duplicate, from the end of the winner's effect to its answer; ops_per_second is duplicates over the"
                        + " time until all have it; statements are counted on the wire in a run of its own");
        return settings;
    }
}
