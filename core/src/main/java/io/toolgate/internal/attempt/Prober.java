package io.toolgate.internal.attempt;

import io.toolgate.Failure;
import io.toolgate.PaidAction;
import io.toolgate.ProbeResult;
import io.toolgate.Recovery;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.StopSignal;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks an action's probe, on a thread of its own, and waits no longer for it than the action allows: a provider that hangs
 * must hold up neither a caller nor the records that are asked about next.
 */
public final class Prober<R extends @Nullable Object> {
    private final AttemptContext context;
    private final PaidAction<?, R> action;

    Prober(AttemptContext context, PaidAction<?, R> action) {
        this.context = context;
        this.action = action;
    }

    /**
     * What a probe said.
     *
     * @param result its answer; unknown if it gave none
     * @param why it does not know, where that can be said
     * @param thrown what it threw, if it threw
     * @param isCut whether nobody waited for its answer any more: the asker was told to stop, or was interrupted
     */
    record Answer<R extends @Nullable Object>(
            ProbeResult<R> result, String why, @Nullable Throwable thrown, boolean isCut) {
        /** In one word, for the journal. */
        String word() {
            return result.fold(happened -> "happened", () -> "not-happened", () -> "unknown");
        }
    }

    /** Asks about {@code attempt}, until {@code stop} is given. An interrupt of the caller ends that, too, and is kept. */
    Answer<R> ask(Recovery.Probe<R> probe, LiveAttempt attempt, StopSignal stop) {
        CompletableFuture<ProbeResult<R>> answer = new CompletableFuture<>();
        Thread thread = GateThreads.daemon("probe", () -> probe(probe, attempt, answer));
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            return unknown("there is no thread to ask the probe on", e);
        }
        Runnable cut = () -> answer.cancel(false);
        stop.onGiven(cut);
        try {
            ProbeResult<R> result = answer.get(action.probeTimeout().toNanos(), TimeUnit.NANOSECONDS);
            return result == null
                    ? unknown("the probe returned null", null)
                    : new Answer<>(result, "the provider does not know", null, false);
        } catch (TimeoutException e) {
            // What it answers from now on goes nowhere: the record may be another's by then.
            thread.interrupt();
            return unknown("the probe did not answer within " + action.probeTimeout() + " and was interrupted", null);
        } catch (CancellationException e) {
            thread.interrupt();
            return cut();
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            return cut();
        } catch (ExecutionException e) {
            Throwable thrown = e.getCause() == null ? e : e.getCause();
            return unknown("the probe threw " + Failure.describe(thrown), thrown);
        } finally {
            stop.forget(cut);
        }
    }

    private void probe(Recovery.Probe<R> probe, LiveAttempt attempt, CompletableFuture<ProbeResult<R>> answer) {
        // A probe that calls the gate with its own key would wait for itself, whichever thread it is on.
        context.runs().beginProbe(attempt.lease().id());

        try {
            answer.complete(probe.probe(attempt));
        } catch (Throwable e) {
            answer.completeExceptionally(e);
        } finally {

            context.runs().endProbe();
        }
    }

    private static <R extends @Nullable Object> Answer<R> cut() {
        return new Answer<>(ProbeResult.unknown(), "the probe was interrupted", null, true);
    }

    private static <R extends @Nullable Object> Answer<R> unknown(String why, @Nullable Throwable thrown) {
        return new Answer<>(ProbeResult.unknown(), why, thrown, false);
    }
}
