package io.toolgate.internal.call;

import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.internal.attempt.OutcomeMapper;
import io.toolgate.internal.base.CallCounters;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code execute}: its identity, its input, and its deadline. Decides, news by news, whether the call is
 * answered, asks again, or waits on. Holds no thread and does no I/O.
 */
public final class ExecuteCall<I extends @Nullable Object, R extends @Nullable Object> {
    private static final long FIRST_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final PaidAction<I, R> action;
    private final CallKey key;
    private final I input;
    private final ListenerEvents events;
    private final CallCounters meter;
    private final long startedNanos = System.nanoTime();
    private final long waitNanos;

    // Written by the thread that works on the call; handed on through wait points, which publish it.
    private Duration retryAfter;
    private boolean sawRecord;
    private boolean told;
    private @Nullable Flight held;
    private Outcome.@Nullable InDoubt<R> ownDoubt;

    public ExecuteCall(
            PaidAction<I, R> action, CallKey key, I input, Duration wait, ListenerEvents events, CallCounters meter) {
        this.action = action;
        this.key = key;
        this.input = input;
        this.events = events;
        this.meter = meter;
        this.waitNanos = wait.toNanos();
        this.retryAfter = action.lease();
    }

    /** What to do next. */
    public sealed interface Next<R extends @Nullable Object> {
        /** Give the caller this. */
        record Answer<R extends @Nullable Object>(Outcome<R> outcome) implements Next<R> {}

        /** Lead, or join who leads. */
        record Enter<R extends @Nullable Object>() implements Next<R> {}

        /** Lead, or join who leads, after this time. */
        record Pause<R extends @Nullable Object>(long nanos) implements Next<R> {}

        /** Wait until the record that another process holds says something new. */
        record Watch<R extends @Nullable Object>() implements Next<R> {}
    }

    PaidAction<I, R> action() {
        return action;
    }

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

    /** Whether the call was told something before, and asks again because of that. */
    boolean cameBack() {
        return told;
    }

    /** Keeps {@code flight}, which this call led, where newcomers find it, until it is {@linkplain #letGo let go}. */
    void hold(Flight flight) {
        held = flight;
    }

    boolean holds(Flight flight) {
        return held == flight;
    }

    /** The flight that was held, if one was; nobody holds it any more. */
    @Nullable
    Flight letGo() {
        Flight flight = held;
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
     * What the call does that led, and came to an answer of its own.
     *
     * <p>Race: its run ended without knowing, and before it could recover, another process took the record over. That one
     * asks now what this one would have asked, so this one waits for it, like everybody else; but it has run, and leads no
     * more, because a claim that fails would then say that it had not.
     */
    Next<R> onOwn(Outcome<R> own, KeyEvent news) {
        if (own instanceof Outcome.InDoubt<R> doubt && news instanceof KeyEvent.Busy && hasTime()) {
            ownDoubt = doubt;
            return new Next.Watch<>();
        }
        return answer(own);
    }

    private Next<R> onOthersRecovery(Outcome.InDoubt<R> own, KeyEvent news) {
        if (news instanceof KeyEvent.Busy && hasTime()) {
            return new Next.Watch<>();
        } else if (news instanceof KeyEvent.Released released) {
            return answer(new Outcome.Retryable<>(released.failure()));
        } else if (news instanceof KeyEvent.Doubtful doubt) {
            return answer(new Outcome.InDoubt<>(doubt.failure(), doubt.since()));
        }
        return answer(own);
    }

    /** What the call does about {@code news}. */
    public Next<R> on(KeyEvent news) {
        told = true;
        Outcome.InDoubt<R> own = ownDoubt;
        if (news instanceof KeyEvent.Done done) {
            return replayed(OutcomeMapper.replay(action, id(), done.payload()));
        } else if (news instanceof KeyEvent.Refused refused) {
            return replayed(new Outcome.Rejected<>(refused.failure(), Origin.REPLAYED));
        } else if (own != null) {
            return onOthersRecovery(own, news);
        } else if (news instanceof KeyEvent.Doubtful doubt) {
            // A doubt read from the record may still be recovered by this call; one that a flight ended in was just
            // asked.
            boolean last = doubt.asked() || action.recovery() instanceof Recovery.Hold<R> || !hasTime();
            return last ? answer(new Outcome.InDoubt<>(doubt.failure(), doubt.since())) : new Next.Enter<>();
        } else if (news instanceof KeyEvent.Released released) {
            return hasTime()
                    ? new Next.Pause<>(backoff(released.fence()))
                    : answer(new Outcome.Retryable<>(released.failure()));
        } else if (news instanceof KeyEvent.Open) {
            return hasTime() ? new Next.Enter<>() : timedOut();
        } else if (news instanceof KeyEvent.Busy busy) {
            retryAfter = busy.remaining();
            sawRecord = true;
            return hasTime() ? new Next.Watch<>() : timedOut();
        } else if (news instanceof KeyEvent.Conflict conflict) {
            meter.count(action.name(), CallCounters.What.CONFLICTS);
            events.tell(id(), conflict.fence(), conflict.version(), startedNanos, (l, e) -> l.conflicted(e));
            return answer(new Outcome.KeyConflict<>(conflict.state(), conflict.fingerprint(), key.fingerprint()));
        } else if (news instanceof KeyEvent.Gone) {
            // Only who knows that there was a run may say that its record is gone; who just joined others asks anew.
            return sawRecord ? answer(OutcomeMapper.gone()) : hasTime() ? new Next.Enter<>() : timedOut();
        } else if (news instanceof KeyEvent.Broken broken) {
            throw broken.exception().get();
        }
        return timedOut();
    }

    /**
     * How long to wait before the attempt after number {@code fence}: what made that one fail may need a moment, and all who
     * wait would otherwise use the key's attempts up in no time. Jittered, so that one of them leads and the others join it.
     */
    private long backoff(long fence) {
        long longest = Math.min(LONGEST_BACKOFF_NANOS, FIRST_BACKOFF_NANOS << Math.min(fence, 10));
        long jittered = longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2);
        return Math.min(jittered, remainingNanos() / 2);
    }

    private Next<R> timedOut() {
        if (waits()) {
            events.tell(id(), 0, 0, startedNanos, (l, e) -> l.waitTimedOut(e));
        }
        return answer(new Outcome.InProgress<>(retryAfter));
    }

    private Next<R> replayed(Outcome<R> outcome) {
        meter.count(action.name(), CallCounters.What.REPLAYED);
        events.tell(id(), 0, 0, startedNanos, (l, e) -> {
            if (outcome instanceof Outcome.Unavailable<R> unavailable) {
                l.resultUnavailable(e, unavailable.reason());
            } else {
                l.replayed(e);
            }
        });
        return answer(outcome);
    }

    private static <R extends @Nullable Object> Next<R> answer(Outcome<R> outcome) {
        return new Next.Answer<>(outcome);
    }

    /** Tells the listener how long a wait was that began at {@code fromNanos}. */
    void waitedSince(long fromNanos) {
        Duration waited = Duration.ofNanos(System.nanoTime() - fromNanos);
        events.tell(id(), 0, 0, startedNanos, (l, e) -> l.waited(e, waited));
    }
}
