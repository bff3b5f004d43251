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

/** Executor of a racer's work, one wave after the other, that reports its progress to the parent. */
final class Shift implements AutoCloseable {
    private static final long REPORT_EVERY_MILLIS = 100;

    /** Enough for the final sweep, which has no competition. */
    private static final int SWEEPERS = 4;

    private final RacerPlan plan;
    private final Caller<?, ?> caller;
    private final PrintStream out;
    private final ExecutorService waveThread = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "waves");
        thread.setDaemon(true);
        return thread;
    });
    private final Consumer<Throwable> failed;
    private final List<Future<?>> waves = new ArrayList<>();

    /** Creates a shift that passes an exception of its work to {@code failed} at once. */
    Shift(RacerPlan plan, Caller<?, ?> caller, PrintStream out, Consumer<Throwable> failed) {
        this.failed = failed;
        this.plan = plan;
        this.caller = caller;
        this.out = out;
    }

    void add(Work work) {
        waves.add(waveThread.submit(() -> {
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

    /** Waits until all work is done. */
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

    /** Waits for a thread, and reports the number of ended calls to the parent meanwhile. */
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
        waveThread.shutdownNow();
    }
}
