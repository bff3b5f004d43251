package io.toolgate.internal.base;

import io.toolgate.ToolGateException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one gate, one pool for each purpose: a run may block for hours, a listener for ever, and a wait must
 * still end by its deadline. All are daemons that start on demand and end when idle.
 */
public final class GateThreads {
    private static final Logger log = LoggerFactory.getLogger(GateThreads.class);

    private static final int RUN_THREADS = 64;
    private static final int UPKEEP_THREADS = 16;
    private static final int CONTINUATION_THREADS = 4;
    private static final int MAX_CONTINUATION_THREADS = 1 << 14;
    private static final long STUCK_MILLIS = 500;
    private static final int MAX_QUEUED_EVENTS = 10_000;

    private final ThreadPoolExecutor continuations =
            pool("continue", CONTINUATION_THREADS, new LinkedBlockingQueue<>());
    private final ThreadPoolExecutor listener = pool("listener", 1, new LinkedBlockingQueue<>(MAX_QUEUED_EVENTS));
    private final ThreadPoolExecutor progress = pool("watch", 1, new LinkedBlockingQueue<>());
    private final ThreadPoolExecutor counting = pool("counting", 1, new LinkedBlockingQueue<>());
    private final ThreadPoolExecutor upkeep = pool("upkeep", UPKEEP_THREADS, new LinkedBlockingQueue<>());
    private final ThreadPoolExecutor ownRuns = pool("run", RUN_THREADS, new LinkedBlockingQueue<>());
    private final ScheduledThreadPoolExecutor timer;
    private final Executor runs;
    private final AtomicBoolean watching = new AtomicBoolean();

    /** Threads of a gate whose runs are executed by {@code given}, or by a pool of its own if that is null. */
    public GateThreads(@Nullable Executor given) {
        this.runs = given == null ? ownRuns : given;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> daemon("timer", task));
        this.timer.setRemoveOnCancelPolicy(true);
        this.timer.setKeepAliveTime(10, TimeUnit.SECONDS);
        this.timer.allowCoreThreadTimeOut(true);
    }

    /** A daemon thread named {@code toolgate-<name>}, not started. */
    public static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, "toolgate-" + name);
        thread.setDaemon(true);
        return thread;
    }

    /** A pool of at most {@code size} daemons. */
    public static ThreadPoolExecutor pool(String name, int size, LinkedBlockingQueue<Runnable> queue) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                size, size, 10, TimeUnit.SECONDS, queue, task -> daemon(name + "-" + number.incrementAndGet(), task));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Executes a step of an asynchronous call, which should not block; on this thread if the gate is closed. */
    public void proceed(Runnable step) {
        try {
            continuations.execute(step);
            watchContinuations();
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // The gate was closed meanwhile, or no thread can be started: the call must be answered all the same.
            step.run();
        }
    }

    /**
     * Looks again in a while whether steps still wait, and whether any has ended until then.
     *
     * <p>Race: a step completes a future whose caller made something depend on it that hangs, and with it this thread,
     * while others wait for theirs: then there are to be more threads.
     */
    private void watchContinuations() {
        if (!continuations.getQueue().isEmpty() && watching.compareAndSet(false, true)) {
            long ended = continuations.getCompletedTaskCount();
            try {
                var unused = timer.schedule(() -> addContinuations(ended), STUCK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException | OutOfMemoryError e) {
                watching.set(false);
            }
        }
    }

    private void addContinuations(long endedBefore) {
        int size = continuations.getMaximumPoolSize();
        boolean stuck = !continuations.getQueue().isEmpty() && continuations.getCompletedTaskCount() == endedBefore;
        if (stuck && size < MAX_CONTINUATION_THREADS) {
            log.warn(
                    "The {} threads that complete the futures of executeAsync have completed none for {} ms, and more"
                            + " wait: stages that depend on those futures block, or this process gets no CPU. Up to"
                            + " {} threads are used now; use the Async methods for stages that block",
                    size,
                    STUCK_MILLIS,
                    2 * size);
            try {
                continuations.setMaximumPoolSize(2 * size);
                continuations.setCorePoolSize(2 * size);
            } catch (OutOfMemoryError e) {
                log.warn("No further thread can be started", e);
            }
        }
        // In this order: a step that is queued between the two is seen by one of them.
        watching.set(false);
        watchContinuations();
    }

    /** Delivers the events of the gate's own threads to the listener, one at a time. */
    public Executor listener() {
        return listener;
    }

    /** Delivers progress to the listeners of watches; at most one task a watch is queued. */
    public Executor progress() {
        return progress;
    }

    /** Writes counts to the store: one that hangs there holds up nothing else. */
    public Executor counting() {
        return counting;
    }

    /** Does the background work of leases and claims, which may block in the store; runs do not starve it. */
    public Executor upkeep() {
        return upkeep;
    }

    /** Runs {@code task}, which may block, on the caller's executor or the gate's own threads; never on this thread. */
    public void run(Runnable task) {
        Thread submitter = Thread.currentThread();
        if (runs == ownRuns) {
            ownRuns.execute(task);
            return;
        }
        // Race: an executor that runs tasks on the submitting thread, always or only when it is saturated, would block
        // one of the few threads that end waits with an action.
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

    /** Runs {@code task}, which must not block, after {@code delayNanos}. */
    public ScheduledFuture<?> after(long delayNanos, Runnable task) {
        try {
            return timer.schedule(task, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            throw new ToolGateException.Closed();
        }
    }

    /** Takes no new tasks; queued ones are still executed. */
    public void close() {
        timer.shutdown();
        continuations.shutdown();
        listener.shutdown();
        progress.shutdown();
        counting.shutdown();
        upkeep.shutdown();
        ownRuns.shutdown();
    }
}
