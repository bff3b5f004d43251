package io.toolgate.internal.attempt;

import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.ResultContext;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.CallCounters;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.internal.replay.ReplayStore;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.Results;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How an attempt ends in the store, and what that means to its caller and to those who wait. The effect may have happened by
 * now: whatever fails here, the key is not left open, and no exception says that nothing was run. Used by one thread.
 */
public final class AttemptCompletion<R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(AttemptCompletion.class);

    private final IdempotencyStore store;
    private final ReplayStore replays;
    private final PaidAction<?, R> action;
    private final CallKey key;
    private final long startedNanos;
    private final ListenerEvents events;
    private final CallCounters meter;
    private final List<Runnable> endings = new ArrayList<>();

    AttemptCompletion(
            AttemptContext context, PaidAction<?, R> action, CallKey key, long startedNanos, ListenerEvents events) {
        this.store = context.store();
        this.replays = context.replays();
        this.action = action;
        this.key = key;
        this.startedNanos = startedNanos;
        this.events = events;
        this.meter = context.counters();
    }

    /** Stores the result of a run, or of a probe that found one, and says what that came to. */
    Led<R> completed(LiveAttempt attempt, R value, Origin origin, long runNanos) {
        // Before the end is marked: a codec that takes its time must not cost the lease.
        Payload encoded = encode(action, key.id(), value);
        attempt.markEnding();
        Payload[] stored = {encoded};
        ReplayStore.Mark mark = replays.mark(key.id());
        TransitionOutcome end = end(attempt, value, null, lease -> {
            try {
                return store.complete(lease, stored[0]);
            } catch (StoreException.Refused e) {
                stored[0] = Results.unavailable(Outcome.Unavailable.NOT_STORABLE, String.valueOf(e.getMessage()));
                log.warn("{} is done, but the store refused its result", attempt, e);
                return store.complete(lease, stored[0]);
            }
        });
        Payload payload = stored[0];
        if (end instanceof TransitionOutcome.LeaseLost lost) {
            IdempotencyRecord own = lost.current()
                    .filter(record -> isCompletionOf(attempt, record))
                    .orElse(null);
            if (own == null) {
                return stale(attempt, value, null, lost.current());
            }
            replays.keep(own, mark);
            return asStored(attempt, own, origin, runNanos);
        }
        if (payload.isAvailable()) {
            keep(attempt, RecordState.COMPLETED, end, payload, null, mark);
        }
        // Even if its result is unavailable: the effect is what is paid for.
        meter.count(
                action.name(), origin == Origin.RECOVERED ? CallCounters.What.RECOVERED : CallCounters.What.EXECUTED);
        tellAfterwards(attempt, end, (l, e) -> {
            if (!payload.isAvailable()) {
                l.resultUnavailable(e, payload.reason());
            } else if (origin == Origin.RECOVERED) {
                l.recovered(e);
            } else {
                l.executed(e, Duration.ofNanos(runNanos));
            }
        });
        return done(payload, value, origin);
    }

    /** What this attempt stored is kept at least for the retention that its claim asked for, counted from that claim. */
    private void keep(
            LiveAttempt attempt,
            RecordState state,
            TransitionOutcome end,
            @Nullable Payload payload,
            @Nullable Failure failure,
            ReplayStore.Mark mark) {
        ReplayStore.Finished finished = new ReplayStore.Finished(
                state, key.fingerprint(), attempt.number(), versionAfter(end), payload, failure);
        Duration sinceClaim = Duration.ofNanos(System.nanoTime() - attempt.startedNanos());
        replays.keep(key.id(), finished, action.retention().minus(sinceClaim), mark);
    }

    private static long versionAfter(TransitionOutcome end) {
        return end.fold(TransitionOutcome.Applied::version, TransitionOutcome.AlreadyApplied::version, lost -> 0L);
    }

    private static boolean isCompletionOf(LiveAttempt attempt, IdempotencyRecord record) {
        return record.state() == RecordState.COMPLETED
                && record.token().equals(attempt.lease().token());
    }

    /**
     * The run stored its result itself, in a transaction of its own, and not as these very bytes: a codec that encrypts never
     * writes the same ones twice. What is stored stands, for this caller like for every later one (rule 2).
     */
    private Led<R> asStored(LiveAttempt attempt, IdempotencyRecord record, Origin origin, long runNanos) {
        Outcome<R> stored = OutcomeMapper.of(action, record);
        meter.count(action.name(), CallCounters.What.EXECUTED);
        endings.add(() -> tell(attempt, record.version(), (l, e) -> l.executed(e, Duration.ofNanos(runNanos))));
        Outcome<R> own =
                stored instanceof Outcome.Completed<R> done ? new Outcome.Completed<>(done.value(), origin) : stored;
        return new Led<>(new KeyEvent.Done(Objects.requireNonNull(record.result())), own);
    }

    private Led<R> done(Payload payload, R value, Origin origin) {
        Outcome<R> own = payload.isAvailable()
                ? new Outcome.Completed<>(value, origin)
                : new Outcome.Unavailable<>(payload.reason(), value);
        return new Led<>(new KeyEvent.Done(payload), own);
    }

    /** Stores that a run has no result, and says what that came to. */
    Led<R> failed(LiveAttempt attempt, Failure failure) {
        attempt.markEnding();
        ReplayStore.Mark mark = replays.mark(key.id());
        TransitionOutcome end = end(attempt, null, failure, lease -> store.fail(lease, failure));
        if (end instanceof TransitionOutcome.LeaseLost lost) {
            return stale(attempt, null, failure, lost.current());
        }
        return switch (failure.kind()) {
            case REJECTED -> {
                keep(attempt, RecordState.REJECTED, end, null, failure, mark);
                meter.count(action.name(), CallCounters.What.REJECTED);
                tellAfterwards(attempt, end, (l, e) -> l.rejected(e, failure));
                yield new Led<>(new KeyEvent.Refused(failure), new Outcome.Rejected<>(failure, Origin.EXECUTED));
            }
            case NOT_EXECUTED -> {
                meter.count(action.name(), CallCounters.What.RELEASED);
                tellAfterwards(attempt, end, (l, e) -> l.released(e, failure));
                yield new Led<>(new KeyEvent.Released(failure, attempt.number()), new Outcome.Retryable<>(failure));
            }
            case UNKNOWN -> {
                meter.count(action.name(), CallCounters.What.DOUBTED);
                boolean quarantined = failure.code().equals(ClaimMachine.QUARANTINED);
                tellAfterwards(attempt, end, (l, e) -> {
                    if (quarantined) {
                        l.quarantined(e, failure);
                    } else {
                        l.inDoubt(e, failure);
                    }
                });
                Instant since = end.fold(
                        TransitionOutcome.Applied::at, TransitionOutcome.AlreadyApplied::at, lost -> Instant.EPOCH);
                yield new Led<>(new KeyEvent.Doubtful(failure, since, true), new Outcome.InDoubt<>(failure, since));
            }
        };
    }

    private Led<R> stale(
            LiveAttempt attempt, @Nullable R value, @Nullable Failure failure, Optional<IdempotencyRecord> current) {
        Throwable cause = failure == null ? null : failure.cause().orElse(null);
        log.warn(
                "{} ended after it had lost its lease; its end was refused and its effect may have happened",
                attempt,
                cause);
        endings.add(() -> tell(attempt, 0, (l, e) -> l.staleResult(e, value)));
        Outcome<R> now = current.map(record -> OutcomeMapper.of(action, record)).orElseGet(OutcomeMapper::gone);
        return new Led<>(new KeyEvent.Open(), new Outcome.LeaseLost<>(attempt.number(), now));
    }

    /** Stores an end with interrupts held back: they must not keep a result that is there from being stored. */
    private TransitionOutcome end(
            LiveAttempt attempt,
            @Nullable Object value,
            @Nullable Failure failure,
            Function<Lease, TransitionOutcome> transition) {
        boolean interrupted = Thread.interrupted();
        try {
            return transition.apply(attempt.lease());
        } catch (RuntimeException e) {
            if (failure != null && failure.kind() == Failure.Kind.NOT_EXECUTED) {
                throw ToolGateException.NotExecuted.withoutEffect(
                        attempt + " failed before its effect (" + failure.code() + "), and the store did not take that"
                                + " in; the record will be found in doubt",
                        e);
            }
            endings.add(() -> tell(attempt, 0, (l, event) -> l.resultNotStored(event, e)));
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

    /** The payload of a result of the record {@code id}; unavailable, with the reason, where the codec or the size fail. */
    public static <R extends @Nullable Object> Payload encode(PaidAction<?, R> action, RecordId id, R value) {
        return Results.encode(
                action.codec(), action.codecId(), value, ResultContext.ofResult(id), action.maxResultBytes());
    }

    /** Tells the listener what was stored. Called when everybody who waits has been told: a listener may be slow. */
    void tell() {
        endings.forEach(Runnable::run);
        endings.clear();
    }

    /** Keeps what is to be told of an end until everybody who waits for it knows: a listener may be slow. */
    private void tellAfterwards(LiveAttempt attempt, TransitionOutcome end, ListenerEvents.EventConsumer event) {
        long version = versionAfter(end);
        endings.add(() -> tell(attempt, version, event));
    }

    private void tell(LiveAttempt attempt, long version, ListenerEvents.EventConsumer event) {
        events.tell(key.id(), attempt.number(), version, startedNanos, event);
    }
}
