package io.toolgate.race.racer;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
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

    /** Racers come to a key at about the same time, but not all to the same key at once. */
    private static final int BLOCK = 8;

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
        race(plan.sweeps() ? split(work.keys()) : Collections.nCopies(plan.duplicates(), order(work)));
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

    /** The same shuffled order for all racers, in which each shuffles what is close together anew. */
    private List<String> order(Work work) {
        List<String> order = new ArrayList<>(work.keys());
        Collections.shuffle(order, new Random(scrambled(plan.seed(), work.wave())));
        Random own = new Random(scrambled(plan.seed() + work.wave(), 100 * plan.process() + plan.life()));
        for (int from = 0; from < order.size(); from += BLOCK) {
            Collections.shuffle(order.subList(from, Math.min(from + BLOCK, order.size())), own);
        }
        return order;
    }

    private static List<List<String>> split(List<String> keys) {
        List<List<String>> parts = new ArrayList<>();
        int size = Math.max(1, (keys.size() + SWEEPERS - 1) / SWEEPERS);
        for (int from = 0; from < keys.size(); from += size) {
            parts.add(keys.subList(from, Math.min(from + size, keys.size())));
        }
        return parts;
    }

    /** Neighbouring seeds give {@link Random}s that begin alike, so they are scrambled first. */
    private static long scrambled(long seed, int which) {
        return new SplittableRandom(seed + 1_000_003L * which).nextLong();
    }

    @Override
    public void close() {
        foreman.shutdownNow();
    }
}
