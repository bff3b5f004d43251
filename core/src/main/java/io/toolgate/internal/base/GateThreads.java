package io.toolgate.internal.base;

import io.toolgate.ToolGateException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A gate's threads, each pool for one purpose, because each would harm another: a run may block for hours, a listener for
 * ever, and a wait must end by its deadline. All are daemons that start on demand and end when idle.
 */
public final class GateThreads {
    private static final int RUN_THREADS = 64;
    private static final int CONTINUATION_THREADS = 4;
    private static final int MAX_UNTOLD_EVENTS = 10_000;

    private final ThreadPoolExecutor continuations =
            pool("continue", CONTINUATION_THREADS, new LinkedBlockingQueue<>());
    private final ThreadPoolExecutor listener = pool("listener", 1, new LinkedBlockingQueue<>(MAX_UNTOLD_EVENTS));
    private final ThreadPoolExecutor spectators = pool("watch", 1, new LinkedBlockingQueue<>());
    private final ThreadPoolExecutor counting = pool("counting", 1, new LinkedBlockingQueue<>());
    private final ThreadPoolExecutor ownRuns = pool("run", RUN_THREADS, new LinkedBlockingQueue<>());
    private final ScheduledThreadPoolExecutor timer;
    private final Executor runs;

    public GateThreads(@Nullable Executor given) {
        this.runs = given == null ? ownRuns : given;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> daemon("timer", task));
        this.timer.setRemoveOnCancelPolicy(true);
        this.timer.setKeepAliveTime(10, TimeUnit.SECONDS);
        this.timer.allowCoreThreadTimeOut(true);
    }

    public static Thread daemon(String what, Runnable task) {
        Thread thread = new Thread(task, "toolgate-" + what);
        thread.setDaemon(true);
        return thread;
    }

    public static ThreadPoolExecutor pool(String what, int size, LinkedBlockingQueue<Runnable> queue) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                size, size, 10, TimeUnit.SECONDS, queue, task -> daemon(what + "-" + number.incrementAndGet(), task));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Where calls that hold no thread go on. */
    public Executor continuations() {
        return continuations;
    }

    /** Where the listener is told what the gate's own threads do. */
    public Executor listener() {
        return listener;
    }

    /** Where those who watch are told; no more tasks wait there than there are watches. */
    public Executor spectators() {
        return spectators;
    }

    /** Where counts are handed to the store: a store that hangs there hangs nothing else. */
    Executor counting() {
        return counting;
    }

    /** Runs {@code task}, which may block, on the caller's executor or the gate's own threads; never on this thread. */
    public void run(Runnable task) {
        Thread submitter = Thread.currentThread();
        if (runs == ownRuns) {
            ownRuns.execute(task);
            return;
        }
        // Race: an executor that runs tasks on the submitting thread, always or only when it is busy, would have an
        // action
        // block one of the few threads that end waits.
        boolean[] submitting = {true};
        runs.execute(() -> {
            if (submitting[0]
                    && Thread.currentThread() == submitter
                    && submitter.getName().startsWith("toolgate-")) {
                ownRuns.execute(task);
            } else {
                task.run();
            }
        });
        submitting[0] = false;
    }

    /** Runs {@code task}, which talks to the store, on the gate's own threads. */
    public void background(Runnable task) {
        ownRuns.execute(task);
    }

    /** Lets {@code task}, which must not block, run after {@code delayNanos}. */
    public ScheduledFuture<?> after(long delayNanos, Runnable task) {
        try {
            return timer.schedule(task, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            throw new ToolGateException.Closed();
        }
    }

    /** Takes no new tasks; those that are queued are done. */
    public void close() {
        timer.shutdown();
        continuations.shutdown();
        listener.shutdown();
        spectators.shutdown();
        counting.shutdown();
        ownRuns.shutdown();
    }
}
