package io.toolgate.internal.attempt;

import io.toolgate.Completion.By;
import io.toolgate.Failure;
import io.toolgate.PaidAction;
import io.toolgate.ProbeResult;
import io.toolgate.Recovery;
import io.toolgate.internal.attempt.AttemptRunner.Result;
import io.toolgate.internal.base.CheckpointNames;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.Redaction;
import io.toolgate.internal.base.StopSignal;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.RunEffect;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovery by the action's probe: calls it about the attempt before this one, records its answer as a checkpoint, and
 * completes, reruns, releases or leaves the record accordingly.
 *
 * <p>The probe runs on a thread of its own, and is waited for no longer than the action allows: a provider that hangs
 * holds up neither a caller nor the records that are probed next.
 */
public final class ProbeRecovery<R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(ProbeRecovery.class);

    private final AttemptContext context;
    private final PaidAction<?, R> action;
    private final Redaction redaction;
    private final AttemptCompletion<R> completion;
    private final @Nullable Terms terms;

    /**
     * The terms on which the reconciler probes one record.
     *
     * @param seenFence the record's fence when it was found due
     * @param maxProbes after how many unknown answers the record is quarantined
     * @param mayTakeOver false if the record is only put in doubt, since it is not due yet
     * @param slot the slot of the probe, if there will be one
     * @param stop ends a probe that is being waited for
     */
    public record Terms(
            long seenFence, int maxProbes, boolean mayTakeOver, ActiveRuns.ProbeSlot slot, StopSignal stop) {
        /**
         * Whether the claim took over the record that was found due. Race: between that read and the claim another
         * process probed the record, finished it or replaced it; this reconciler must then leave it as it is.
         */
        boolean cover(Acquired acquired) {
            Previous previous = acquired.previous();
            return previous != null
                    && previous.effectUnknown()
                    && acquired.lease().fence() == seenFence + 1;
        }
    }

    /**
     * The answer of the latest probe, as the checkpoint {@code toolgate:probe} keeps it for the journal.
     *
     * @param answer {@code happened}, {@code not-happened} or {@code unknown}
     * @param unknownAnswers how often the reconciler's probes did not know; those of calls are not counted
     */
    public record Note(String answer, int unknownAnswers) {
        /** The checkpoint's name. */
        public static final String NAME = CheckpointNames.RUNTIME + "probe";

        private static final Note NONE = new Note("", 0);

        /** The note in {@code checkpoint}; an empty one if there is none. */
        public static Note of(Optional<Checkpoint> checkpoint) {
            if (checkpoint.isEmpty() || checkpoint.get().value().isNull()) {
                return NONE;
            }
            String text = new String(checkpoint.get().value().bytes(), StandardCharsets.UTF_8);
            int space = text.indexOf(' ');
            try {
                return new Note(text.substring(0, Math.max(0, space)), Integer.parseInt(text.substring(space + 1)));
            } catch (NumberFormatException e) {
                // Written by another version, or by hand.
                return NONE;
            }
        }

        String text() {
            return answer + " " + unknownAnswers;
        }
    }

    /**
     * The answer of a probe.
     *
     * @param result unknown if it gave none
     * @param why the reason for an unknown one
     * @param thrown what the probe threw, if it did
     * @param isCancelled whether the answer was no longer waited for: the stop signal was set, or the thread
     *     interrupted
     */
    private record Answer<R extends @Nullable Object>(
            ProbeResult<R> result, String why, @Nullable Throwable thrown, boolean isCancelled) {
        static <R extends @Nullable Object> Answer<R> cancelled() {
            return new Answer<>(ProbeResult.unknown(), "the probe was interrupted", null, true);
        }

        static <R extends @Nullable Object> Answer<R> unknown(String why, @Nullable Throwable thrown) {
            return new Answer<>(ProbeResult.unknown(), why, thrown, false);
        }

        boolean isUnknown() {
            return result instanceof ProbeResult.Unknown<R>;
        }

        String kind() {
            return result.fold(happened -> "happened", () -> "not-happened", () -> "unknown");
        }
    }

    /**
     * A recovery.
     *
     * @param terms the reconciler's; null for a call
     */
    ProbeRecovery(
            AttemptContext context, PaidAction<?, R> action, AttemptCompletion<R> completion, @Nullable Terms terms) {
        this.context = context;
        this.action = action;
        this.redaction = Redaction.of(action);
        this.completion = completion;
        this.terms = terms;
    }

    /** Probes, and ends {@code attempt} according to the answer; with {@code notHappened} if there was no effect. */
    Result<R> recover(
            Recovery.Probe<R> probe, LiveAttempt attempt, Previous previous, Supplier<Result<R>> notHappened) {
        attempt.givenBy(By.PROBE);
        Answer<R> answer = probe(probe, attempt, terms == null ? new StopSignal() : terms.stop());
        if (terms != null && answer.isCancelled()) {
            completion.release(attempt, previous);
            return Result.of(new KeyEvent.ClaimAgain());
        }
        int unknownAnswers = Note.of(attempt.checkpoints().ofRuntime(Note.NAME)).unknownAnswers()
                + (answer.isUnknown() && terms != null ? 1 : 0);
        // A probe that completed the record in a transaction of its own leaves no room for a note.
        if (attempt.written() == null || answer.isUnknown()) {
            // Before it is acted on, so that the journal shows the reason for the next transition.
            attempt.checkpoints().note(Note.NAME, new Note(answer.kind(), unknownAnswers).text());
        }
        return answer.result()
                .fold(
                        result -> completion.recovered(
                                attempt, result, failure -> rowsFailed(attempt, failure, unknownAnswers + 1)),
                        () -> {
                            attempt.givenBy(By.RUN);
                            return notHappened.get();
                        },
                        () -> stayInDoubt(attempt, previous, answer, unknownAnswers));
    }

    /**
     * The doubt of a record whose effect happened but whose rows could not be written. For the reconciler it counts
     * like an unknown answer: it is tried again ever later, and at last left to a person.
     */
    private Failure rowsFailed(LiveAttempt attempt, Failure failure, int answers) {
        if (terms == null) {
            return failure;
        }
        attempt.checkpoints().note(Note.NAME, new Note("happened", answers).text());
        return answers < terms.maxProbes()
                ? failure
                : Failure.of(
                        Failure.Kind.UNKNOWN,
                        Failure.Codes.QUARANTINED,
                        "the effect happened, but its rows could not be written; " + failure.message());
    }

    private Result<R> stayInDoubt(LiveAttempt attempt, Previous previous, Answer<R> answer, int unknownAnswers) {
        Failure before = previous.failure();
        String why = answer.why() + "; attempt " + previous.fence() + " before it "
                + (before == null ? "vanished" : "ended with " + before.code() + ": " + before.message());
        boolean exhausted = terms != null && unknownAnswers >= terms.maxProbes();
        Failure failure = exhausted
                ? Failure.of(
                        Failure.Kind.UNKNOWN,
                        Failure.Codes.QUARANTINED,
                        "the reconciler probed " + unknownAnswers
                                + " times without an answer and leaves this to a person; " + why)
                : Failure.unknown(Failure.Codes.PROBE_UNKNOWN, why);
        Result<R> result = completion.failed(attempt, failure, RunEffect.UNKNOWN);
        if (exhausted) {
            log.warn("{} is quarantined: {}. Check with the provider and resolve it", attempt, failure.message());
        }
        if (answer.thrown() instanceof Error error) {
            // An answer that is unknown, like any other that a probe gives by throwing: its caller may have run before.
            log.warn("The probe of {} threw an error; the record stays in doubt", attempt, redaction.forLog(error));
        }
        return result;
    }

    /** Waits for an answer until the probe's timeout, until {@code stop}, or until an interrupt, which is kept. */
    private Answer<R> probe(Recovery.Probe<R> probe, LiveAttempt attempt, StopSignal stop) {
        CompletableFuture<ProbeResult<R>> answer = new CompletableFuture<>();
        Thread thread = GateThreads.daemon("probe", () -> callProbe(probe, attempt, answer));
        try (ActiveRuns.ProbeSlot slot = terms == null ? context.runs().probeSlot() : terms.slot()) {
            slot.start(thread);
        } catch (OutOfMemoryError e) {
            return Answer.unknown("there is no thread to run the probe on", e);
        }
        Runnable cancel = () -> answer.cancel(false);
        stop.onSet(cancel);
        try {
            ProbeResult<R> result = answer.get(action.probeTimeout().toNanos(), TimeUnit.NANOSECONDS);
            return result == null
                    ? Answer.unknown("the probe returned null", null)
                    : new Answer<>(result, "the provider does not know", null, false);
        } catch (TimeoutException e) {
            // An answer from now on is ignored: the record may have another owner by then.
            thread.interrupt();
            return Answer.unknown(
                    "the probe did not answer within " + action.probeTimeout() + " and was interrupted", null);
        } catch (CancellationException e) {
            thread.interrupt();
            return Answer.cancelled();
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            return Answer.cancelled();
        } catch (ExecutionException e) {
            Throwable thrown = e.getCause() == null ? e : e.getCause();
            return Answer.unknown("the probe threw " + redaction.text(Failure.describe(thrown)), thrown);
        } finally {
            stop.remove(cancel);
        }
    }

    private void callProbe(Recovery.Probe<R> probe, LiveAttempt attempt, CompletableFuture<ProbeResult<R>> answer) {
        try {
            // A probe that calls the gate with its own key would wait for itself.
            answer.complete(context.runs().callInSlot(attempt.lease().id(), () -> probe.probe(attempt)));
        } catch (Throwable e) {
            answer.completeExceptionally(e);
        }
    }
}
