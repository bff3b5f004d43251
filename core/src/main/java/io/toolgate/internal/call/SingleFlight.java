package io.toolgate.internal.call;

import io.toolgate.Outcome;
import io.toolgate.ToolGateException;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.attempt.AttemptRunner;
import io.toolgate.internal.attempt.RememberedInput;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.call.ExecuteCall.Step;
import io.toolgate.internal.waiting.WaiterQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Single flight: of all equal calls of this process that are to claim, one leads and the others follow, which means
 * that they wait for the leader's event. A flight is gone when it completes; keys do not block each other; after a
 * failure the next call starts afresh.
 */
public final class SingleFlight {
    /** Longer than the calls that wait out a pause after a release are spread. */
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final AttemptContext context;
    private final GateThreads threads;
    private final Predicate<CallKey> awaited;
    private final ConcurrentHashMap<CallKey, Flight> flights = new ConcurrentHashMap<>();

    /**
     * Remembers for a moment how a key ended, so that released followers reuse it instead of each claiming again.
     *
     * <p>Race: a run is released, or its owner dies, and a thousand followers are to claim. The first leads and has
     * completed before the second arrives. An event from after a call began is as good as an answer of the store; a
     * call that began later never sees it.
     */
    private final ConcurrentHashMap<CallKey, Latest> latest = new ConcurrentHashMap<>();

    /** The final event of a key; null until there is one. */
    private record Latest(@Nullable KeyEvent event, long completedNanos) {}

    /**
     * A run of one key in this process, or the intention to run, and the calls that follow it.
     *
     * <p>Race: an asynchronous call's flight waits for a thread while a blocking call, which has one, arrives, or while
     * the call is cancelled or times out. The call that starts the flight leads it; only one can.
     */
    static final class Flight {
        private enum State {
            WAITING,
            STARTED,
            EXPIRED
        }

        private final WaiterQueue followers = new WaiterQueue();
        private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

        /** Becomes its leader. Returns whether it had none and had not expired. */
        boolean start() {
            return state.compareAndSet(State.WAITING, State.STARTED);
        }

        /** Ends it because it waited for a thread too long. Returns whether it had not started. */
        boolean expire() {
            return state.compareAndSet(State.WAITING, State.EXPIRED);
        }

        boolean isExpired() {
            return state.get() == State.EXPIRED;
        }

        boolean isStarted() {
            return state.get() == State.STARTED;
        }

        WaiterQueue followers() {
            return followers;
        }
    }

    /**
     * Flights whose leaders run attempts with {@code context}.
     *
     * @param awaited whether calls of this process wait for the record of a key
     */
    public SingleFlight(AttemptContext context, GateThreads threads, Predicate<CallKey> awaited) {
        this.context = context;
        this.threads = threads;
        this.awaited = awaited;
    }

    /** Refuses a call that would lead or follow once the gate is closed. */
    void ensureOpen() {
        context.runs().ensureOpen();
    }

    /** The flight of {@code key}: the present one, or {@code mine}, which becomes it. */
    Flight flight(CallKey key, Flight mine) {
        Flight present = flights.putIfAbsent(key, mine);
        return present == null ? mine : present;
    }

