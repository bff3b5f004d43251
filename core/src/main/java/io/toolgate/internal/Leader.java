package io.toolgate.internal;

import io.toolgate.Outcome;
import io.toolgate.ToolGateException;
import io.toolgate.internal.Call.Next;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Single flight: of all equal calls of this process that want to claim, one leads, and the others join it. An entry is gone
 * when its flight settles; keys do not block each other; after an error the next caller starts afresh.
 */
final class Leader {
    private final GateEngine engine;
    private final ConcurrentHashMap<CallKey, Flight> flights = new ConcurrentHashMap<>();
    private final Comebacks comebacks;

    Leader(GateEngine engine) {
        this.engine = engine;
        this.comebacks = new Comebacks(engine.threads());
    }

    /** What a call that was told to come back is told now, or null: then it enters. */
    @Nullable
    Settlement meanwhile(Call<?, ?> call) {
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
    <I extends @Nullable Object, R extends @Nullable Object> Next<R> lead(Call<I, R> call, @Nullable Flight flight) {
        // If the run throws an Error, those who joined ask the store, which knows how far it came.
        Settlement news = new Settlement.Open();
        Runner<R> runner = new Runner<>(
                engine,
                call.action(),
                call.key(),
                call.startedNanos(),
                call.events(),
                attempt -> call.action().run().run(call.input(), attempt));
        boolean leading = false;
        try {
            engine.runs().beginLeading();
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
            news = new Settlement.Broken(() -> forJoiner(call.key(), e));
            throw e;
        } finally {
            if (flight != null && call.holds(flight)) {
                flight.point().settle(news);
            } else if (flight != null) {
                settle(call.key(), flight, news);
            }
            runner.tellTheEnd();
            if (leading) {
                engine.runs().endLeading();
            }
        }
    }

    /** Takes the flight off the map before it is settled: who is told to try again must not find it. */
    void settle(CallKey key, Flight flight, Settlement news) {
        comebacks.settled(key, news);
        flights.remove(key, flight);
        flight.point().settle(news);
    }

    /** Takes the flight that {@code call} led and holds off the map. Called once it waits at the watcher, or does not. */
    void land(Call<?, ?> call) {
        Flight flight = call.letGo();
        if (flight != null) {
            flights.remove(call.key(), flight);
        }
    }

    /** Tells those who joined a call that ended in {@code exception} before it led anything. */
    void fail(CallKey key, Flight flight, ToolGateException exception) {
        settle(key, flight, new Settlement.Broken(() -> forJoiner(key, exception)));
    }

    /** Tells all who still wait for a flight that the gate is closed. */
    void close() {
        flights.values().forEach(flight -> flight.point().settle(new Settlement.Broken(ToolGateException.Closed::new)));
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
