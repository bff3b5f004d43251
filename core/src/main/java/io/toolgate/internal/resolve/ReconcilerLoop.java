package io.toolgate.internal.resolve;

import io.toolgate.ReconcileReport;
import io.toolgate.ToolGateException;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.base.Backoff;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.StopSignal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The background loop of a reconciler: a pass over the records of unknown effect, a pause, and again, on a thread of
 * its own, until it or its gate is closed. Pauses are jittered, so that processes which started together spread their
 * passes.
 */
public final class ReconcilerLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReconcilerLoop.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final AttemptContext context;
    private final StopSignal closing;
    private final ReconcilePass.Settings settings;
    private final long everyNanos;
    private final Pause pause;
    private final ThreadPoolExecutor helpers;
    private final StopSignal stop = new StopSignal();
    // One object, so that it can be removed again.
    private final Runnable stopToo = stop::set;

    private volatile @Nullable Thread thread;

    // Written by the thread that ended a pass last.
    private volatile @Nullable ReconcileReport lastReport;

    /** The pause between two passes; a test lets time pass in its own way. */
    @FunctionalInterface
    public interface Pause {
        /** The pause by the clock. */
        Pause BY_CLOCK = (delay, stop) -> stop.await(delay);

        /** Returns after {@code delay}, or as soon as {@code stop} is set. */
        void await(Duration delay, StopSignal stop) throws InterruptedException;
    }

    /** A loop that stops when {@code closing} is set; not started. */
    public ReconcilerLoop(
            AttemptContext context, StopSignal closing, ReconcilePass.Settings settings, Duration every, Pause pause) {
        this.context = context;
        this.closing = closing;
        this.settings = settings;
        this.everyNanos = every.toNanos();
        this.pause = pause;
        this.helpers = GateThreads.pool("reconcile", settings.parallel(), new LinkedBlockingQueue<>());
    }

    /** Starts the loop, once; the first pass follows at any moment within the interval. */
    public void start() {
        context.runs().ensureOpen();
        closing.onSet(stopToo);
        Thread started = GateThreads.daemon("reconciler", this::run);
        thread = started;
        started.start();
    }

    /** Runs a pass now, on this thread, beside those of the loop. */
    public ReconcileReport runOnce() {
        if (stop.isSet()) {
            throw new ToolGateException.Closed();
        }
        ReconcileReport report = new ReconcilePass(context, settings, helpers).run(stop);
        lastReport = report;
        return report;
    }

    /** The report of the pass that ended last. */
    public Optional<ReconcileReport> lastReport() {
        return Optional.ofNullable(lastReport);
    }

    private void run() {
        try {
            pauseFor(ThreadLocalRandom.current().nextLong(everyNanos));
            while (!stop.isSet()) {
                runPass();
                pauseFor(Backoff.jittered(everyNanos));
            }
        } finally {
            closing.remove(stopToo);
        }
    }

    private void pauseFor(long nanos) {
        try {
            pause.await(Duration.ofNanos(nanos), stop);
        } catch (InterruptedException e) {
            // A pass that begins too early does no harm.
            log.warn("The reconciler thread was interrupted; it ignores that. Close the reconciler to stop it");
        }
    }

    private void runPass() {
        try {
            var unused = runOnce();
        } catch (ToolGateException.Closed e) {
            stop.set();
        } catch (RuntimeException | Error e) {
            // The thread must survive: its end would go unnoticed, and records would stay in doubt for ever.
            log.warn("A pass of the reconciler failed; the next one follows as planned", e);
            lastReport = ReconcilePass.failedReport();
        }
    }

    /**
     * Stops between two records, without waiting for a probe. Waits for requests to the store that are on their way,
     * except on a thread of the reconciler's own. Idempotent.
     */
    @Override
    public void close() {
        stop.set();
        helpers.shutdown();
        Thread running = thread;
        if (running == null
                || Thread.currentThread() == running
                || context.runs().isCallingHere()) {
            return;
        }
        try {
            running.join(CLOSE_TIMEOUT.toMillis());
            if (running.isAlive()) {
                log.warn(
                        "The reconciler has not ended after {}: a store or a listener hangs. It ends as soon as that"
                                + " returns",
                        CLOSE_TIMEOUT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