    /**
     * Runs an attempt on this thread and completes {@code flight}, which this call has started; null without one. The
     * attempt's end is reported to the listener only after that, because a listener may be slow.
     *
     * <p>Race: another process owns the key, the flight is over, and new calls arrive before this one waits for the
     * record: each would claim again. So the flight stays in the map, completed, until {@link #removeHeld}; a call that
     * finds it waits for the record, too. One that had looked for waiters before this call waited, and looks for the
     * flight after it was removed, finds neither and leads; therefore a leader looks for waiters again.
     */
    <I extends @Nullable Object, R extends @Nullable Object> Step<R> lead(
            ExecuteCall<I, R> call, @Nullable Flight flight) {
        // If the run throws an Error, followers ask the store, which knows how far it came.
        KeyEvent event = new KeyEvent.ClaimAgain();
        AttemptRunner<R> runner = new AttemptRunner<>(
                context,
                call.action(),
                call.key(),
                call.startedNanos(),
                call.waitUntilNanos(),
                call.events(),
                () -> RememberedInput.encode(call.action(), call.id(), call.input()),
                attempt -> call.action().run().run(call.input(), attempt));
        boolean counted = false;
        try {
            context.runs().beginCall();
            counted = true;
            boolean waitsToo = flight != null && !call.claimsAgain() && awaited.test(call.key());
            AttemptRunner.Result<R> result =
                    waitsToo ? new AttemptRunner.Result<>(new KeyEvent.Awaited(), null, false) : runner.run();
            event = result.event();
            Outcome<R> own = result.own();
            Step<R> step = own != null ? call.afterOwn(own, event) : call.after(event);
            if (flight != null && step instanceof Step.AwaitRecord<R>) {
                call.hold(flight);
            }
            return step;
        } catch (ToolGateException e) {
            event = new KeyEvent.CallFailed(() -> forFollower(call.key(), e));
            throw e;
        } finally {
            if (flight != null && call.holds(flight)) {
                flight.followers().complete(event);
            } else if (flight != null) {
                complete(call.key(), flight, event);
            }
            runner.reportCompletion();
            if (counted) {
                context.runs().endCall();
            }
        }
    }

    /** Completes a flight. It leaves the map first: a follower that claims again must not find it. */
    void complete(CallKey key, Flight flight, KeyEvent event) {
        remember(key, event);
        flights.remove(key, flight);
        flight.followers().complete(event);
    }

    /** Completes a flight that failed before it ran anything. */
    void fail(CallKey key, Flight flight, ToolGateException exception) {
        complete(key, flight, new KeyEvent.CallFailed(() -> forFollower(key, exception)));
    }

    /** Removes the flight that {@code call} led and holds. Called once the call waits for the record, or does not. */
    void removeHeld(ExecuteCall<?, ?> call) {
        Flight flight = call.unhold();
        if (flight != null) {
            flights.remove(call.key(), flight);
        }
    }

    /** Ends all waits for flights, because the gate is closed. */
    public void close() {
        flights.values()
                .forEach(flight -> flight.followers().complete(new KeyEvent.CallFailed(ToolGateException.Closed::new)));
    }

    private static ToolGateException forFollower(CallKey key, ToolGateException leader) {
        if (leader instanceof ToolGateException.Closed) {
            return new ToolGateException.Closed();
        }
        if (leader instanceof ToolGateException.ResultNotStored notStored) {
            return new ToolGateException.ResultNotStored(key.id(), notStored.number(), null, leader);
        }
        return new ToolGateException.NotExecuted(
                "The call of " + key.id() + " that this call was waiting for failed", leader);
    }

    /**
     * How the key of {@code call}, which is to claim again, ended since the call began; null if the call has to claim.
     */
    @Nullable
    KeyEvent endSince(ExecuteCall<?, ?> call) {
        if (!call.claimsAgain()) {
            return null;
        }
        Latest known = latest.get(call.key());
        if (known == null) {
            expect(call.key());
            return null;
        }
        return known.event() != null && known.completedNanos() - call.startedNanos() > 0 ? known.event() : null;
    }

    private void expect(CallKey key) {
        if (latest.putIfAbsent(key, new Latest(null, 0)) == null) {
            try {
                var unused = threads.after(KEPT_NANOS, () -> latest.remove(key));
            } catch (ToolGateException.Closed e) {
                latest.remove(key);
            }
        }
    }

    private void remember(CallKey key, KeyEvent event) {
        boolean isFinal = event instanceof KeyEvent.Completed
                || event instanceof KeyEvent.Rejected
                || (event instanceof KeyEvent.InDoubt doubt && doubt.recoveryTried());
        if (isFinal && !latest.isEmpty()) {
            var unused = latest.computeIfPresent(key, (same, before) -> new Latest(event, System.nanoTime()));
        }
    }
}
