package io.toolgate.internal.resolve;

import io.toolgate.ReconcileReport;
import io.toolgate.ToolGateException;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.StopSignal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes over the records of unknown effect again and again, on a thread of its own, until it is closed or its gate is. The
 * time between two rounds is drawn anew each time, so that processes that began together do not march in step.
 */
public final class ReconcilerLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReconcilerLoop.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final AttemptContext context;
    private final StopSignal closing;
    private final SweepSettings settings;
    private final Duration every;
    private final Pacing pacing;
    private final ThreadPoolExecutor helpers;
    private final StopSignal stop = new StopSignal();
    // One object, so that it can be forgotten again.
    private final Runnable stopToo = stop::give;
    private final Thread thread;

    // Written by whoever finished a round last.
    private volatile @Nullable ReconcileReport last;

    /** Rounds that have not begun yet. */
    public ReconcilerLoop(
            AttemptContext context, StopSignal closing, SweepSettings settings, Duration every, Pacing pacing) {
        this.context = context;
        this.closing = closing;
        this.settings = settings;
        this.every = every;
        this.pacing = pacing;
        this.helpers = GateThreads.pool("reconcile", settings.parallel(), new LinkedBlockingQueue<>());
        this.thread = GateThreads.daemon("reconciler", this::goRound);
    }

    /** Begins, at any moment within the first interval. */
    public void start() {
        context.runs().ensureOpen();
        closing.onGiven(stopToo);
        thread.start();
    }

    /** Makes a round now, on this thread, whatever the others do. */
    public ReconcileReport runOnce() {
        if (stop.isGiven()) {
            throw new ToolGateException.Closed();
        }
        ReconcileReport report = new ReconcilePass(context, settings, helpers).run(stop);
        last = report;
        return report;
    }

    /** What the round that ended last came to. */
    public Optional<ReconcileReport> lastReport() {
        return Optional.ofNullable(last);
    }

    private void goRound() {
        try {
            pause(jittered(0, 1));
            while (!stop.isGiven()) {
                round();
                pause(jittered(0.75, 0.5));
            }
        } finally {
            closing.forget(stopToo);
        }
    }

    private void pause(Duration delay) {
        try {
            pacing.pause(delay, stop);
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt this thread; a round too early does no harm.
            log.warn("The reconciler's thread was interrupted and goes on; close the reconciler to stop it");
        }
    }

    private void round() {
        try {
            var unused = runOnce();
        } catch (ToolGateException.Closed e) {
            stop.give();
        } catch (RuntimeException | Error e) {
            // The thread must outlive any one round: nobody would notice its end, and doubts would stay for ever.
            log.warn("A round of the reconciler broke; the next one is tried as planned", e);
            last = new SweepTally().report(false);
        }
    }

    private Duration jittered(double least, double spread) {
        double share = least + spread * context.random().nextDouble();
        return Duration.ofNanos((long) (every.toNanos() * share));
    }

    /**
     * Stops: between records at once, and a probe that is being asked is not waited for. Waits for what is on its way to the
     * store, except on a thread of the reconciler's own. Idempotent.
     */
    @Override
    public void close() {
        stop.give();
        helpers.shutdown();
        if (Thread.currentThread() == thread || context.runs().isLeadingHere()) {
            return;
        }
        try {
            thread.join(PATIENCE.toMillis());
            if (thread.isAlive()) {
                log.warn(
                        "The reconciler has not ended after {}: a store or a listener hangs; it ends as soon as that"
                                + " lets it",
                        PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
