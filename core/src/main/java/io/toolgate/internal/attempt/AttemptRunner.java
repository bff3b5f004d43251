package io.toolgate.internal.attempt;

import io.toolgate.Attempt;
import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.internal.base.Redaction;
import io.toolgate.internal.replay.ReplayStore;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.RunEffect;
import io.toolgate.store.StoreException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one attempt at a key: claims the record, recovers what an earlier attempt left, runs the action and completes
 * the record. Blocks its thread; used by one thread.
 *
 * <p>How far an attempt has come decides what an exception may say. One from before the action says that this call did
 * not run it; a later one says that its effect may have happened, and from then on only the action's recovery runs it
 * again.
 */
public final class AttemptRunner<R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(AttemptRunner.class);

    private static final Pattern NO_EFFECT_NOTE = Pattern.compile("; attempt \\d+ had no effect \\(.*\\)$");

    private final AttemptContext context;
    private final PaidAction<?, R> action;
    private final CallKey key;
    private final long startedNanos;
    private final long waitUntilNanos;
    private final ListenerEvents events;
    private final Redaction redaction;
    private final AttemptCompletion<R> completion;
    private final Supplier<@Nullable Payload> input;
    private final @Nullable Body<R> body;
    private final ProbeRecovery.@Nullable Terms terms;

    /** The action, applied to its input. */
    @FunctionalInterface
    public interface Body<R extends @Nullable Object> {
        /** Runs the action. */
        R run(Attempt attempt) throws Exception;
    }

    /**
     * Result of an attempt.
     *
     * @param event for every other caller of the key, and for this one if it has no outcome of its own
     * @param own this caller's outcome; null if it takes the event like the others
     * @param recoverable whether the run ended in doubt and the action has a recovery to try
     */
    public record Result<R extends @Nullable Object>(
            KeyEvent event, @Nullable Outcome<R> own, boolean recoverable) {
        Result(KeyEvent event, @Nullable Outcome<R> own) {
            this(event, own, false);
        }

        static <R extends @Nullable Object> Result<R> of(KeyEvent event) {
            return new Result<>(event, null);
        }
    }

    /**
     * A runner of a call, which started at {@code startedNanos}, waits until {@code waitUntilNanos}, and whose listener
     * is {@code events}.
     *
     * @param input encodes the input that a claim is to store; gives null if there is none
     */
    public AttemptRunner(
            AttemptContext context,
            PaidAction<?, R> action,
            CallKey key,
            long startedNanos,
            long waitUntilNanos,
            ListenerEvents events,
            Supplier<@Nullable Payload> input,
            Body<R> body) {
        this(context, action, key, startedNanos, waitUntilNanos, events, input, body, null);
    }

    /**
     * A runner of the reconciler.
     *
     * @param body null if the input is not known: a record that it would run is then released instead
     */
    public static <R extends @Nullable Object> AttemptRunner<R> ofReconciler(
            AttemptContext context,
            PaidAction<?, R> action,
            CallKey key,
            @Nullable Body<R> body,
            ProbeRecovery.Terms terms) {
        long now = System.nanoTime();
        return new AttemptRunner<>(context, action, key, now, now, context.events(), () -> null, body, terms);
    }

    /**
     * A runner.
     *
     * @param input encodes the input that a claim is to store; gives null if there is none
     * @param body null exactly where the input is not known
     * @param terms the reconciler's terms; null exactly for a call
     */
    private AttemptRunner(
            AttemptContext context,
            PaidAction<?, R> action,
            CallKey key,
            long startedNanos,
            long waitUntilNanos,
            ListenerEvents events,
            Supplier<@Nullable Payload> input,
            @Nullable Body<R> body,
            ProbeRecovery.@Nullable Terms terms) {
        this.context = context;
        this.action = action;
        this.key = key;
        this.startedNanos = startedNanos;
        this.waitUntilNanos = waitUntilNanos;
        this.events = events;
        this.redaction = Redaction.of(action);
        this.completion = new AttemptCompletion<>(context, action, key, startedNanos, events);
        this.input = input;
        this.body = body;
        this.terms = terms;
    }

    /**
     * Runs the attempt, and for a call a second one if the first ended in a doubt that the action knows how to recover.
     */
    public Result<R> run() {
        Result<R> first = claimAndRun();
        if (!first.recoverable() || terms != null || !context.runs().isOpen()) {
            return first;
        }
        // The doubt is stored by now. Its recovery is tried at once, and only once: a caller waits for an answer, not
        // for a loop. An exception must no longer say that this call did not run the action.
        Result<R> second;
        try {
            second = claimAndRun();
        } catch (ToolGateException.NotExecuted | ToolGateException.Closed e) {
            log.warn("The recovery of {} could not start; its record stays in doubt", key.id(), e);
            return first;
        }
        boolean answered = second.own() != null
                || second.event() instanceof KeyEvent.Completed
                || second.event() instanceof KeyEvent.Rejected;
        return answered ? second : new Result<>(second.event(), first.own());
    }

    /** Reports the completion to the listener, which may be slow: called once every waiter has its event. */
    public void reportCompletion() {
        completion.report();
    }

    private Result<R> claimAndRun() {
        ClaimRequest request = request();
        long sentNanos = System.nanoTime();
        ReplayStore replays = context.replays();
        ReplayStore.Stamp stamp = replays.stamp(key.id());
        ClaimOutcome claimed;
        try {
            claimed = context.store().claim(request);
        } catch (RuntimeException e) {
            if (mayHaveClaimed(e)) {
                context.orphans().release(request);
            }
            throw claimFailed(e);
        }
        return claimed.fold(
                acquired -> {
                    // A cached entry of the key is outdated: another process may have retired the record.
                    replays.drop(key.id());
                    return runAcquired(acquired, request.input(), sentNanos);
                },
                busy -> Result.of(new KeyEvent.Busy(busy.remaining(), busy.running())),
                paused -> Result.of(eventOf(paused.record())),
                finished -> {
                    replays.keep(finished.record(), stamp);
                    return Result.of(eventOf(finished.record()));
                },
                inDoubt -> {
                    Failure vanished = inDoubt.record().failure();
                    if (inDoubt.marked() && vanished != null) {
                        completion.foundVanished(inDoubt.record(), vanished);
                    }
                    return Result.of(eventOf(inDoubt.record()));
                },
                mismatched -> {
                    replays.keep(mismatched.record(), stamp);
                    return Result.of(KeyEvent.Conflict.with(mismatched.record()));
                });
    }

    /** Whether a claim that failed with {@code e} may have been applied, or still be by a statement on its way. */
    private static boolean mayHaveClaimed(RuntimeException e) {
        return !(e instanceof StoreException) || e instanceof StoreException.Unavailable;
    }

    private ToolGateException claimFailed(RuntimeException cause) {
        return new ToolGateException.NotExecuted("The claim of " + key.id() + " failed: " + cause.getMessage(), cause);
    }

    private KeyEvent eventOf(IdempotencyRecord record) {
        KeyEvent event = KeyEvent.of(record, key.fingerprint()).orElseGet(KeyEvent.ClaimAgain::new);
        // The claim carried the action's recovery, so that claiming again would change nothing now.
        return event instanceof KeyEvent.InDoubt doubt
                ? new KeyEvent.InDoubt(doubt.failure(), doubt.since(), doubt.attempts(), true)
                : event;
    }

    private ClaimRequest request() {
        return new ClaimRequest(
                key.id(),
                ClaimToken.random(context.random()),
                context.owner(),
                key.fingerprint(),
                action.lease(),
                action.retention(),
                !mayTakeOver() ? OnUnknown.HOLD : hasProbe() ? OnUnknown.PROBE : OnUnknown.RERUN,
                action.maxAttempts(),
                action.rows().isPresent(),
                input.get());
    }

    private boolean mayTakeOver() {
        // A run of this process may have lost its lease, or be in doubt, and is still known to be alive.
        if (context.runs().isRunning(key.id()) || (terms != null && !terms.mayTakeOver())) {
            return false;
        }
        // Without an input nothing can be rerun: only a probe is a reason to take over.
        return hasProbe() || (body != null && hasRecovery());
    }

    private boolean hasProbe() {
        return action.recovery() instanceof Recovery.ByProbe<R>;
    }

    private boolean hasRecovery() {
        return !(action.recovery() instanceof Recovery.Hold<R>);
    }

    private Result<R> runAcquired(Acquired acquired, @Nullable Payload sentInput, long sentNanos) {
        LiveAttempt attempt =
                new LiveAttempt(context.store(), acquired.lease(), acquired.numbers(), action, sentInput, sentNanos);
        Previous previous = acquired.previous();
        Previous doubt = previous != null && previous.effectUnknown() ? previous : null;
        context.runs().begin(key.id());
        try {
            if (terms != null && !terms.cover(acquired)) {
                completion.releaseAsFound(attempt, previous);
                return Result.of(new KeyEvent.ClaimAgain());
            }
            keepLease(attempt, doubt);
            restoreCheckpoints(attempt, doubt);
            if (doubt != null) {
                report(attempt, acquired.version(), (l, e) -> l.takenOver(e));
                return recover(attempt, doubt);
            }
            report(attempt, acquired.version(), (l, e) -> l.claimed(e));
            return runAction(attempt, null);
        } finally {
            context.leases().remove(attempt);
            context.runs().end(key.id());
        }
    }

    private void keepLease(LiveAttempt attempt, @Nullable Previous doubt) {
        try {
            context.leases().add(attempt);
        } catch (RuntimeException | Error e) {
            completion.release(attempt, doubt);
            throw new ToolGateException.NotExecuted(
                    "The thread that keeps the lease of " + key.id() + " alive could not be started", e);
        }
    }

    /** Reads what earlier attempts left; a first attempt has none before it and reads nothing. */
    private void restoreCheckpoints(LiveAttempt attempt, @Nullable Previous doubt) {
        if (attempt.number() == 1) {
            return;
        }
        try {
            attempt.checkpoints().restore(context.store().history(key.id(), 0).checkpoints());
        } catch (RuntimeException e) {
            completion.release(attempt, doubt);
            throw new ToolGateException.NotExecuted(
                    "The checkpoints of earlier attempts of " + key.id() + " could not be read: " + e.getMessage(), e);
        }
    }

    /**
     * Whether the action may start: the gate is open, and at least half of the lease remains.
     *
     * <p>Race: the claim waited behind a row lock, a probe or a listener took its time, or the gate was closed
     * meanwhile. The lease is then renewed; if another owner took the key, or the store does not answer in time,
     * nothing has run and the claim is released. In time is within the call's wait or, if that ended before the claim
     * was sent, from then on, and one lease more: a call is not held by a slow store for longer.
     *
     * @param doubt the attempt before, if its effect is unknown; a claim that is released must not say that it had
     *     none
     */
    private boolean mayStart(LiveAttempt attempt, @Nullable Previous doubt) {
        RuntimeException failure = null;
        long sent = attempt.startedNanos();
        long startBy = (waitUntilNanos - sent > 0 ? waitUntilNanos : sent)
                + action.lease().toNanos();
        while (failure == null) {
            if (!context.runs().isOpen()) {
                completion.release(attempt, doubt);
                throw new ToolGateException.Closed();
            }
            if (attempt.remaining().toNanos() >= action.lease().toNanos() / 2) {
                return true;
            }
            if (System.nanoTime() - startBy >= 0) {
                break;
            }
            try {
                if (!attempt.renew()) {
                    completion.release(attempt, doubt);
                    return false;
                }
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (failure != null && System.nanoTime() - startBy < 0) {
            completion.release(attempt, doubt);
        } else {
            completion.releaseLater(attempt, doubt);
        }
        throw new ToolGateException.NotExecuted(
                "The lease of " + key.id()
                        + " had to be renewed before the action could start, and the store did not do"
                        + " that in time (within half of " + action.lease() + ", and so that this call is not held for"
                        + " longer than its wait and that lease)",
                failure);
    }

    private Result<R> recover(LiveAttempt attempt, Previous previous) {
        if (!(action.recovery() instanceof Recovery.ByProbe<R> probing)) {
            // Rerun, which is declared safe: the claims of a holding action take over nothing of unknown effect.
            return runAction(attempt, previous);
        }
        return new ProbeRecovery<>(context, action, completion, terms)
                .recover(probing.probe(), attempt, previous, () -> runAction(attempt, null));
    }

    /** Runs the action; {@code doubt} is the attempt before, if its effect is still unknown. */
    private Result<R> runAction(LiveAttempt attempt, @Nullable Previous doubt) {
        if (body == null) {
            return completion.failed(
                    attempt,
                    Failure.notExecuted(Failure.Codes.NOT_HAPPENED, "known not to have happened; the key is free"),
                    RunEffect.NOT_STARTED);
        }
        if (!mayStart(attempt, doubt)) {
            return Result.of(new KeyEvent.ClaimAgain());
        }
        long runStartedNanos = System.nanoTime();
        R value;
        try {
            value = body.run(attempt);
        } catch (Throwable e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            Failure failure = redaction.failure(classify(e));
            Result<R> result = completion.failed(attempt, failureOfKey(attempt, doubt, failure), RunEffect.of(failure));
            if (e instanceof Error error) {
                throw error;
            }
            if (result.own() instanceof Outcome.InDoubt<R> && hasRecovery()) {
                log.warn(
                        "{} failed and its effect is unknown; the action's recovery is tried {}",
                        attempt,
                        terms == null ? "now" : "in a later pass of the reconciler",
                        redaction.forLog(e));
                return new Result<>(result.event(), result.own(), true);
            }
            return result;
        }
        return completion.completed(attempt, value, System.nanoTime() - runStartedNanos);
    }

    /**
     * What a failure of this attempt means for the key: that it had no effect says nothing about one before it, whose
     * effect is unknown.
     */
    private static Failure failureOfKey(LiveAttempt attempt, @Nullable Previous doubt, Failure failure) {
        if (failure.kind() != Failure.Kind.NOT_EXECUTED || doubt == null) {
            return failure;
        }
        Failure before = AttemptCompletion.doubtOf(doubt);
        // Only the latest of many: a provider may be down for long.
        String message = NO_EFFECT_NOTE.matcher(before.message()).replaceFirst("");
        return Failure.of(
                Failure.Kind.UNKNOWN,
                before.code(),
                message + "; attempt " + attempt.number() + " had no effect (" + failure.code() + ")");
    }

    private Failure classify(Throwable thrown) {
        if (thrown instanceof Error) {
            return Failure.unknown(thrown);
        }
        try {
            Failure failure = action.classifier().classify(thrown);
            if (failure != null) {
                return failure;
            }
            log.warn("The classifier of {} returned null; the failure is treated as unknown", action);
        } catch (Throwable e) {
            log.warn(
                    "The classifier of {} threw an exception; the failure is treated as unknown",
                    action,
                    redaction.forLog(e));
        }
        return Failure.unknown(thrown);
    }

    private void report(LiveAttempt attempt, long version, ListenerEvents.EventConsumer event) {
        events.report(key.id(), attempt.number(), version, startedNanos, event);
    }
}
