package io.toolgate.race.racer;

import io.toolgate.race.history.Event;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Writes down, ten times a second, that the process has a processor, and asks the database for its time now and then. What is
 * late through no fault of the runtime's is seen by its gaps.
 */
final class Ticker implements AutoCloseable {
    private static final long ASKS_EVERY_MILLIS = 1000;

    private final IdempotencyStore store;
    private final RecordId known;
    private final HistoryWriter history;
    private final DatabaseClock clock;
    // Two threads: a database that answers late must not look like a process without a processor.
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2, task -> {
        Thread ticking = new Thread(task, "ticker");
        ticking.setDaemon(true);
        return ticking;
    });

    private Ticker(IdempotencyStore store, RecordId known, HistoryWriter history, DatabaseClock clock) {
        this.store = store;
        this.known = known;
        this.history = history;
        this.clock = clock;
    }

    static Ticker start(IdempotencyStore store, RacerPlan plan, HistoryWriter history, DatabaseClock clock) {
        RecordId known = plan.keys().warmUpRecord(plan.process(), plan.life());
        Ticker ticker = new Ticker(store, known, history, clock);
        ticker.askForTheTime();
        List<ScheduledFuture<?>> unused = List.of(
                ticker.threads.scheduleWithFixedDelay(ticker::tick, 0, Event.TICK_MILLIS, TimeUnit.MILLISECONDS),
                ticker.threads.scheduleWithFixedDelay(
                        ticker::askForTheTime, ASKS_EVERY_MILLIS, ASKS_EVERY_MILLIS, TimeUnit.MILLISECONDS));
        return ticker;
    }

    private void tick() {
        long now = System.nanoTime();
        history.write(new Event.Ticked(now, clock.at(now)));
    }

    /** The store that is asked learns the database's time by it, see {@link RecordedStore#peek}. */
    private void askForTheTime() {
        try {
            Optional<IdempotencyRecord> unused = store.peek(known);
        } catch (StoreException e) {
            // The time is reckoned from what is known; callers meet the same trouble and write it down.
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
