package io.toolgate.internal.base;

import io.toolgate.ToolGateException;
import io.toolgate.store.ActionCounts;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what happens to the calls of a gate, and now and then adds the counts to those that the store keeps for the health
 * view. A call pays for it with one addition; the store is asked by a thread that does nothing else.
 *
 * <p>Counts are for people: where a store fails, what it may have added already is added again.
 */
public final class CallCounters {
    private static final Logger log = LoggerFactory.getLogger(CallCounters.class);

    // A store that is dead must not hold a closing gate up, however long its drain time is.
    private static final Duration LONGEST_LAST_FLUSH = Duration.ofSeconds(2);

    private final IdempotencyStore store;
    private final GateThreads threads;
    private final long everyNanos;
    private final ConcurrentHashMap<String, Counts> byAction = new ConcurrentHashMap<>();

    // Set by whoever counts first after a flush, cleared by a flush before it looks: what is counted after that look
    // finds it
    // cleared, and plans another.
    private final AtomicBoolean planned = new AtomicBoolean();

    // The counting thread only.
    private boolean failing;

    /** What is counted, as {@link ActionCounts} explains it. */
    public enum What {
        EXECUTED,
        REPLAYED,
        RECOVERED,
        REJECTED,
        RELEASED,
        DOUBTED,
        CONFLICTS
    }

    /** The counts of one action: all that was counted here, and how much of that the store has been told. */
    private static final class Counts {
        // Filled before it is seen, and never changed after that.
        private final Map<What, LongAdder> counted = new EnumMap<>(What.class);

        // The counting thread only.
        private Map<What, Long> told;

        Counts() {
            for (What what : What.values()) {
                counted.put(what, new LongAdder());
            }
            told = sums();
        }

        void count(What what) {
            Objects.requireNonNull(counted.get(what)).increment();
        }

        Map<What, Long> sums() {
            Map<What, Long> sums = new EnumMap<>(What.class);
            counted.forEach((what, adder) -> sums.put(what, adder.sum()));
            return sums;
        }

        long untold(Map<What, Long> sums, What what) {
            return sums.getOrDefault(what, 0L) - told.getOrDefault(what, 0L);
        }
    }

    /** Sums that the store is about to be told, as their difference to those that it was told before. */
    private record Report(Counts counts, Map<What, Long> sums, ActionCounts difference) {
        static Report of(String action, Counts counts) {
            Map<What, Long> sums = counts.sums();
            return new Report(
                    counts,
                    sums,
                    new ActionCounts(
                            action,
                            counts.untold(sums, What.EXECUTED),
                            counts.untold(sums, What.REPLAYED),
                            counts.untold(sums, What.RECOVERED),
                            counts.untold(sums, What.REJECTED),
                            counts.untold(sums, What.RELEASED),
                            counts.untold(sums, What.DOUBTED),
                            counts.untold(sums, What.CONFLICTS)));
        }

        boolean isNews() {
            return !sums.equals(counts.told);
        }

        void told() {
            counts.told = sums;
        }
    }

    /** A meter that tells {@code store} every {@code every}; never, if that is zero. */
    public CallCounters(IdempotencyStore store, GateThreads threads, Duration every) {
        this.store = store;
        this.threads = threads;
        this.everyNanos = every.toNanos();
    }

    /** Counts one call of {@code action}. Never blocks and never throws. */
    public void count(String action, What what) {
        if (everyNanos == 0) {
            return;
        }
        Counts counts = byAction.get(action);
        if (counts == null) {
            counts = byAction.computeIfAbsent(action, none -> new Counts());
        }
        counts.count(what);
        if (!planned.get() && planned.compareAndSet(false, true)) {
            plan();
        }
    }

    private void plan() {
        // Jittered, so that gates which started together do not write together for ever.
        long delay = everyNanos - everyNanos / 4 + ThreadLocalRandom.current().nextLong(everyNanos / 2 + 1);
        try {
            var unused = threads.after(delay, () -> threads.counting().execute(this::flush));
        } catch (ToolGateException.Closed e) {
            log.debug("The gate is closed; what is counted from now on is not reported");
        } catch (RuntimeException | Error e) {
            // Whatever it is, a call must not fail because it cannot be counted.
            log.warn("The report of counts could not be planned; the next call that is counted tries again", e);
            planned.set(false);
        }
    }

    private void flush() {
        planned.set(false);
        List<Report> reports = new ArrayList<>();
        byAction.forEach((action, counts) -> {
            Report report = Report.of(action, counts);
            if (report.isNews()) {
                reports.add(report);
            }
        });
        if (reports.isEmpty()) {
            return;
        }
        try {
            store.count(reports.stream().map(Report::difference).toList());
        } catch (RuntimeException | Error e) {
            if (failing || e instanceof StoreException.Closed) {
                log.debug("The counts of {} actions could not be added", reports.size(), e);
            } else {
                log.warn("The counts of {} actions could not be added and are kept for later", reports.size(), e);
            }
            failing = true;
            if (planned.compareAndSet(false, true)) {
                plan();
            }
            return;
        }
        failing = false;
        reports.forEach(Report::told);
    }

    /**
     * Reports what is counted and not reported, and waits for that, though not for longer than {@code longest}, nor than two
     * seconds.
     */
    public void close(Duration longest) {
        if (byAction.isEmpty()) {
            return;
        }
        CountDownLatch done = new CountDownLatch(1);
        try {
            threads.counting().execute(() -> {
                flush();
                done.countDown();
            });
            Duration wait = longest.compareTo(LONGEST_LAST_FLUSH) < 0 ? longest : LONGEST_LAST_FLUSH;
            if (!done.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                log.debug("The last counts were not added within {}; the gate is closed all the same", wait);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException e) {
            log.debug("The gate was closed before; there is nothing left to count");
        }
    }
}
