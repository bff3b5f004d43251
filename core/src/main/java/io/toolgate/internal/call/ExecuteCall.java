package io.toolgate.internal.call;

import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ToolGateException;
import io.toolgate.internal.attempt.OutcomeMapper;
import io.toolgate.internal.base.CallCounters;
import io.toolgate.internal.base.CallCounters.Counter;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code execute}: its identity, its input and its deadline. Decides after each event whether the call is
 * answered, claims again or waits on. Holds no thread and does no I/O.
 */
public final class ExecuteCall<I extends @Nullable Object, R extends @Nullable Object> {
    /** A longer pause is taken in parts: a decision about the key, or the end of the gate, is seen meanwhile. */
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long calls are spread after a pause, so that one of them leads and the others follow. */
    private static final long SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final PaidAction<I, R> action;
    private final CallKey key;
    private final I input;
    private final ListenerEvents events;
    private final CallCounters counters;
    private final long startedNanos = System.nanoTime();
    private final long waitNanos;

    // Written by the one thread that works on the call; waiter queues publish them to the next one.
    private KeyEvent.@Nullable Busy seen;
    private long seenNanos;
    private boolean sawRecord;
    private boolean hadEvent;
    private SingleFlight.@Nullable Flight held;
    private Outcome.@Nullable InDoubt<R> ownDoubt;

    /** The next step of a call. */
    public sealed interface Step<R extends @Nullable Object> {
        /** Return this outcome to the caller. */
        record Answer<R extends @Nullable Object>(Outcome<R> outcome) implements Step<R> {}

        /** Lead a flight of the key, or follow one. */
        record LeadOrFollow<R extends @Nullable Object>() implements Step<R> {}

        /** Lead or follow after this time. */
        record Pause<R extends @Nullable Object>(long nanos) implements Step<R> {}

        /** Wait until the record, which another process owns, has an event. */
        record AwaitRecord<R extends @Nullable Object>() implements Step<R> {}
    }

    /** A call that may wait for {@code wait} and reports to {@code events}. */
    public ExecuteCall(
            PaidAction<I, R> action,
            CallKey key,
            I input,
            Duration wait,
            ListenerEvents events,
            CallCounters counters) {
        this.action = action;
        this.key = key;
        this.input = input;
        this.events = events;
        this.counters = counters;
        this.waitNanos = wait.toNanos();
    }

    PaidAction<I, R> action() {
        return action;
    }

    /** The key that the call shares with equal ones. */
    public CallKey key() {
        return key;
    }

    RecordId id() {
        return key.id();
    }

    I input() {
        return input;
    }

    ListenerEvents events() {
        return events;
    }

    long startedNanos() {
        return startedNanos;
    }

    /** When the call's wait ends. */
    long waitUntilNanos() {
        return startedNanos + waitNanos;
    }

    /** Whether the call had an event before, and is to claim because of it. */
    boolean claimsAgain() {
        return hadEvent;
    }

    /** Keeps {@code flight}, which this call led, where new calls find it, until {@link #unhold}. */
    void hold(SingleFlight.Flight flight) {
        held = flight;
    }

    boolean holds(SingleFlight.Flight flight) {
        return held == flight;
    }

    /** Returns the flight that was held, if one was, and holds it no more. */
    SingleFlight.@Nullable Flight unhold() {
        SingleFlight.Flight flight = held;
        held = null;
        return flight;
    }

    /** Whether the call may wait at all. */
    public boolean waits() {
        return waitNanos > 0;
    }

    long remainingNanos() {
        return waitNanos - (System.nanoTime() - startedNanos);
    }

    private boolean hasTime() {
        return remainingNanos() > 0;
    }

    /**
     * The step after an attempt of this call that gave it an outcome of its own.
     *
     * <p>Race: the run ended in doubt, and another process took the record over before this call could recover it. That
     * process now recovers it, and this call waits for the result like every other; but it does not claim again,
     * because a claim that fails would say that this call had not run the action.
     */
    Step<R> afterOwn(Outcome<R> own, KeyEvent event) {
        if (own instanceof Outcome.InDoubt<R> doubt && event instanceof KeyEvent.Busy && hasTime()) {
            ownDoubt = doubt;
            return new Step.AwaitRecord<>();
        }
        return answer(own);
    }

    private Step<R> afterRecoveryElsewhere(Outcome.InDoubt<R> own, KeyEvent event) {
        if (event instanceof KeyEvent.Busy && hasTime()) {
            return new Step.AwaitRecord<>();
        } else if (event instanceof KeyEvent.Released released) {
            return answer(new Outcome.Retryable<>(released.failure(), released.pause()));
        } else if (event instanceof KeyEvent.InDoubt doubt) {
            return answer(inDoubt(doubt));
        }
        return answer(own);
    }

