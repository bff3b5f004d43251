package io.toolgate.internal.resolve;

import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ToolGateException;
import io.toolgate.internal.attempt.Asking;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.attempt.AttemptRunner;
import io.toolgate.internal.attempt.Led;
import io.toolgate.internal.attempt.ProbeNote;
import io.toolgate.internal.base.Backoff;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.CheckpointNames;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.StopSignal;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles records of unknown effect of one action, one at a time a thread: looks whether it is time, claims, asks, and stores
 * what came of it. Who else does that at the same time, here or elsewhere, is told apart by the claim.
 */
public final class RecordReconciler<R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(RecordReconciler.class);

    /** Of probes that hang and ignore their interrupts, so many threads are given up before no more are asked. */
    private static final int MOST_PROBES = 128;

    private final AttemptContext context;
    private final PaidAction<?, R> action;
    private final SweepSettings settings;
    private final AtomicBoolean warned = new AtomicBoolean();

    RecordReconciler(AttemptContext context, PaidAction<?, R> action, SweepSettings settings) {
        this.context = context;
        this.action = action;
        this.settings = settings;
    }

    /** Settles what a walk found. Whatever goes wrong with one record is logged, and stops nothing else. */
    Fate settle(IdempotencyRecord found, StopSignal stop) {
        try {
            return settleOrThrow(found, stop);
        } catch (ToolGateException.Closed e) {
            return Fate.CUT;
        } catch (RuntimeException | Error e) {
            log.warn("{} could not be reconciled; the pass goes on", found.id(), e);
            return isOutage(e) || isOutage(e.getCause()) ? Fate.UNREACHABLE : Fate.FAILED;
        }
    }

    private static boolean isOutage(@Nullable Throwable thrown) {
        return thrown instanceof StoreException.Unavailable || thrown instanceof StoreException.Closed;
    }

    private Fate settleOrThrow(IdempotencyRecord found, StopSignal stop) {
        if (ClaimMachine.isQuarantined(found)) {
            return Fate.IN_QUARANTINE;
        }
        boolean asks = action.recovery() instanceof Recovery.Ask<R>;
        if (!asks && found.state() == RecordState.IN_DOUBT) {
            return Fate.HELD;
        }
        // The walk may have read this long ago, by the measure of probes.
        Optional<IdempotencyRecord> record = context.store().peek(found.id());
        if (record.isEmpty() || !isOpen(record.get())) {
            return Fate.ELSEWHERE;
        }
        return asks && !isDue(record.get()) ? Fate.DEFERRED : claim(record.get(), stop);
    }

    /** A run of this process whose heartbeats are late is still a run: it must not be taken over from within. */
    private boolean isOpen(IdempotencyRecord record) {
        return ClaimMachine.isUnfinished(record, record.readAt())
                && !ClaimMachine.isQuarantined(record)
                && !context.runs().isRunning(record.id());
    }

    private boolean isDue(IdempotencyRecord record) {
        if (context.runs().probesRunning() >= MOST_PROBES) {
            if (!warned.getAndSet(true)) {
                log.warn(
                        "{} probes have not come back, and no more are asked; have {} give up by itself before {}",
                        MOST_PROBES,
                        action,
                        action.probeTimeout());
            }
            return false;
        }
        // To be asked about it must have been taken over; who passes without a backoff need not know of earlier asks.
        if (record.fence() == 1 || settings.backoff().equals(Backoff.NONE)) {
            return true;
        }
        Instant due = context.store().history(record.id(), 0).checkpoints().stream()
                .filter(mark -> mark.name().equals(CheckpointNames.RUNTIME + ProbeNote.NAME))
                .map(this::nextAsk)
                .findAny()
                .orElse(Instant.MIN);
        return !record.readAt().isBefore(due);
    }

    private Instant nextAsk(Checkpoint note) {
        int asked = ProbeNote.of(Optional.of(note)).asked();
        return note.at().plus(settings.backoff().after(asked));
    }

    private Fate claim(IdempotencyRecord record, StopSignal stop) {
        CallKey key = new CallKey(record.id(), record.fingerprint());
        Asking asking = new Asking(record.fence(), settings.maxAsks(), stop);
        AttemptRunner<R> runner = AttemptRunner.ofReconciler(context, action, key, asking);
        context.runs().beginLeading();
        try {
            return fate(runner.lead(), stop);
        } finally {
            runner.tellTheEnd();
            context.runs().endLeading();
        }
    }

    private Fate fate(Led<R> led, StopSignal stop) {
        if (led.news() instanceof KeyEvent.Doubtful doubt) {
            return doubt.failure().code().equals(ClaimMachine.QUARANTINED) ? Fate.QUARANTINED : Fate.DOUBTED;
        }
        if (led.own() == null) {
            boolean cut = stop.isGiven() || Thread.currentThread().isInterrupted();
            return cut && led.news() instanceof KeyEvent.Open ? Fate.CUT : Fate.ELSEWHERE;
        }
        if (led.news() instanceof KeyEvent.Done) {
            return Fate.RECOVERED;
        }
        return led.news() instanceof KeyEvent.Released ? Fate.RELEASED : Fate.ELSEWHERE;
    }
}
