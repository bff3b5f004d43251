package io.toolgate.internal.call;

import io.toolgate.Outcome;
import io.toolgate.ToolGateException;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.attempt.AttemptRunner;
import io.toolgate.internal.attempt.Led;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.call.ExecuteCall.Next;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Single flight: of all equal calls of this process that want to claim, one leads, and the others join it. An entry is gone
 * when its flight settles; keys do not block each other; after an error the next caller starts afresh.
 */
public final class SingleFlight {
    private final AttemptContext context;
    private final ConcurrentHashMap<CallKey, Flight> flights = new ConcurrentHashMap<>();
    private final Comebacks comebacks;

    public SingleFlight(AttemptContext context, GateThreads threads) {
        this.context = context;
        this.comebacks = new Comebacks(threads);
    }

    /** What a call that was told to come back is told now, or null: then it enters. */
    @Nullable
    KeyEvent meanwhile(ExecuteCall<?, ?> call) {
        return comebacks.meanwhile(call);
    }

    /** The flight of {@code key}: the one that is there, or {@code mine}, which is there from now on. */
    Flight flight(CallKey key, Flight mine) {
        Flight there = flights.putIfAbsent(key, mine);
        return there == null ? mine : there;
    }

    /**
     * Claims and runs on this thread, then tells those who joined {@code flight}, which this call has started; without a
     * flight nobody has. Listeners hear of the end only after that: they may be slow.
     *
     * <p>Race: the record is another process's, the flight is over, and newcomers arrive before this call waits at the watcher:
     * each would claim anew. So the flight stays on the map, settled, until {@link #land}: who finds it goes to the watcher.
     */
    <I extends @Nullable Object, R extends @Nullable Object> Next<R> lead(
            ExecuteCall<I, R> call, @Nullable Flight flight) {
        // If the run throws an Error, those who joined ask the store, which knows how far it came.
        KeyEvent news = new KeyEvent.Open();
        AttemptRunner<R> runner = new AttemptRunner<>(
                context,
                call.action(),
                call.key(),
                call.startedNanos(),
                call.events(),
                attempt -> call.action().run().run(call.input(), attempt));
        boolean leading = false;
        try {
            context.runs().beginLeading();
            leading = true;
            Led<R> led = runner.lead();
            news = led.news();
            Outcome<R> own = led.own();
            Next<R> next = own != null ? call.onOwn(own, news) : call.on(news);
            if (flight != null && next instanceof Next.Watch<R>) {
                call.hold(flight);
            }
            return next;
        } catch (ToolGateException e) {
            news = new KeyEvent.Broken(() -> forJoiner(call.key(), e));
            throw e;
        } finally {
            if (flight != null && call.holds(flight)) {
                flight.point().settle(news);
            } else if (flight != null) {
                settle(call.key(), flight, news);
            }
            runner.tellTheEnd();
            if (leading) {
                context.runs().endLeading();
            }
        }
    }

    /** Takes the flight off the map before it is settled: who is told to try again must not find it. */
    void settle(CallKey key, Flight flight, KeyEvent news) {
        comebacks.settled(key, news);
        flights.remove(key, flight);
        flight.point().settle(news);
    }

    /** Takes the flight that {@code call} led and holds off the map. Called once it waits at the watcher, or does not. */
    void land(ExecuteCall<?, ?> call) {
        Flight flight = call.letGo();
        if (flight != null) {
            flights.remove(call.key(), flight);
        }
    }

    /** Tells those who joined a call that ended in {@code exception} before it led anything. */
    void fail(CallKey key, Flight flight, ToolGateException exception) {
        settle(key, flight, new KeyEvent.Broken(() -> forJoiner(key, exception)));
    }

    /** Tells all who still wait for a flight that the gate is closed. */
    public void close() {
        flights.values().forEach(flight -> flight.point().settle(new KeyEvent.Broken(ToolGateException.Closed::new)));
    }

    private static ToolGateException forJoiner(CallKey key, ToolGateException leader) {
        if (leader instanceof ToolGateException.Closed) {
            return new ToolGateException.Closed();
        }
        if (leader instanceof ToolGateException.ResultNotStored notStored) {
            return new ToolGateException.ResultNotStored(key.id(), notStored.number(), null, leader);
        }
        return new ToolGateException.NotExecuted(
                "The call of " + key.id() + " that this one had joined failed", leader);
    }
}