    /** The step after {@code event}. */
    public Step<R> after(KeyEvent event) {
        hadEvent = true;
        Outcome.InDoubt<R> own = ownDoubt;
        if (event instanceof KeyEvent.Completed completed) {
            return replayed(OutcomeMapper.replay(action, id(), completed.payload()));
        } else if (event instanceof KeyEvent.Rejected rejected) {
            return replayed(new Outcome.Rejected<>(rejected.failure(), Origin.REPLAYED));
        } else if (own != null) {
            return afterRecoveryElsewhere(own, event);
        } else if (event instanceof KeyEvent.InDoubt doubt) {
            // A doubt that was read from the record may be one that this call can recover.
            boolean isFinal = doubt.recoveryTried() || action.recovery() instanceof Recovery.Hold<R> || !hasTime();
            return isFinal ? answer(inDoubt(doubt)) : new Step.LeadOrFollow<>();
        } else if (event instanceof KeyEvent.Released released) {
            // A call whose wait would end within the pause does not wait in vain.
            long pause = released.pause().toNanos();
            return remainingNanos() > pause
                    ? new Step.Pause<>(pauseNanos(pause))
                    : answer(new Outcome.Retryable<>(released.failure(), released.pause()));
        } else if (event instanceof KeyEvent.ClaimAgain) {
            return hasTime() ? new Step.LeadOrFollow<>() : timedOut();
        } else if (event instanceof KeyEvent.Busy busy) {
            seen = busy;
            seenNanos = System.nanoTime();
            sawRecord = true;
            return hasTime() ? new Step.AwaitRecord<>() : timedOut();
        } else if (event instanceof KeyEvent.Awaited) {
            return hasTime() ? new Step.AwaitRecord<>() : timedOut();
        } else if (event instanceof KeyEvent.Conflict conflict) {
            counters.count(action.name(), Counter.CONFLICTS);
            events.report(id(), conflict.fence(), conflict.version(), startedNanos, (l, e) -> l.conflicted(e));
            return answer(new Outcome.KeyConflict<>(conflict.state(), conflict.fingerprint(), key.fingerprint()));
        } else if (event instanceof KeyEvent.Gone) {
            // Only a call that saw the record may say that it is gone; a follower that did not see it claims.
            return sawRecord ? answer(OutcomeMapper.gone()) : hasTime() ? new Step.LeadOrFollow<>() : timedOut();
        } else if (event instanceof KeyEvent.NoThread) {
            if (hasTime()) {
                return new Step.LeadOrFollow<>();
            }
            throw noThread();
        } else if (event instanceof KeyEvent.CallFailed failed) {
            throw failed.exception().get();
        }
        return timedOut();
    }

    /** No run of the key is known to go on, so that {@link Outcome.InProgress} would be wrong. */
    private ToolGateException noThread() {
        reportTimeout();
        return new ToolGateException.NotExecuted(
                "No thread of the gate's executor was free for " + id() + " within the wait of this call ("
                        + Duration.ofNanos(waitNanos) + "): other runs, or other work of that executor, hold them all",
                null);
    }

    /** The time until the next claim after a run that was refused: the pause, spread, but never past the deadline. */
    private long pauseNanos(long pause) {
        long part = Math.min(pause, LONGEST_PAUSE_NANOS);
        long spread = ThreadLocalRandom.current().nextLong(SPREAD_NANOS);
        return Math.min(part + spread, part + (remainingNanos() - part) / 2);
    }

    private Outcome<R> inDoubt(KeyEvent.InDoubt doubt) {
        return OutcomeMapper.inDoubt(action, doubt.failure(), doubt.since(), doubt.attempts());
    }

    private Step<R> timedOut() {
        if (waits()) {
            reportTimeout();
        }
        return answer(new Outcome.InProgress<>(expectedRest()));
    }

    private void reportTimeout() {
        events.report(id(), 0, 0, startedNanos, (l, e) -> l.waitTimedOut(e));
    }

    /** How long the other run will probably go on. */
    private Duration expectedRest() {
        KeyEvent.Busy busy = seen;
        if (busy == null) {
            // A run of this process: it has been going on for as long as this call at least.
            return new ClaimOutcome.Busy(action.lease(), sinceNanos(startedNanos)).expected();
        }
        Duration running = busy.running().plus(sinceNanos(seenNanos));
        return new ClaimOutcome.Busy(busy.remaining(), running).expected();
    }

    private static Duration sinceNanos(long fromNanos) {
        return Duration.ofNanos(System.nanoTime() - fromNanos);
    }

    private Step<R> replayed(Outcome<R> outcome) {
        counters.count(action.name(), Counter.REPLAYED);
        events.report(id(), 0, 0, startedNanos, (l, e) -> {
            if (outcome instanceof Outcome.Unavailable<R> unavailable) {
                l.resultUnavailable(e, unavailable.reason());
            } else {
                l.replayed(e);
            }
        });
        return answer(outcome);
    }

    private static <R extends @Nullable Object> Step<R> answer(Outcome<R> outcome) {
        return new Step.Answer<>(outcome);
    }

    /** Reports the length of a wait that began at {@code fromNanos}. */
    void reportWait(long fromNanos) {
        Duration waited = sinceNanos(fromNanos);
        events.report(id(), 0, 0, startedNanos, (l, e) -> l.waited(e, waited));
    }
}
