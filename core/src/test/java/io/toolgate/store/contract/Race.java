package io.toolgate.store.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs tasks on threads that start together. */
public final class Race implements AutoCloseable {
    private static final long LIMIT_SECONDS = 60;

    private final ExecutorService threads;

    /** A race of at most {@code runners} tasks at a time. */
    public Race(int runners) {
        this.threads = Executors.newFixedThreadPool(runners);
    }

    /** Runs all tasks, each on a thread of its own, and returns their results in order. */
    public <T> List<T> run(List<? extends Callable<? extends T>> runners) throws Exception {
        CyclicBarrier start = new CyclicBarrier(runners.size());
        List<Future<? extends T>> running = new ArrayList<>();
        for (Callable<? extends T> runner : runners) {
            running.add(threads.submit(() -> {
                start.await(LIMIT_SECONDS, TimeUnit.SECONDS);
                return runner.call();
            }));
        }
        List<T> answers = new ArrayList<>();
        for (Future<? extends T> each : running) {
            answers.add(each.get(LIMIT_SECONDS, TimeUnit.SECONDS));
        }
        return answers;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
