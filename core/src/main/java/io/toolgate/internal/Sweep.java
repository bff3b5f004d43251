package io.toolgate.internal;

import io.toolgate.PaidAction;
import io.toolgate.ReconcileReport;
import io.toolgate.ToolGateException;
import io.toolgate.store.IdempotencyRecord;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over the records of an action whose effect is unknown, on the calling thread. */
final class Sweep<R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(Sweep.class);
    private static final int FIRST_PAGE = 1000;
    private static final int LARGEST_PAGE = 1 << 20;

    private final GateEngine engine;
    private final PaidAction<?, R> action;
    private int found;
    private int recovered;
    private int released;
    private int inDoubt;
    private int failed;

    Sweep(GateEngine engine, PaidAction<?, R> action) {
        this.engine = engine;
        this.action = action;
    }

    ReconcileReport run() {
        int page = FIRST_PAGE;
        List<IdempotencyRecord> unfinished = engine.store().findUnfinished(Duration.ZERO, page);
        // Older records of other actions must not hide this one's for ever.
        while (unfinished.size() == page
                && page < LARGEST_PAGE
                && unfinished.stream().noneMatch(this::isMine)) {
            page *= 4;
            unfinished = engine.store().findUnfinished(Duration.ZERO, page);
        }
        for (IdempotencyRecord record : unfinished) {
            if (isMine(record)) {
                found++;
                settle(record);
            }
        }
        return new ReconcileReport(found, recovered, released, inDoubt, failed, unfinished.size() == page);
    }

    /** A run of this process whose heartbeats are late is still a run: it must not be taken over from within. */
    private boolean isMine(IdempotencyRecord record) {
        return record.id().action().equals(action.name()) && !engine.runs().isRunning(record.id());
    }

    private void settle(IdempotencyRecord record) {
        CallKey key = new CallKey(record.id(), record.fingerprint());
        Runner<R> runner = Runner.ofReconciler(engine, action, key, Integer.MAX_VALUE);
        Settlement news;
        engine.runs().beginLeading();
        try {
            news = runner.lead().news();
        } catch (ToolGateException.NotExecuted | ToolGateException.ResultNotStored e) {
            log.warn("{} could not be reconciled; the pass goes on", record.id(), e);
            failed++;
            return;
        } finally {
            runner.tellTheEnd();
            engine.runs().endLeading();
        }
        if (news instanceof Settlement.Done) {
            recovered++;
        } else if (news instanceof Settlement.Released) {
            released++;
        } else if (news instanceof Settlement.Doubtful) {
            inDoubt++;
        }
    }
}
