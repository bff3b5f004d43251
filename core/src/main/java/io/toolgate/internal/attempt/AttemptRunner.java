package io.toolgate.internal.attempt;

import io.toolgate.Attempt;
import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.internal.replay.ReplayStore;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call's way through the store when it leads: claim, recover, run, end. Blocks its thread; used by one thread.
 *
 * <p>What is certain at each line decides what an exception may say. Before the run, a failure means that this call did not
 * run the action; after it, that the effect may have happened, and from then on nothing here runs it again unless the
 * action's recovery says so.
 */
public final class AttemptRunner<R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(AttemptRunner.class);

    /** The code of the final failure of a key whose attempts all failed before the effect. */
    static final String ATTEMPTS_EXHAUSTED = "attempts-exhausted";

    /** The code of the failure of a key whose probe does not know. */
    static final String PROBE_UNKNOWN = "probe-unknown";

    /** The code of the failure of a key that was released because its probe found no effect. */
    static final String NOT_HAPPENED = "not-happened";

    private static final int RENEWALS_BEFORE_START = 3;

    private final AttemptContext context;
    private final PaidAction<?, R> action;
    private final CallKey key;
    private final long startedNanos;
    private final ListenerEvents events;
    private final AttemptCompletion<R> ends;
    private final @Nullable Body<R> body;
    private final @Nullable Asking asking;
    private final Handback handback;

    // The fence that the attempts of the present life of the key count from, as far as this call has had to learn it.
    private long retiredFence;

    /** The action, applied to its input. */
    @FunctionalInterface
    public interface Body<R extends @Nullable Object> {
        R run(Attempt attempt) throws Exception;
    }

    /** A call's runner of {@code body}. */
    public AttemptRunner(
            AttemptContext context,
            PaidAction<?, R> action,
            CallKey key,
            long startedNanos,
            ListenerEvents events,
            Body<R> body) {
        this(context, action, key, startedNanos, events, body, null);
    }

    /** The reconciler's runner, which does not know the input: what it would run is released instead. */
    public static <R extends @Nullable Object> AttemptRunner<R> ofReconciler(
            AttemptContext context, PaidAction<?, R> action, CallKey key, Asking asking) {
        return new AttemptRunner<>(context, action, key, System.nanoTime(), context.events(), null, asking);
    }

    /**
     * @param body null exactly where the input is not known
     * @param asking the reconciler's terms; null exactly for a call
     */
    private AttemptRunner(
            AttemptContext context,
            PaidAction<?, R> action,
            CallKey key,
            long startedNanos,
            ListenerEvents events,
            @Nullable Body<R> body,
            @Nullable Asking asking) {
        this.context = context;
        this.action = action;
        this.key = key;
        this.startedNanos = startedNanos;
        this.events = events;
        this.ends = new AttemptCompletion<>(context, action, key, startedNanos, events);
        this.body = body;
        this.asking = asking;
        this.handback = new Handback(context.store());
    }

    public Led<R> lead() {
        Led<R> first = claimAndRun();
        if (!first.recoverable() || !context.runs().isOpen()) {
            return first;
        }
        // The run's doubt is in the store by now. The declared recovery is tried at once, and once: a caller waits for
        // an
        // answer, not for a loop. From here on "this call did not run the action" would be a lie.
        Led<R> second;
        try {
            second = claimAndRun();
        } catch (ToolGateException.NotExecuted | ToolGateException.Closed e) {
            log.warn("The recovery of {} did not get under way; its record stays in doubt", key.id(), e);
            return first;
        }
        boolean answered = second.own() != null
                || second.news() instanceof KeyEvent.Done
                || second.news() instanceof KeyEvent.Refused;
        return answered ? second : new Led<>(second.news(), first.own());
    }

    /** Tells the listener how the run ended. Called when everybody who waits has been told. */
    public void tellTheEnd() {
        ends.tell();
    }

    private Led<R> claimAndRun() {
        long sentNanos = System.nanoTime();
        ReplayStore replays = context.replays();
        ReplayStore.Mark mark = replays.mark(key.id());
        ClaimRequest request = request();
        ClaimOutcome claimed;
        try {
            claimed = context.store().claim(request);
        } catch (StoreException.Unavailable e) {
            context.orphans().release(request);
            throw claimFailed(e);
        } catch (RuntimeException e) {
            throw claimFailed(e);
        }
        return claimed.fold(
                acquired -> {
                    // Whatever is known of the record is over, be it that another process retired it.
                    replays.drop(key.id());
                    return own(acquired, sentNanos);
                },
                busy -> Led.news(new KeyEvent.Busy(busy.remaining())),
                finished -> {
                    replays.keep(finished.record(), mark);
                    return Led.news(settled(finished.record()));
                },
                inDoubt -> heldForAttemptsOfAnEarlierLife(inDoubt.record())
                        ? claimAndRun()
                        : Led.news(settled(inDoubt.record())),
                mismatched -> {
                    replays.keep(mismatched.record(), mark);
                    return Led.news(KeyEvent.Conflict.with(mismatched.record()));
                });
    }

    /** Stores count all attempts of a key. Where some belong to a record that was retired, the claim is made once more. */
    private boolean heldForAttemptsOfAnEarlierLife(IdempotencyRecord record) {
        if (body == null
                || retiredFence > 0
                || !(action.recovery() instanceof Recovery.Rerun<R>)
                || record.fence() < action.maxAttempts()
                || ClaimMachine.isQuarantined(record)
                || !mayTakeOver()) {
            return false;
        }
        try {
            retiredFence = context.store().history(key.id(), 0).retiredFence();
        } catch (RuntimeException e) {
            throw claimFailed(e);
        }
        return retiredFence > 0 && record.fence() - retiredFence < action.maxAttempts();
    }

    private ToolGateException claimFailed(RuntimeException cause) {
        return new ToolGateException.NotExecuted("The claim of " + key.id() + " failed: " + cause.getMessage(), cause);
    }

    private KeyEvent settled(IdempotencyRecord record) {
        KeyEvent news = KeyEvent.of(record, key.fingerprint()).orElseGet(KeyEvent.Open::new);
        // The claim carried the action's recovery, so a doubt that it answers is the last word for now.
        return news instanceof KeyEvent.Doubtful doubt
                ? new KeyEvent.Doubtful(doubt.failure(), doubt.since(), true)
                : news;
    }

    private ClaimRequest request() {
        return new ClaimRequest(
                key.id(),
                ClaimToken.random(context.random()),
                context.owner(),
                key.fingerprint(),
                action.lease(),
                action.retention(),
                mayTakeOver() ? OnUnknown.TAKE : OnUnknown.HOLD,
                // The limit is one of runs; a probe is none, and a provider that is down must stay worth asking.
                asks() ? Integer.MAX_VALUE : (int) Math.min(Integer.MAX_VALUE, action.maxAttempts() + retiredFence));
    }

    private boolean mayTakeOver() {
        // A run of this very process may have lost its lease, or have been put in doubt: it is not dead, and known not
        // to be.
        if (context.runs().isRunning(key.id())) {
            return false;
        }
        // Without an input nothing can be rerun, so that only a probe is a reason to take a record over.
        return asks() || (body != null && recovers());
    }

    private boolean asks() {
        return action.recovery() instanceof Recovery.Ask<R>;
    }

    private boolean recovers() {
        return !(action.recovery() instanceof Recovery.Hold<R>);
    }

    private Led<R> own(Acquired acquired, long sentNanos) {
        LiveAttempt attempt = new LiveAttempt(context.store(), acquired.lease(), action, sentNanos);
        Previous previous = acquired.previous();
        Previous doubt = previous != null && previous.effectUnknown() ? previous : null;
        context.runs().begin(key.id());
        try {
            if (asking != null && !asking.isAbout(acquired)) {
                handback.asFound(attempt, previous);
                return Led.news(new KeyEvent.Open());
            }
            keepAlive(attempt, doubt);
            recall(attempt, doubt);
            if (doubt != null) {
                tell(attempt, acquired.version(), (l, e) -> l.takenOver(e));
                return recover(attempt, doubt);
            }
            tell(attempt, acquired.version(), (l, e) -> l.claimed(e));
            return run(attempt, null);
        } finally {
            context.leases().remove(attempt);
            context.runs().end(key.id());
        }
    }

    private void keepAlive(LiveAttempt attempt, @Nullable Previous doubt) {
        try {
            context.leases().add(attempt);
        } catch (RuntimeException | Error e) {
            handback.release(attempt, doubt);
            throw new ToolGateException.NotExecuted(
                    "There is no thread to keep the lease of " + key.id() + " alive", e);
        }
    }

    /** Learns what earlier attempts left. A first attempt has none before it, so that it asks nothing. */
    private void recall(LiveAttempt attempt, @Nullable Previous doubt) {
        if (attempt.number() == 1) {
            return;
        }
        try {
            attempt.recall(context.store().history(key.id(), 0));
        } catch (RuntimeException e) {
            handback.release(attempt, doubt);
            throw new ToolGateException.NotExecuted(
                    "What earlier attempts of " + key.id() + " left could not be read: " + e.getMessage(), e);
        }
    }

    /**
     * Whether the action may start now: the gate is open, and half of the lease is left at least. Races: the claim waited
     * behind a row lock, the probe took its time, a listener did, or the gate was closed meanwhile. The lease is then renewed;
     * if somebody else took the key, or the store does not answer in time, nothing has run and the claim is given back.
     *
     * @param doubt the attempt before, if its effect is unknown; a claim that is given back must not vouch for it
     */
    private boolean mayStart(LiveAttempt attempt, @Nullable Previous doubt) {
        RuntimeException late = null;
        for (int i = 0; i < RENEWALS_BEFORE_START && late == null; i++) {
            if (!context.runs().isOpen()) {
                handback.release(attempt, doubt);
                throw new ToolGateException.Closed();
            }
            if (attempt.remaining().toNanos() >= action.lease().toNanos() / 2) {
                return true;
            }
            try {
                if (!attempt.renew()) {
                    handback.release(attempt, doubt);
                    return false;
                }
            } catch (RuntimeException e) {
                late = e;
            }
        }
        handback.release(attempt, doubt);
        throw new ToolGateException.NotExecuted(
                "The lease of " + key.id()
                        + " had to be renewed before the action could start, and the store did not do"
                        + " that within half of " + action.lease(),
                late);
    }

    private Led<R> recover(LiveAttempt attempt, Previous previous) {
        Recovery<R> recovery = action.recovery();
        if (!(recovery instanceof Recovery.Ask<R> ask)) {
            // Rerun: declared safe. Hold never gets here, since its claims take nothing of unknown effect.
            return run(attempt, previous);
        }
        return new ProbeRecovery<>(context, action, ends, asking)
                .ask(ask.probe(), attempt, previous, () -> run(attempt, null), () -> {
                    handback.release(attempt, previous);
                    return Led.news(new KeyEvent.Open());
                });
    }

    /** Runs the action; {@code doubt} is the attempt before, if its effect is unknown still. */
    private Led<R> run(LiveAttempt attempt, @Nullable Previous doubt) {
        if (body == null) {
            return ends.failed(
                    attempt, Failure.notExecuted(NOT_HAPPENED, "known not to have happened; the key is free"));
        }
        if (!mayStart(attempt, doubt)) {
            return Led.news(new KeyEvent.Open());
        }
        long startNanos = System.nanoTime();
        R value;
        try {
            value = body.run(attempt);
        } catch (Throwable e) {
            noteInterrupt(e);
            Led<R> led = ends.failed(attempt, inView(attempt, doubt, classify(e)));
            rethrowIfError(e);
            if (led.own() instanceof Outcome.InDoubt<R> && recovers()) {
                log.warn("{} ended without knowing whether its effect happened; its recovery is tried", attempt, e);
                return new Led<>(led.news(), led.own(), true);
            }
            return led;
        }
        return ends.completed(attempt, value, Origin.EXECUTED, System.nanoTime() - startNanos);
    }

    /** What a failure of this attempt says about the key, in view of the attempts before and of those that are left. */
    private Failure inView(LiveAttempt attempt, @Nullable Previous doubt, Failure failure) {
        if (failure.kind() != Failure.Kind.NOT_EXECUTED) {
            return failure;
        }
        if (doubt != null) {
            // That this attempt had no effect says nothing about the one before it.
            Failure before = Handback.doubtOf(doubt);
            return Failure.unknown(
                    before.code(),
                    before.message() + "; attempt " + attempt.number() + " had no effect (" + failure.code() + ")");
        }
        if (attempt.numberInLife() < action.maxAttempts()) {
            return failure;
        }
        // The last one's failure before the effect is final: there is no attempt left to release the key for.
        return Failure.rejected(
                ATTEMPTS_EXHAUSTED,
                "attempt " + attempt.numberInLife() + " failed before the effect, and " + action.maxAttempts()
                        + " are allowed; the failure: " + failure.code() + ": " + failure.message());
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
            log.warn("The classifier of {} returned null; the failure is taken as unknown", action);
        } catch (Throwable e) {
            log.warn("The classifier of {} threw; the failure is taken as unknown", action, e);
        }
        return Failure.unknown(thrown);
    }

    private static void noteInterrupt(@Nullable Throwable thrown) {
        if (thrown instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
    }

    private static void rethrowIfError(@Nullable Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
    }

    private void tell(LiveAttempt attempt, long version, ListenerEvents.EventConsumer event) {
        events.tell(key.id(), attempt.number(), version, startedNanos, event);
    }
}
