package io.toolgate.internal.resolve;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.PaidAction;
import io.toolgate.ReconcileReport;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.base.Backoff;
import io.toolgate.internal.base.StopSignal;
import io.toolgate.internal.resolve.RecordReconciler.Result;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordState;
import io.toolgate.store.UnfinishedPage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over all records of unknown effect of some actions, page by page, so that neither a long transaction nor all
 * records are held at any time. Used once, by one thread, which may have helpers.
 */
public final class ReconcilePass {
    private static final Logger log = LoggerFactory.getLogger(ReconcilePass.class);

    private final AttemptContext context;
    private final Settings settings;
    private final Executor helpers;
    private final Map<String, RecordReconciler<?, ?>> reconcilers = new HashMap<>();
    private final Tally tally = new Tally();
    private final StopSignal stop = new StopSignal();

    // When the first page with a record in it was read, by the store's clock.
    private @Nullable Instant began;
    private boolean readOnce;

    /**
     * What a pass does, validated by the public API.
     *
     * @param actions the actions whose records are reconciled, no two of one name
     * @param olderThan for how long a record must have been of unknown effect
     * @param backoff between two probes of one record
     * @param maxProbes after how many unknown answers a record is quarantined
     * @param parallel how many records are reconciled at a time
     * @param onProgress is given a report after each page
     */
    public record Settings(
            List<PaidAction<?, ?>> actions,
            Duration olderThan,
            Backoff backoff,
            int maxProbes,
            int parallel,
            Consumer<ReconcileReport> onProgress) {
        /** Takes a copy. */
        public Settings {
            actions = List.copyOf(actions);
        }

        /** A single pass on request: it probes every record that is not in quarantine, and quarantines none. */
        public static Settings onRequest(PaidAction<?, ?> action) {
            return new Settings(List.of(action), Duration.ZERO, Backoff.NONE, Integer.MAX_VALUE, 1, report -> {});
        }
    }

    /** A pass on its own thread and, for all but one of the parallel records, on {@code helpers}. */
    public ReconcilePass(AttemptContext context, Settings settings, Executor helpers) {
        this.context = context;
        this.settings = settings;
        this.helpers = helpers;
        for (PaidAction<?, ?> action : settings.actions()) {
            reconcilers.put(action.name(), new RecordReconciler<>(context, action, settings));
        }
    }

    /**
     * Runs until all records are read, {@code stopSignal} is set, this thread is interrupted, or the store is found to
     * be down.
     *
     * @throws io.toolgate.store.StoreException if not even the first page could be read
     */
    public ReconcileReport run(StopSignal stopSignal) {
        context.runs().ensureOpen();
        Runnable stopToo = stop::set;
        stopSignal.onSet(stopToo);
        try {
            boolean complete = walk();
            ReconcileReport report = tally.report(complete);
            if (tally.hasChanges()) {
                log.info("Reconciled {}: {}", reconcilers.keySet(), report);
            }
            return report;
        } finally {
            stopSignal.remove(stopToo);
        }
    }

    /** The report of a pass that failed before it had reconciled anything. */
    static ReconcileReport failedReport() {
        return new Tally().report(false);
    }

    private boolean walk() {
        OptionalLong next = OptionalLong.of(UnfinishedPage.START);
        while (next.isPresent()) {
            UnfinishedPage page = mayContinue() ? read(next.getAsLong()) : null;
            if (page == null) {
                return false;
            }
            boolean all =
                    reconcileAll(page.records().stream().filter(this::isDue).toList());
            next = page.next();
            report(tally.report(all && next.isEmpty()));
            if (!all) {
                return false;
            }
        }
        return true;
    }

    private @Nullable UnfinishedPage read(long from) {
        try {
            UnfinishedPage page = context.store().scanUnfinished(settings.olderThan(), from);
            readOnce = true;
            return page;
        } catch (RuntimeException e) {
            if (!readOnce) {
                throw e;
            }
            log.warn(
                    "The next page of records could not be read; this pass ends early, and the next one covers them",
                    e);
            return null;
        }
    }

    /**
     * Whether a record is reconciled in this pass. Race: a record that this pass writes may move to a later page, and
     * would be probed again and again; so one that fell into doubt since the pass began is left to the next.
     */
    private boolean isDue(IdempotencyRecord record) {
        if (began == null) {
            began = record.readAt();
        }
        return reconcilers.containsKey(record.id().action())
                && !context.runs().isRunning(record.id())
                && !(record.state() == RecordState.IN_DOUBT
                        && record.updatedAt().isAfter(began));
    }

