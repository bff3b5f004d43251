package io.toolgate.internal.resolve;

import io.toolgate.Failure;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ToolGateException;
import io.toolgate.internal.attempt.ActiveRuns;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.attempt.AttemptRunner;
import io.toolgate.internal.attempt.ProbeRecovery;
import io.toolgate.internal.base.Backoff;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.CheckpointNames;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.Redaction;
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
 * Reconciles records of unknown effect of one action: checks whether a record is due, claims it, probes, and stores the
 * result. The claim keeps reconcilers apart that find the same record, in this process and in others. Safe for use by
 * many threads.
 */
final class RecordReconciler<R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(RecordReconciler.class);

    /** The limit of running probes, for those that hang and ignore their interrupt: each of them costs a thread. */
    private static final int MAX_RUNNING_PROBES = 128;

    private final AttemptContext context;
    private final PaidAction<?, R> action;
    private final ReconcilePass.Settings settings;
    private final AtomicBoolean warned = new AtomicBoolean();

    /** The result of reconciling one record. */
    enum Result {
        /** None of this pass's business: finished or claimed by now, or a run of this process. */
        NOT_CONCERNED,
        /** Completed: the probe found the effect. */
        RECOVERED,
        /** Free: the probe found no effect. */
        RELEASED,
        /** In doubt, and put there by this pass. */
        DOUBTED,
        /** Left in doubt, because the action has no probe. */
        HELD,
        /** Quarantined by this pass. */
        QUARANTINED,
        /** Quarantined before. */
        IN_QUARANTINE,
        /** Not due for a probe yet. */
        DEFERRED,
        /** Not reconciled, because of an error of this record. */
        FAILED,
        /** Not reconciled, because the store is unreachable. */
        UNREACHABLE,
        /** Left as it was, because the pass was stopped. */
        STOPPED
    }

    RecordReconciler(AttemptContext context, PaidAction<?, R> action, ReconcilePass.Settings settings) {
        this.context = context;
        this.action = action;
        this.settings = settings;
    }

    /** Reconciles a record that a pass has read. An error of one record is logged and stops nothing else. */
    Result reconcile(IdempotencyRecord found, StopSignal stop) {
        try {
            return reconcileOrThrow(found, stop);
        } catch (ToolGateException.Closed e) {
            return Result.STOPPED;
        } catch (RuntimeException | Error e) {
            log.warn(
                    "{} could not be reconciled; the pass goes on with the next record",
                    found.id(),
                    Redaction.of(action).forLog(e));
            return isOutage(e) || isOutage(e.getCause()) ? Result.UNREACHABLE : Result.FAILED;
        }
    }

    private static boolean isOutage(@Nullable Throwable thrown) {
        return thrown instanceof StoreException.Unavailable || thrown instanceof StoreException.Closed;
    }

    private Result reconcileOrThrow(IdempotencyRecord found, StopSignal stop) {
        if (ClaimMachine.isQuarantined(found)) {
            return Result.IN_QUARANTINE;
        }
        boolean hasProbe = action.recovery() instanceof Recovery.ByProbe<R>;
        if (!hasProbe && found.state() == RecordState.IN_DOUBT) {
            return Result.HELD;
        }
        // Read again: the probes of earlier records may have taken a long time.
        Optional<IdempotencyRecord> record = context.store().peek(found.id());
        if (record.isEmpty() || !isUnfinished(record.get())) {
            return Result.NOT_CONCERNED;
        }
        try (ActiveRuns.ProbeSlot slot = context.runs().probeSlot()) {
            boolean due = !hasProbe || (reserve(slot) && isDue(record.get()));
            return due ? claim(record.get(), slot, stop) : Result.DEFERRED;
        }
    }

    private boolean isUnfinished(IdempotencyRecord record) {
        // A run of this process whose heartbeats are late is still a run, and not taken over.
        return ClaimMachine.isUnfinished(record, record.readAt())
                && !ClaimMachine.isQuarantined(record)
                && !context.runs().isRunning(record.id());
    }

    private boolean reserve(ActiveRuns.ProbeSlot slot) {
        boolean reserved = slot.reserve(MAX_RUNNING_PROBES);
        if (!reserved && !warned.getAndSet(true)) {
            log.warn(
                    "{} probes are still running, so that no more are started. Let the probe of {} give up before"
                            + " its timeout of {}",
                    MAX_RUNNING_PROBES,
                    action,
                    action.probeTimeout());
        }
        return reserved;
    }

    private boolean isDue(IdempotencyRecord record) {
        // A first claim has not been probed about yet, and without a backoff earlier probes do not matter.
        if (record.fence() == 1 || settings.backoff().equals(Backoff.NONE)) {
            return true;
        }
        Instant due = context.store().history(record.id(), 0).checkpoints().stream()
                .filter(checkpoint -> checkpoint.name().equals(CheckpointNames.RUNTIME + ProbeRecovery.Note.NAME))
                .map(this::nextProbe)
                .findAny()
                .orElse(Instant.MIN);
        return !record.readAt().isBefore(due);
    }

    private Instant nextProbe(Checkpoint note) {
        int unknownAnswers = ProbeRecovery.Note.of(Optional.of(note)).unknownAnswers();
        return note.at().plus(settings.backoff().after(unknownAnswers));
    }

    private Result claim(IdempotencyRecord record, ActiveRuns.ProbeSlot slot, StopSignal stop) {
        CallKey key = new CallKey(record.id(), record.fingerprint());
        ProbeRecovery.Terms terms = new ProbeRecovery.Terms(record.fence(), settings.maxProbes(), slot, stop);
        AttemptRunner<R> runner = AttemptRunner.ofReconciler(context, action, key, terms);
        context.runs().beginCall();
        try {
            return resultOf(runner.run(), stop);
        } finally {
            runner.reportCompletion();
            context.runs().endCall();
        }
    }

    private Result resultOf(AttemptRunner.Result<R> result, StopSignal stop) {
        if (result.event() instanceof KeyEvent.InDoubt doubt) {
            return doubt.failure().code().equals(Failure.Codes.QUARANTINED) ? Result.QUARANTINED : Result.DOUBTED;
        }
        if (result.own() == null) {
            boolean stopped = stop.isSet() || Thread.currentThread().isInterrupted();
            return stopped && result.event() instanceof KeyEvent.ClaimAgain ? Result.STOPPED : Result.NOT_CONCERNED;
        }
        if (result.event() instanceof KeyEvent.Completed) {
            return Result.RECOVERED;
        }
        return result.event() instanceof KeyEvent.Released ? Result.RELEASED : Result.NOT_CONCERNED;
    }
}
