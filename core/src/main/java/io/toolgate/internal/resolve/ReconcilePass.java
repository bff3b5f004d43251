package io.toolgate.internal.resolve;

import io.toolgate.PaidAction;
import io.toolgate.ReconcileReport;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.base.StopSignal;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordState;
import io.toolgate.store.UnfinishedPage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over all records of unknown effect of some actions: part by part, each read by itself, so that neither a long
 * transaction nor all records are ever held. Used once, by one thread, which may have helpers.
 */
public final class ReconcilePass {
    private static final Logger log = LoggerFactory.getLogger(ReconcilePass.class);

    private final AttemptContext context;
    private final SweepSettings settings;
    private final Executor helpers;
    private final Map<String, RecordReconciler<?>> settlers = new HashMap<>();
    private final SweepTally tally = new SweepTally();
    private final StopSignal stop = new StopSignal();

    // When the first part with anything in it was read, by the store's clock.
    private @Nullable Instant began;
    private boolean readOnce;

    /** A pass whose helpers, all but one of the parallel settlers, run on {@code helpers}. */
    ReconcilePass(AttemptContext context, SweepSettings settings, Executor helpers) {
        this.context = context;
        this.settings = settings;
        this.helpers = helpers;
        for (PaidAction<?, ?> action : settings.actions()) {
            settlers.put(action.name(), settler(action));
        }
    }

    /** A pass without helpers. */
    public static ReconcilePass of(AttemptContext context, SweepSettings settings) {
        return new ReconcilePass(context, settings, Runnable::run);
    }

    private <R extends @Nullable Object> RecordReconciler<R> settler(PaidAction<?, R> action) {
        return new RecordReconciler<>(context, action, settings);
    }

    /**
     * Walks until the end, until {@code ordered}, until this thread is interrupted, or until the store is found to be down.
     *
     * @throws io.toolgate.store.StoreException if not even the first part could be read
     */
    public ReconcileReport run(StopSignal ordered) {
        context.runs().ensureOpen();
        Runnable stopToo = stop::give;
        ordered.onGiven(stopToo);
        try {
            boolean complete = walk();
            ReconcileReport report = tally.report(complete);
            if (tally.didSomething()) {
                log.info("Reconciled {}: {}", settlers.keySet(), report);
            }
            return report;
        } finally {
            ordered.forget(stopToo);
        }
    }

    private boolean walk() {
        OptionalLong next = OptionalLong.of(UnfinishedPage.START);
        while (next.isPresent()) {
            UnfinishedPage page = goesOn() ? read(next.getAsLong()) : null;
            if (page == null) {
                return false;
            }
            boolean all = settleAll(page.records().stream().filter(this::isMine).toList());
            next = page.next();
            tell(tally.report(all && next.isEmpty()));
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
            log.warn("The next part of the records could not be read; the pass ends before its time", e);
            return null;
        }
    }

    /**
     * Whether a record is to be settled in this pass. What fell into doubt since it began is left to the next one. Race: what
     * this pass writes may move to a later part of the walk, and would be asked about again and again.
     */
    private boolean isMine(IdempotencyRecord record) {
        if (began == null) {
            began = record.readAt();
        }
        return settlers.containsKey(record.id().action())
                && !context.runs().isRunning(record.id())
                && !(record.state() == RecordState.IN_DOUBT
                        && record.updatedAt().isAfter(began));
    }

    /** Settles some records, on this thread and those of helpers; false if not all could be. */
    private boolean settleAll(List<IdempotencyRecord> records) {
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger settled = new AtomicInteger();
        Runnable work = () -> {
            int i;
            while (goesOn() && (i = taken.getAndIncrement()) < records.size()) {
                if (settle(records.get(i))) {
                    settled.incrementAndGet();
                }
            }
        };
        List<Helper> crew = new ArrayList<>();
        for (int i = 1; i < Math.min(settings.parallel(), records.size()); i++) {
            help(new Helper(work), crew);
        }
        work.run();
        crew.forEach(this::await);
        return settled.get() == records.size();
    }

    private boolean settle(IdempotencyRecord record) {
        RecordReconciler<?> settler = settlers.get(record.id().action());
        Fate fate = settler == null ? Fate.ELSEWHERE : settler.settle(record, stop);
        tally.add(fate);
        return fate != Fate.CUT;
    }

    private boolean goesOn() {
        return !stop.isGiven()
                && !Thread.currentThread().isInterrupted()
                && context.runs().isOpen()
                && !tally.isOutage();
    }

    /** Work that a helper does, or that nobody needs to wait for because no helper came before it was done. */
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

    private void help(Helper helper, List<Helper> crew) {
        try {
            helpers.execute(helper);
            crew.add(helper);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // Without this helper it takes longer, and that is all.
            log.warn("There is no thread to help with the pass", e);
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
                stop.give();
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

    private void tell(ReconcileReport report) {
        try {
            settings.onProgress().accept(report);
        } catch (Throwable e) {
            // Whatever it is: who only looks on must not end the pass.
            log.warn("The consumer of the reconciler's progress threw; the pass goes on", e);
        }
    }
}
