package io.toolgate.internal.attempt;

import io.toolgate.Completion.By;
import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ToolGateException;
import io.toolgate.internal.attempt.AttemptRunner.Result;
import io.toolgate.internal.base.CallCounters;
import io.toolgate.internal.base.CallCounters.Counter;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.internal.base.Redaction;
import io.toolgate.internal.replay.ReplayStore;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import io.toolgate.store.Results;
import io.toolgate.store.Rows;
import io.toolgate.store.RunEffect;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of an attempt in the store, and what it means to its caller and to the waiters of its key. The effect may
 * have happened by now: whatever fails here, the key is not left open, and no exception says that nothing was run. Used
 * by one thread.
 */
final class AttemptCompletion<R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(AttemptCompletion.class);

    private final IdempotencyStore store;
    private final ReplayStore replays;
    private final CallCounters counters;
    private final OrphanedClaims orphans;
    private final PaidAction<?, R> action;
    private final Redaction redaction;
    private final CallKey key;
    private final long startedNanos;
    private final ListenerEvents events;
    private final List<Runnable> pendingEvents = new ArrayList<>();

    AttemptCompletion(
            AttemptContext context, PaidAction<?, R> action, CallKey key, long startedNanos, ListenerEvents events) {
        this.store = context.store();
        this.replays = context.replays();
        this.counters = context.counters();
        this.orphans = context.orphans();
        this.action = action;
        this.redaction = Redaction.of(action);
        this.key = key;
        this.startedNanos = startedNanos;
        this.events = events;
    }

    /** Stores the result of a run. */
    Result<R> completed(LiveAttempt attempt, R value, long runNanos) {
        return completed(attempt, value, Origin.EXECUTED, runNanos, failure -> failure);
    }

    /**
     * Stores a result that a probe found.
     *
     * @param onRowsFailed makes the doubt that is stored of the one that the action's rows could not be written
     */
    Result<R> recovered(LiveAttempt attempt, R value, UnaryOperator<Failure> onRowsFailed) {
        return completed(attempt, value, Origin.RECOVERED, 0, onRowsFailed);
    }

    private Result<R> completed(
            LiveAttempt attempt, R value, Origin origin, long runNanos, UnaryOperator<Failure> onRowsFailed) {
        // What was written in a transaction of the run's own is the result: the store confirms it.
        LiveAttempt.Written written = attempt.written();
        // While the lease is still kept alive: a slow codec must not cost it.
        Payload[] stored = {written == null ? OutcomeMapper.encode(action, key.id(), value) : written.result()};
        Rows<?> rows = written == null
                ? DeclaredRows.of(action, key.id(), attempt.number(), attempt.storedInput(), value, attempt.by())
                : written.rows();
        attempt.markCompleting();
        ReplayStore.Stamp stamp = replays.stamp(key.id());
        TransitionOutcome outcome;
        try {
            outcome = transition(attempt, value, null, RunEffect.UNKNOWN, lease -> {
                try {
                    return complete(lease, stored[0], rows);
                } catch (StoreException.Refused e) {
                    stored[0] = Results.unavailable(Failure.Codes.RESULT_NOT_STORABLE, String.valueOf(e.getMessage()));
                    log.warn(
                            "The store refused the result of {}. The effect has happened: completing the record without"
                                    + " the result, so that later callers get \"result unavailable\" until an operator"
                                    + " supplies it",
                            attempt,
                            e);
                    return complete(lease, stored[0], rows);
                }
            });
        } catch (StoreException.RowsFailed e) {
            return rowsFailed(attempt, e, onRowsFailed);
        }
        Payload payload = stored[0];
        if (outcome instanceof TransitionOutcome.LeaseLost lost) {
            IdempotencyRecord own = completedBy(attempt, lost);
            if (own == null) {
                return stale(attempt, value, null, lost.current());
            }
            replays.keep(own, stamp);
            return completed(attempt, Objects.requireNonNull(own.result()), value, own.version(), origin, runNanos);
        }
        if (payload.isAvailable()) {
            keepReplay(attempt, RecordState.COMPLETED, outcome, payload, null, stamp);
        }
        return completed(attempt, payload, value, versionAfter(outcome), origin, runNanos);
    }

    /**
     * The result of a run, or probe, whose record is completed with {@code stored}, which may be other bytes than those
     * encoded here: a run that completed its record in a transaction of its own wrote them there, and a codec that
     * encrypts never produces the same ones twice. The caller is given the stored ones, decoded, as every later one
     * (rule 2). They are decoded once they are stored: a codec that hangs must not lose them.
     */
    private Result<R> completed(
            LiveAttempt attempt, Payload stored, @Nullable R value, long version, Origin origin, long runNanos) {
        Outcome<R> own = OutcomeMapper.ofOwnRun(action, key.id(), stored, value, origin);
        // Counted even if the result is unavailable: the effect happened.
        counters.count(action.name(), origin == Origin.RECOVERED ? Counter.RECOVERED : Counter.EXECUTED);
        reportLater(attempt, version, (l, e) -> {
            if (own instanceof Outcome.Unavailable<R> unavailable) {
                l.resultUnavailable(e, unavailable.reason());
            } else if (origin == Origin.RECOVERED) {
                l.recovered(e);
            } else {
                l.executed(e, Duration.ofNanos(runNanos));
            }
        });
        return new Result<>(new KeyEvent.Completed(stored), own);
    }

    private TransitionOutcome complete(Lease lease, Payload result, @Nullable Rows<?> rows) {
        return rows == null ? store.complete(lease, result) : store.complete(lease, result, rows);
    }

    /**
     * The effect happened, and neither its rows nor its result are stored: the key is not free, and in doubt until its
     * recovery or an operator completes it with its rows.
     */
    private Result<R> rowsFailed(
            LiveAttempt attempt, StoreException.RowsFailed thrown, UnaryOperator<Failure> onRowsFailed) {
        log.warn(
                "The rows of {} could not be written, so its result is not stored either. Its effect has happened; the"
                        + " record is put in doubt, until the action's recovery or an operator completes it with its"
                        + " rows",
                attempt,
                redaction.forLog(thrown));
        String why = redaction.text(String.valueOf(thrown.getMessage()));
        Failure failure = onRowsFailed
                .apply(Failure.unknown(Failure.Codes.ROWS_FAILED, why))
                .causedBy(thrown);
        Result<R> result = failed(attempt, failure, RunEffect.UNKNOWN);
        if (thrown.getCause() instanceof Error error) {
            throw error;
        }
        return result;
    }

    /** Caches what this attempt stored, for the retention that its claim asked for, counted from that claim. */
    private void keepReplay(
            LiveAttempt attempt,
            RecordState state,
            TransitionOutcome outcome,
            @Nullable Payload payload,
            @Nullable Failure failure,
            ReplayStore.Stamp stamp) {
        ReplayStore.Finished finished = new ReplayStore.Finished(
                state, key.fingerprint(), attempt.number(), versionAfter(outcome), payload, failure);
        Duration sinceClaim = Duration.ofNanos(System.nanoTime() - attempt.startedNanos());
        replays.keep(key.id(), finished, action.retention().minus(sinceClaim), stamp);
    }

    private static long versionAfter(TransitionOutcome outcome) {
        return outcome.fold(TransitionOutcome.Applied::version, TransitionOutcome.AlreadyApplied::version, lost -> 0L);
    }

    /** The record, if {@code attempt} itself has completed it; null otherwise. */
    private static @Nullable IdempotencyRecord completedBy(LiveAttempt attempt, TransitionOutcome.LeaseLost lost) {
        return lost.current()
                .filter(record -> record.state() == RecordState.COMPLETED
                        && record.token().equals(attempt.lease().token()))
                .orElse(null);
    }

    /** Stores that a run, or a probe, ended without a result; {@code effect} is what is known of this run alone. */
    Result<R> failed(LiveAttempt attempt, Failure failure, RunEffect effect) {
        attempt.markCompleting();
        ReplayStore.Stamp stamp = replays.stamp(key.id());
        TransitionOutcome outcome =
                transition(attempt, null, failure, effect, lease -> store.fail(lease, failure, effect));
        if (outcome instanceof TransitionOutcome.LeaseLost lost) {
            IdempotencyRecord own = completedBy(attempt, lost);
            if (own != null) {
                log.warn(
                        "{} completed its record in a transaction of its own and then failed ({}): the stored result"
                                + " stands",
                        attempt,
                        failure.code(),
                        redaction.forLog(failure.cause().orElse(null)));
                Origin origin = attempt.by() == By.PROBE ? Origin.RECOVERED : Origin.EXECUTED;
                return completed(attempt, Objects.requireNonNull(own.result()), null, own.version(), origin, 0);
            }
            return stale(attempt, null, failure, lost.current());
        }
        long version = versionAfter(outcome);
        return switch (failure.kind()) {
            case REJECTED -> {
                keepReplay(attempt, RecordState.REJECTED, outcome, null, failure, stamp);
                counters.count(action.name(), Counter.REJECTED);
                reportLater(attempt, version, (l, e) -> l.rejected(e, failure));
                yield new Result<>(new KeyEvent.Rejected(failure), new Outcome.Rejected<>(failure, Origin.EXECUTED));
            }
            case NOT_EXECUTED -> {
                counters.count(action.name(), Counter.RELEASED);
                reportLater(attempt, version, (l, e) -> l.released(e, failure));
                Duration pause = ClaimMachine.pauseAfter(
                        numbersAfter(attempt, failure, effect).refusals());
                yield new Result<>(new KeyEvent.Released(failure, pause), new Outcome.Retryable<>(failure, pause));
            }
            case UNKNOWN -> {
                counters.count(action.name(), Counter.DOUBTED);
                boolean quarantined = failure.code().equals(Failure.Codes.QUARANTINED);
                reportLater(attempt, version, (l, e) -> {
                    if (quarantined) {
                        l.quarantined(e, failure);
                    } else {
                        l.inDoubt(e, failure);
                    }
                });
                Instant since = outcome.fold(
                        TransitionOutcome.Applied::at, TransitionOutcome.AlreadyApplied::at, lost -> Instant.EPOCH);
                int attempts = numbersAfter(attempt, failure, effect).attempt();
                yield new Result<>(
                        new KeyEvent.InDoubt(failure, since, attempts, true),
                        OutcomeMapper.inDoubt(action, failure, since, attempts));
            }
        };
    }

    private static RecordNumbers numbersAfter(LiveAttempt attempt, Failure failure, RunEffect effect) {
        return ClaimMachine.numbersAfter(attempt.numbers(), failure, effect);
    }

    private Result<R> stale(
            LiveAttempt attempt, @Nullable R value, @Nullable Failure failure, Optional<IdempotencyRecord> current) {
        Throwable cause = failure == null ? null : failure.cause().orElse(null);
        log.warn(
                "{} lost its lease before it ended; its result was refused, and its effect may have happened."
                        + " Compare the record with the provider",
                attempt,
                redaction.forLog(cause));
        reportLater(attempt, 0, (l, e) -> l.staleResult(e, value));
        Outcome<R> now = current.map(record -> OutcomeMapper.of(action, record)).orElseGet(OutcomeMapper::gone);
        return new Result<>(new KeyEvent.ClaimAgain(), new Outcome.LeaseLost<>(attempt.number(), now));
    }

    /**
     * Stores the end of an attempt. An interrupt is held back, so that it does not keep an existing result from being
     * stored.
     */
    private TransitionOutcome transition(
            LiveAttempt attempt,
            @Nullable Object value,
            @Nullable Failure failure,
            RunEffect effect,
            Function<Lease, TransitionOutcome> transition) {
        boolean interrupted = Thread.interrupted();
        try {
            return transition.apply(attempt.lease());
        } catch (StoreException.RowsFailed e) {
            throw e;
        } catch (RuntimeException e) {
            if (failure != null && failure.kind() == Failure.Kind.NOT_EXECUTED) {
                orphans.release(attempt.lease(), failure, effect);
                throw ToolGateException.NotExecuted.withoutEffect(
                        attempt + " failed before its effect (" + failure.code() + "), and the store did not accept"
                                + " that yet; the key is released as soon as the store answers",
                        e);
            }
            reportLater(attempt, 0, (l, event) -> l.resultNotStored(event, e));
            ToolGateException notStored = new ToolGateException.ResultNotStored(key.id(), attempt.number(), value, e);
            if (failure != null) {
                failure.cause().ifPresent(notStored::addSuppressed);
            }
            throw notStored;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Releases a claim whose action never started; {@code doubt} is the attempt before it, if its effect is still
     * unknown.
     */
    void release(LiveAttempt attempt, @Nullable Previous doubt) {
        release(attempt, notStarted(attempt, doubt), effectOfUnstarted(doubt));
    }

    /** As {@link #release}, without waiting for the store, which has just not answered in time. */
    void releaseLater(LiveAttempt attempt, @Nullable Previous doubt) {
        attempt.markCompleting();
        orphans.release(attempt.lease(), notStarted(attempt, doubt), effectOfUnstarted(doubt));
    }

    private static Failure notStarted(LiveAttempt attempt, @Nullable Previous doubt) {
        return doubt == null
                ? Failure.notExecuted(
                        Failure.Codes.NOT_STARTED, "attempt " + attempt.number() + " did not start the action")
                : doubtOf(doubt);
    }

    /** What is known of the run of a claim that started nothing: one that took over a doubt to probe counted none. */
    private RunEffect effectOfUnstarted(@Nullable Previous doubt) {
        return doubt != null && action.recovery() instanceof Recovery.ByProbe<R>
                ? RunEffect.UNKNOWN
                : RunEffect.NOT_STARTED;
    }

    /**
     * Releases a claim that took over another record than the one that was found, and restores that one's state. If it
     * was finished, or gone, the next claim begins a new life of the key with any input: this claim's fingerprint was
     * that of a record that is gone.
     */
    void releaseAsFound(LiveAttempt attempt, @Nullable Previous previous) {
        Failure before = previous == null ? null : previous.failure();
        if (previous != null && previous.effectUnknown()) {
            release(attempt, doubtOf(previous), effectOfUnstarted(previous));
        } else if (previous != null && previous.state() == RecordState.RETRYABLE && before != null) {
            release(attempt, before, RunEffect.NOT_STARTED);
        } else {
            release(
                    attempt,
                    Failure.of(
                            Failure.Kind.NOT_EXECUTED,
                            Failure.Codes.RETIRED,
                            "the record that was found is gone; the key is free"),
                    RunEffect.NOT_STARTED);
        }
    }

    private void release(LiveAttempt attempt, Failure failure, RunEffect effect) {
        attempt.markCompleting();
        boolean interrupted = Thread.interrupted();
        try {
            var unused = store.fail(attempt.lease(), failure, effect);
        } catch (RuntimeException e) {
            log.warn(
                    "{} did not start its action, and its claim could not be released yet; it is released as soon as"
                            + " the store answers",
                    attempt,
                    e);
            orphans.release(attempt.lease(), failure, effect);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The failure of an attempt of unknown effect: its own, or that its owner vanished. */
    static Failure doubtOf(Previous doubt) {
        Failure failure = doubt.failure();
        return failure != null
                ? failure
                : Failure.unknown(
                        Failure.Codes.OWNER_VANISHED, "attempt " + doubt.fence() + " ended its lease without a result");
    }

    /**
     * The claim found that the owner of {@code record} had vanished, and put the record in doubt. Told by that claim
     * only, however many find the doubt later.
     */
    void foundVanished(IdempotencyRecord record, Failure failure) {
        log.warn(
                "The owner of attempt {} of {}, {}, ended its lease without a result. Whether the attempt took effect"
                        + " is unknown; the record is in doubt now",
                record.fence(),
                record.id(),
                record.owner());
        counters.count(action.name(), Counter.DOUBTED);
        pendingEvents.add(() -> events.report(
                key.id(), record.fence(), record.version(), startedNanos, (l, e) -> l.inDoubt(e, failure)));
    }

    /** Reports the completion to the listener, which may be slow: called once every waiter has its event. */
    void report() {
        pendingEvents.forEach(Runnable::run);
        pendingEvents.clear();
    }

    private void reportLater(LiveAttempt attempt, long version, ListenerEvents.EventConsumer event) {
        pendingEvents.add(() -> events.report(key.id(), attempt.number(), version, startedNanos, event));
    }
}
