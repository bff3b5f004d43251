package io.toolgate.race.racer;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Does the work that a racer is given, one wave after the other, and tells the parent how far it is. */
final class Shift implements AutoCloseable {
    private static final long REPORT_EVERY_MILLIS = 100;

    /** Enough for a sweep, in which nobody competes. */
    private static final int SWEEPERS = 4;

    private final RacerPlan plan;
    private final Caller<?, ?> caller;
    private final PrintStream out;
    private final ExecutorService foreman = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "foreman");
        thread.setDaemon(true);
        return thread;
    });
    private final Consumer<Throwable> failed;
    private final List<Future<?>> waves = new ArrayList<>();

    /** A shift that tells {@code failed}, when it happens, why work cannot go on. */
    Shift(RacerPlan plan, Caller<?, ?> caller, PrintStream out, Consumer<Throwable> failed) {
        this.failed = failed;
        this.plan = plan;
        this.caller = caller;
        this.out = out;
    }

    void add(Work work) {
        waves.add(foreman.submit(() -> {
            try {
                work(work);
            } catch (Throwable e) {
                failed.accept(e);
            }
        }));
    }

    private void work(Work work) throws Exception {
        if (plan.sweeps()) {
            caller.reconcile();
        }
        race(
                plan.sweeps()
                        ? KeyOrder.split(work.keys(), SWEEPERS)
                        : Collections.nCopies(
                                plan.duplicates(), KeyOrder.of(work, plan.seed(), plan.process(), plan.life())));
        out.println(RacerMain.THROUGH + work.wave());
    }

    /** Returns when all work is done; throws what kept it from being done. */
    void awaitEnd() throws InterruptedException, ExecutionException {
        for (Future<?> wave : waves) {
            wave.get();
        }
    }

    private void race(List<List<String>> threads) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        List<CallerThread> started = new ArrayList<>();
        for (int number = 1; number <= threads.size(); number++) {
            List<String> keys = threads.get(number - 1);
            FutureTask<Void> task = new FutureTask<>(() -> keys.forEach(caller::call), null);
            CallerThread thread = new CallerThread(number, task);
            running.add(task);
            started.add(thread);
        }
        started.forEach(Thread::start);
        for (Future<?> thread : running) {
            await(thread);
        }
    }

    /** Waits for a thread, and tells the parent meanwhile that there is progress, or that there is none. */
    private void await(Future<?> thread) throws Exception {
        while (true) {
            try {
                thread.get(REPORT_EVERY_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                out.println(RacerMain.CALLS + caller.answered());
            }
        }
    }

    @Override
    public void close() {
        foreman.shutdownNow();
    }
}
