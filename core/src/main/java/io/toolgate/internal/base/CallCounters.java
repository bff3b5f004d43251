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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the outcomes of a gate's calls, and periodically adds the counts to those that the store keeps for the health
 * view. A call pays one addition; a thread of its own writes to the store.
 *
 * <p>Counts are for people: where a write fails, counts that the store may have added already are added again.
 */
public final class CallCounters {
    private static final Logger log = LoggerFactory.getLogger(CallCounters.class);

    // An unreachable store must not hold up a closing gate for its whole drain time.
    private static final Duration LONGEST_LAST_FLUSH = Duration.ofSeconds(2);

    private final IdempotencyStore store;
    private final GateThreads threads;
    private final long everyNanos;
    private final ConcurrentHashMap<String, Counts> byAction = new ConcurrentHashMap<>();

    // Race: a call counts while a flush collects. The flush clears this first, so that a call which it misses plans the
    // next one.
    private final AtomicBoolean planned = new AtomicBoolean();

    // The counting thread only.
    private boolean failing;

    /** The outcomes that are counted, as {@link ActionCounts} explains them. */
    public enum Counter {
        /** Completed by a run. */
        EXECUTED,
        /** Replayed from the store or the cache. */
        REPLAYED,
        /** Completed by a probe. */
        RECOVERED,
        /** Rejected by a run. */
        REJECTED,
        /** Released by a run without effect. */
        RELEASED,
        /** Put in doubt by a run or a probe. */
        DOUBTED,
        /** Refused because of another input. */
        CONFLICTS,
        /** Not renewed for half of a lease. */
        LATE_HEARTBEATS
    }

    /** The counts of one action: all that were counted here, and how many of them the store has. */
    private static final class Counts {
        // Complete before it is published, and not modified after that.
        private final Map<Counter, LongAdder> counted = new EnumMap<>(Counter.class);

        // The counting thread only.
        private Map<Counter, Long> written;

        Counts() {
            for (Counter counter : Counter.values()) {
                counted.put(counter, new LongAdder());
            }
            written = sums();
        }

        void count(Counter counter) {
            Objects.requireNonNull(counted.get(counter)).increment();
        }

        Map<Counter, Long> sums() {
            Map<Counter, Long> sums = new EnumMap<>(Counter.class);
            counted.forEach((counter, adder) -> sums.put(counter, adder.sum()));
            return sums;
        }

        long unwritten(Map<Counter, Long> sums, Counter counter) {
            return sums.getOrDefault(counter, 0L) - written.getOrDefault(counter, 0L);
        }
    }

    /** The sums of one action, and their difference to those that the store has. */
    private record Report(Counts counts, Map<Counter, Long> sums, ActionCounts difference) {
        static Report of(String action, Counts counts) {
            Map<Counter, Long> sums = counts.sums();
            return new Report(
                    counts,
                    sums,
                    new ActionCounts(
                            action,
                            counts.unwritten(sums, Counter.EXECUTED),
                            counts.unwritten(sums, Counter.REPLAYED),
                            counts.unwritten(sums, Counter.RECOVERED),
                            counts.unwritten(sums, Counter.REJECTED),
                            counts.unwritten(sums, Counter.RELEASED),
                            counts.unwritten(sums, Counter.DOUBTED),
                            counts.unwritten(sums, Counter.CONFLICTS),
                            counts.unwritten(sums, Counter.LATE_HEARTBEATS)));
        }

        boolean isEmpty() {
            return sums.equals(counts.written);
        }

        void markWritten() {
            counts.written = sums;
        }
    }

    /** Counters that write to {@code store} every {@code every}; that count nothing if it is zero. */
    public CallCounters(IdempotencyStore store, GateThreads threads, Duration every) {
        this.store = store;
        this.threads = threads;
        this.everyNanos = every.toNanos();
    }

    /** Counts one call of {@code action}. Never blocks and never throws. */
    public void count(String action, Counter counter) {
        if (everyNanos == 0) {
            return;
        }
        Counts counts = byAction.get(action);
        if (counts == null) {
            counts = byAction.computeIfAbsent(action, none -> new Counts());
        }
        counts.count(counter);
        if (!planned.get() && planned.compareAndSet(false, true)) {
            plan();
        }
    }

    private void plan() {
        try {
            var unused = threads.after(
                    Backoff.jittered(everyNanos), () -> threads.counting().execute(this::flush));
        } catch (ToolGateException.Closed e) {
            log.debug("The gate is closed; calls that are counted from now on are not written to the store");
        } catch (RuntimeException | Error e) {
            // Even an Error: a call must not fail because it cannot be counted.
            log.warn("The next write of call counts could not be scheduled; the next counted call tries again", e);
            planned.set(false);
        }
    }

    private void flush() {
        planned.set(false);
        List<Report> reports = new ArrayList<>();
        byAction.forEach((action, counts) -> {
            Report report = Report.of(action, counts);
            if (!report.isEmpty()) {
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
                log.debug("Call counts of {} actions could not be written", reports.size(), e);
            } else {
                log.warn(
                        "Call counts of {} actions could not be written; they are kept in memory and written later",
                        reports.size(),
                        e);
            }
            failing = true;
            if (planned.compareAndSet(false, true)) {
                plan();
            }
            return;
        }
        failing = false;
        reports.forEach(Report::markWritten);
    }

    /**
     * Writes what the store does not have yet, and waits for that: for {@code longest}, but not longer than two
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
                log.debug("The last call counts were not written within {}; the gate closes without them", wait);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException e) {
            log.debug("The gate was closed before; there are no call counts left to write");
        }
    }
}
