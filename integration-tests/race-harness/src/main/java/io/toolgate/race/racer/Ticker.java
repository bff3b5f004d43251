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
 * Periodic recorder of ticks, ten times a second, whose gaps show when the process did not run; answers that are late
 * for that reason are excused. It also samples the database's time every second.
 */
final class Ticker implements AutoCloseable {
    private static final long SAMPLE_EVERY_MILLIS = 1000;

    private final IdempotencyStore store;
    private final RecordId known;
    private final HistoryWriter history;
    private final DatabaseClock clock;
    // Two threads: a slow database must not look like a process that does not run.
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
        ticker.sampleTime();
        List<ScheduledFuture<?>> unused = List.of(
                ticker.threads.scheduleWithFixedDelay(ticker::tick, 0, Event.TICK_MILLIS, TimeUnit.MILLISECONDS),
                ticker.threads.scheduleWithFixedDelay(
                        ticker::sampleTime, SAMPLE_EVERY_MILLIS, SAMPLE_EVERY_MILLIS, TimeUnit.MILLISECONDS));
        return ticker;
    }

    private void tick() {
        long now = System.nanoTime();
        history.write(new Event.Ticked(now, clock.at(now)));
    }

    /** Reads a record; {@link RecordedStore#peek} takes the database's time from it. */
    private void sampleTime() {
        try {
            Optional<IdempotencyRecord> unused = store.peek(known);
        } catch (StoreException e) {
            // The estimate continues from earlier samples; callers get the same error and record it.
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
