package io.toolgate.internal;

import io.toolgate.PaidAction;
import io.toolgate.ReconcileReport;
import io.toolgate.store.IdempotencyRecord;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One pass over the records of an action whose effect is unknown, on the calling thread. */
final class Sweep<R extends @Nullable Object> {
    private static final int LIMIT = 1000;

    private final GateEngine engine;
    private final PaidAction<?, R> action;
    private int found;
    private int recovered;
    private int released;
    private int inDoubt;

    Sweep(GateEngine engine, PaidAction<?, R> action) {
        this.engine = engine;
        this.action = action;
    }

    ReconcileReport run() {
        List<IdempotencyRecord> unfinished = engine.store().findUnfinished(Duration.ZERO, LIMIT);
        for (IdempotencyRecord record : unfinished) {
            // A run of this process whose heartbeats are late is still a run: it must not be taken over from within.
            if (record.id().action().equals(action.name()) && !engine.isRunning(record.id())) {
                found++;
                settle(record);
            }
        }
        return new ReconcileReport(found, recovered, released, inDoubt, unfinished.size() == LIMIT);
    }

    private void settle(IdempotencyRecord record) {
        CallKey key = new CallKey(record.id(), record.fingerprint());
        Settlement news;
        engine.beginLeading();
        try {
            news = new Runner<>(engine, action, key, System.nanoTime(), null)
                    .lead()
                    .news();
        } finally {
            engine.endLeading();
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
