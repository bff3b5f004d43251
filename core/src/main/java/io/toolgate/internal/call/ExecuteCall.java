package io.toolgate.internal.call;

import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.internal.attempt.OutcomeMapper;
import io.toolgate.internal.base.Backoff;
import io.toolgate.internal.base.CallCounters;
import io.toolgate.internal.base.CallCounters.Counter;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code execute}: its identity, its input and its deadline. Decides after each event whether the call is
 * answered, claims again or waits on. Holds no thread and does no I/O.
 */
public final class ExecuteCall<I extends @Nullable Object, R extends @Nullable Object> {
    private static final Backoff AFTER_RELEASE = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    private final PaidAction<I, R> action;
    private final CallKey key;
    private final I input;
    private final ListenerEvents events;
    private final CallCounters counters;
    private final long startedNanos = System.nanoTime();
    private final long waitNanos;

    // Written by the one thread that works on the call; waiter queues publish them to the next one.
    private Duration retryAfter;
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
        this.retryAfter = action.lease();
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
            return answer(new Outcome.Retryable<>(released.failure()));
        } else if (event instanceof KeyEvent.InDoubt doubt) {
            return answer(new Outcome.InDoubt<>(doubt.failure(), doubt.since()));
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
            return isFinal ? answer(new Outcome.InDoubt<>(doubt.failure(), doubt.since())) : new Step.LeadOrFollow<>();
        } else if (event instanceof KeyEvent.Released released) {
            return hasTime()
                    ? new Step.Pause<>(pauseNanos(released.fence()))
                    : answer(new Outcome.Retryable<>(released.failure()));
        } else if (event instanceof KeyEvent.ClaimAgain) {
            return hasTime() ? new Step.LeadOrFollow<>() : timedOut();
        } else if (event instanceof KeyEvent.Busy busy) {
            retryAfter = busy.remaining();
            sawRecord = true;
            return hasTime() ? new Step.AwaitRecord<>() : timedOut();
        } else if (event instanceof KeyEvent.Conflict conflict) {
            counters.count(action.name(), Counter.CONFLICTS);
            events.report(id(), conflict.fence(), conflict.version(), startedNanos, (l, e) -> l.conflicted(e));
            return answer(new Outcome.KeyConflict<>(conflict.state(), conflict.fingerprint(), key.fingerprint()));
        } else if (event instanceof KeyEvent.Gone) {
            // Only a call that saw the record may say that it is gone; a follower that did not see it claims.
            return sawRecord ? answer(OutcomeMapper.gone()) : hasTime() ? new Step.LeadOrFollow<>() : timedOut();
        } else if (event instanceof KeyEvent.CallFailed failed) {
            throw failed.exception().get();
        }
        return timedOut();
    }

    /**
     * The pause before the attempt after number {@code fence}: the cause of its failure may need a moment, and the
     * waiters would use up the key's attempts in no time otherwise. Jittered, so that one of them leads and the others
     * follow.
     */
    private long pauseNanos(long fence) {
        long longest = AFTER_RELEASE.after(fence).toNanos();
        long jittered = longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2);
        return Math.min(jittered, remainingNanos() / 2);
    }

    private Step<R> timedOut() {
        if (waits()) {
            events.report(id(), 0, 0, startedNanos, (l, e) -> l.waitTimedOut(e));
        }
        return answer(new Outcome.InProgress<>(retryAfter));
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
        Duration waited = Duration.ofNanos(System.nanoTime() - fromNanos);
        events.report(id(), 0, 0, startedNanos, (l, e) -> l.waited(e, waited));
    }
}
