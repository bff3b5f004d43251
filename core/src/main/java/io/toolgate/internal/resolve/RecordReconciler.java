package io.toolgate.internal.resolve;

import io.toolgate.Failure;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ToolGateException;
import io.toolgate.internal.attempt.ActiveRuns;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.attempt.AttemptRunner;
import io.toolgate.internal.attempt.ProbeRecovery;
import io.toolgate.internal.attempt.RememberedInput;
import io.toolgate.internal.base.Backoff;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.Redaction;
import io.toolgate.internal.base.StopSignal;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles records of unknown effect of one action: checks whether a record is due, claims it, probes or runs the
 * action again with the input that it remembers, and stores the result. The claim keeps reconcilers apart that find the
 * same record, in this process and in others. Safe for use by many threads.
 */
final class RecordReconciler<I extends @Nullable Object, R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(RecordReconciler.class);

    /** The limit of running probes and reruns, for those that hang and ignore an interrupt: each costs a thread. */
    private static final int MAX_RUNNING_PROBES = 128;

    private final AttemptContext context;
    private final PaidAction<I, R> action;
    private final ReconcilePass.Settings settings;
    private final AtomicBoolean warned = new AtomicBoolean();

    /** The result of reconciling one record. */
    enum Result {
        /** None of this pass's business: finished or claimed by now, or a run of this process. */
        NOT_CONCERNED,
        /** Finished: the probe found the effect, or the action was run again. */
        RECOVERED,
        /** Free: the probe found no effect. */
        RELEASED,
        /** In doubt, and put there by this pass. */
        DOUBTED,
        /** Left in doubt: the action has no probe, and cannot be run again here. */
        HELD,
        /** Quarantined by this pass. */
        QUARANTINED,
        /** Quarantined before. */
        IN_QUARANTINE,
        /** Not due for a probe or a run yet, or still running when the pass went on. */
        DEFERRED,
        /** Not reconciled, because of an error of this record. */
        FAILED,
        /** Not reconciled, because the store is unreachable. */
        UNREACHABLE,
        /** Left as it was, because the pass was stopped. */
        STOPPED
    }

    RecordReconciler(AttemptContext context, PaidAction<I, R> action, ReconcilePass.Settings settings) {
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
        boolean reruns = action.recovery() instanceof Recovery.Rerun<R>
                && action.inputCodec().isPresent();
        if (!hasProbe && !reruns && found.state() == RecordState.IN_DOUBT) {
            return Result.HELD;
        }
        // Read again: the probes of earlier records may have taken a long time.
        Optional<IdempotencyRecord> record = context.store().peek(found.id());
        if (record.isEmpty() || !isUnfinished(record.get())) {
            return Result.NOT_CONCERNED;
        }
        boolean inDoubt = record.get().state() == RecordState.IN_DOUBT;
        Payload input = reruns ? rememberedInput(record.get()) : null;
        if (!hasProbe && input == null && inDoubt) {
            return Result.HELD;
        }
        try (ActiveRuns.ProbeSlot slot = context.runs().probeSlot()) {
            if (input != null && isRerunDue(record.get()) && reserve(slot)) {
                return rerun(record.get(), input, slot, stop);
            }
            if (hasProbe && isDue(record.get()) && reserve(slot)) {
                return claim(record.get(), null, true, slot, stop);
            }
            // A record whose lease has ended does not wait in progress until it is due: it is put in doubt.
            return inDoubt ? Result.DEFERRED : claim(record.get(), null, false, slot, stop);
        }
    }

    /** The input that the record remembers; null if it remembers none, or its attempts are used up. */
    private @Nullable Payload rememberedInput(IdempotencyRecord record) {
        return record.numbers().attempt() < action.maxAttempts()
                ? RememberedInput.in(context.store().history(record.id(), 0).checkpoints())
                : null;
    }

    /** Whether the action may run again. The backoff counts from the record's last transition. */
    private boolean isRerunDue(IdempotencyRecord record) {
        int reruns = record.numbers().attempt() - 1;
        Instant due = reruns < 1
                ? Instant.MIN
                : record.updatedAt().plus(settings.backoff().after(reruns));
        Instant now = record.readAt();
        return !now.isBefore(due) && !now.isBefore(ClaimMachine.claimableFrom(record));
    }

    /**
     * Runs the action again.
     *
     * @throws ToolGateException.InputUnavailable if the input cannot be decoded; the record is in doubt then
     */
    private Result rerun(IdempotencyRecord record, Payload stored, ActiveRuns.ProbeSlot slot, StopSignal stop) {
        I input;
        try {
            input = RememberedInput.decode(action, record.id(), stored);
        } catch (ToolGateException.InputUnavailable e) {
            if (record.state() != RecordState.IN_DOUBT) {
                var unused = claim(record, null, false, slot, stop);
            }
            throw e;
        }
        return claimElsewhere(record, attempt -> action.run().run(input, attempt), slot, stop);
    }

    /**
     * As {@link #claim}, on a thread of its own: a run that hangs holds the pass up for no longer than the action
     * allows a run to take, and neither the end of the pass nor an interrupt of its thread ends the run.
     */
    private Result claimElsewhere(
            IdempotencyRecord record, AttemptRunner.Body<R> rerun, ActiveRuns.ProbeSlot slot, StopSignal stop) {
        CompletableFuture<Result> result = new CompletableFuture<>();
        slot.start(GateThreads.daemon("rerun", () -> {
            try {
                // Race: the pass is stopped before this thread has begun. Then nothing is claimed any more.
                result.complete(context.runs()
                        .callInSlot(
                                record.id(),
                                () -> stop.isSet() ? Result.STOPPED : claim(record, rerun, true, slot, stop)));
            } catch (Throwable e) {
                if (!result.completeExceptionally(e) && !(e instanceof ToolGateException.Closed)) {
                    log.warn(
                            "The run of {}, which went on after its pass, ended with an exception",
                            record.id(),
                            Redaction.of(action).forLog(e));
                }
            }
        }));
        Runnable cancel = () -> result.complete(Result.STOPPED);
        stop.onSet(cancel);
        try {
            return await(result);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result.complete(Result.STOPPED);
            return Result.STOPPED;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException thrown
                    ? thrown
                    : new IllegalStateException("The action was run again and threw an error", e.getCause());
        } finally {
            stop.remove(cancel);
        }
    }

    /** Waits for a run, for as long as the action allows one to take. */
    private Result await(CompletableFuture<Result> result) throws InterruptedException, ExecutionException {
        try {
            return result.get(action.maxRunTime().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // Race: the run ends just now. Either its result is this one, or its thread tells of its error.
            result.complete(Result.DEFERRED);
            return result.get();
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
                    "{} probes, or runs, are still going on, so that no more are started. Let those of {} give up"
                            + " in time",
                    MAX_RUNNING_PROBES,
                    action);
        }
        return reserved;
    }

    private boolean isDue(IdempotencyRecord record) {
        // A first claim has not been probed about yet, and without a backoff earlier probes do not matter.
        if (record.fence() == 1 || settings.backoff().equals(Backoff.NONE)) {
            return true;
        }
        Instant due = context.store().history(record.id(), 0).checkpoints().stream()
                .filter(checkpoint -> checkpoint.name().equals(ProbeRecovery.Note.NAME))
                .map(this::nextProbe)
                .findAny()
                .orElse(Instant.MIN);
        return !record.readAt().isBefore(due);
    }

    private Instant nextProbe(Checkpoint note) {
        int unknownAnswers = ProbeRecovery.Note.of(Optional.of(note)).unknownAnswers();
        return note.at().plus(settings.backoff().after(unknownAnswers));
    }

    private Result claim(
            IdempotencyRecord record,
            AttemptRunner.@Nullable Body<R> rerun,
            boolean mayTakeOver,
            ActiveRuns.ProbeSlot slot,
            StopSignal stop) {
        CallKey key = new CallKey(record.id(), record.fingerprint());
        ProbeRecovery.Terms terms =
                new ProbeRecovery.Terms(record.fence(), settings.maxProbes(), mayTakeOver, slot, stop);
        AttemptRunner<R> runner = AttemptRunner.ofReconciler(context, action, key, rerun, terms);
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
        if (result.event() instanceof KeyEvent.Completed || result.event() instanceof KeyEvent.Rejected) {
            return Result.RECOVERED;
        }
        return result.event() instanceof KeyEvent.Released ? Result.RELEASED : Result.NOT_CONCERNED;
    }
}
