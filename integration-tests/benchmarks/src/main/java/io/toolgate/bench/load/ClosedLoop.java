package io.toolgate.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/**
 * A fixed number of callers, each of which calls again as soon as its call returned. Operations count if they end
 * within the window; latencies count if they begin in it, so that a call that outlasts the window is in the
 * percentiles.
 */
public final class ClosedLoop {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    /** One caller's operation. */
    @FunctionalInterface
    public interface Caller {
        /** Calls once. */
        void call() throws Exception;
    }

    /** The result of a window. */
    public record Outcome(long operations, double seconds, Latencies latencies) {
        /** Operations per second. */
        public double opsPerSecond() {
            return operations / seconds;
        }
    }

    private final Load load;
    private final LongSupplier nanoTime;
    private final CountDownLatch ready;
    private final CountDownLatch go = new CountDownLatch(1);
    private final Failures failures = new Failures();

    // Written before go, read after it.
    private long windowBegins;
    private long windowEnds;

    private ClosedLoop(Load load, int callers, LongSupplier nanoTime) {
        this.load = load;
        this.nanoTime = nanoTime;
        this.ready = new CountDownLatch(callers);
    }

    /**
     * Runs a loop and waits for its end.
     *
     * @param caller makes the caller of each thread, by its number
     * @throws Exception the first that a caller threw, which ends the loop
     */
    public static Outcome run(Load load, int callers, IntFunction<Caller> caller) throws Exception {
        return run(load, callers, caller, System::nanoTime);
    }

    /** As above, with another clock; for tests. */
    public static Outcome run(Load load, int callers, IntFunction<Caller> caller, LongSupplier nanoTime)
            throws Exception {
        ClosedLoop loop = new ClosedLoop(load, callers, nanoTime);
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            Worker worker = loop.new Worker(caller.apply(i));
            worker.setName("caller-" + i);
            worker.setDaemon(true);
            worker.start();
            workers.add(worker);
        }
        loop.ready.await();
        loop.windowBegins = nanoTime.getAsLong() + load.warmup().toNanos();
        loop.windowEnds = loop.windowBegins + load.window().toNanos();
        loop.go.countDown();
        return loop.join(workers);
    }

    private Outcome join(List<Worker> workers) throws Exception {
        long deadline = windowEnds + TIMEOUT.toNanos();
        long operations = 0;
        Latencies latencies = new Latencies();
        for (Worker worker : workers) {
            worker.join(Math.max(
                    1, Duration.ofNanos(deadline - nanoTime.getAsLong()).toMillis()));
            if (worker.isAlive()) {
                workers.forEach(Thread::interrupt);
                throw new IllegalStateException(
                        "a call did not return within " + TIMEOUT.toMinutes() + " min of the window's end");
            }
            operations += worker.operations;
            latencies.addAll(worker.latencies);
        }
        failures.rethrow();
        return new Outcome(operations, load.window().toNanos() / 1e9, latencies);
    }

    private final class Worker extends Thread {
        private final Caller caller;
        // Read by the thread that has joined this one.
        private final Latencies latencies = new Latencies();
        private long operations;

        Worker(Caller caller) {
            this.caller = caller;
        }

        @Override
        public void run() {
            failures.catching(() -> {
                ready.countDown();
                go.await();
                loop();
            });
        }

        private void loop() throws Exception {
            long now = nanoTime.getAsLong();
            while (now - windowEnds < 0 && !failures.any()) {
                caller.call();
                long done = nanoTime.getAsLong();
                if (now - windowBegins >= 0) {
                    latencies.add(done - now);
                }
                if (done - windowBegins >= 0 && done - windowEnds < 0) {
                    operations++;
                }
                now = done;
            }
        }
    }
}