    /** Reconciles some records, on this thread and those of helpers; false if the pass has to end before all are. */
    private boolean reconcileAll(List<IdempotencyRecord> records) {
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger reconciled = new AtomicInteger();
        Runnable work = () -> {
            int i;
            while (mayContinue() && (i = taken.getAndIncrement()) < records.size()) {
                if (reconcile(records.get(i))) {
                    reconciled.incrementAndGet();
                }
            }
        };
        List<Helper> crew = new ArrayList<>();
        for (int i = 1; i < Math.min(settings.parallel(), records.size()); i++) {
            start(new Helper(work), crew);
        }
        work.run();
        crew.forEach(this::await);
        return reconciled.get() == records.size();
    }

    private boolean reconcile(IdempotencyRecord record) {
        RecordReconciler<?, ?> reconciler = reconcilers.get(record.id().action());
        Result result = reconciler == null ? Result.NOT_CONCERNED : reconciler.reconcile(record, stop);
        tally.add(result);
        return result != Result.STOPPED;
    }

    private boolean mayContinue() {
        return !stop.isSet()
                && !Thread.currentThread().isInterrupted()
                && context.runs().isOpen()
                && !tally.isOutage();
    }

    /** Work for a helper; not waited for if it was finished before the helper started. */
    private static final class Helper implements Runnable {
        private final Runnable work;
        private final AtomicBoolean taken = new AtomicBoolean();
        private final CountDownLatch done = new CountDownLatch(1);

        Helper(Runnable work) {
            this.work = work;
        }

        @Override
        public void run() {
            try {
                if (!taken.getAndSet(true)) {
                    work.run();
                }
            } finally {
                done.countDown();
            }
        }
    }

    private void start(Helper helper, List<Helper> crew) {
        try {
            helpers.execute(helper);
            crew.add(helper);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            log.warn("No thread can be started to help with the pass, which takes longer without", e);
        }
    }

    /** Waits for a helper. An interrupt stops all of them, which then end as soon as the store has answered. */
    private void await(Helper helper) {
        if (!helper.taken.getAndSet(true)) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        while (true) {
            if (interrupted) {
                stop.set();
            }
            try {
                helper.done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(ReconcileReport report) {
        try {
            settings.onProgress().accept(report);
        } catch (Throwable e) {
            // Even an Error: an observer must not end the pass.
            log.warn("The consumer of the reconciler's progress threw an exception; the pass goes on", e);
        }
    }

    /** Counts the results of one pass. Safe for use by many threads. */
    private static final class Tally {
        /** So many failures in a row are an outage; fewer may be single rows that other transactions hold. */
        private static final int FAILURES_OF_AN_OUTAGE = 3;

        @GuardedBy("this")
        private final Map<Result, Integer> counts = new EnumMap<>(Result.class);

        @GuardedBy("this")
        private int unreachableInARow;

        synchronized void add(Result result) {
            counts.merge(result, 1, Integer::sum);
            if (result == Result.UNREACHABLE) {
                unreachableInARow++;
            } else if (result != Result.DEFERRED && result != Result.HELD && result != Result.IN_QUARANTINE) {
                unreachableInARow = 0;
            }
        }

        /** Whether the store is down: each further record would cost a timeout. */
        synchronized boolean isOutage() {
            return unreachableInARow >= FAILURES_OF_AN_OUTAGE;
        }

        /** Whether a record was changed, or could not be. */
        synchronized boolean hasChanges() {
            return count(
                            Result.RECOVERED,
                            Result.RELEASED,
                            Result.DOUBTED,
                            Result.QUARANTINED,
                            Result.FAILED,
                            Result.UNREACHABLE)
                    > 0;
        }

        synchronized ReconcileReport report(boolean complete) {
            int found = counts.values().stream().mapToInt(Integer::intValue).sum();
            return new ReconcileReport(
                    found,
                    count(Result.RECOVERED),
                    count(Result.RELEASED),
                    count(Result.DOUBTED, Result.HELD, Result.STOPPED),
                    count(Result.QUARANTINED, Result.IN_QUARANTINE),
                    count(Result.DEFERRED),
                    count(Result.FAILED, Result.UNREACHABLE),
                    complete);
        }

        @GuardedBy("this")
        private int count(Result... results) {
            int sum = 0;
            for (Result result : results) {
                sum += counts.getOrDefault(result, 0);
            }
            return sum;
        }
    }
}
