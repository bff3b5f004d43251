package io.toolgate.internal;

import io.toolgate.Attempt;
import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.ProbeResult;
import io.toolgate.Recovery;
import io.toolgate.ToolGateException;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call's way through the store when it leads: claim, recover, run, end. Blocks its thread; used by one thread.
 *
 * <p>What is certain at each line decides what an exception may say. Before the run, a failure means that this call did not
 * run the action; after it, that the effect may have happened, and from then on nothing here runs it again unless the
 * action's recovery says so.
 */
final class Runner<R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(Runner.class);

    /** The code of the final failure of a key whose attempts all failed before the effect. */
    static final String ATTEMPTS_EXHAUSTED = "attempts-exhausted";

    /** The code of the failure of a key whose probe does not know. */
    static final String PROBE_UNKNOWN = "probe-unknown";

    /** The code of the failure of a key that was released because its probe found no effect. */
    static final String NOT_HAPPENED = "not-happened";

    private final GateEngine engine;
    private final PaidAction<?, R> action;
    private final CallKey key;
    private final long startedNanos;
    private final @Nullable Body<R> body;

    /** The action, applied to its input. */
    @FunctionalInterface
    interface Body<R extends @Nullable Object> {
        R run(Attempt attempt) throws Exception;
    }

    /** A runner of {@code body}; without one, where the input is not known, what would be run is released instead. */
    Runner(GateEngine engine, PaidAction<?, R> action, CallKey key, long startedNanos, @Nullable Body<R> body) {
        this.engine = engine;
        this.action = action;
        this.key = key;
        this.startedNanos = startedNanos;
        this.body = body;
    }

    /**
     * What leading came to.
     *
     * @param news for those who joined, and for the leader itself where it has no answer of its own
     * @param own the leader's answer, or null if it is to take the news like everybody else
     * @param recoverable whether this call's own run left its effect unknown, and the action says what to do about it
     */
    record Led<R extends @Nullable Object>(
            Settlement news, @Nullable Outcome<R> own, boolean recoverable) {
        Led(Settlement news, @Nullable Outcome<R> own) {
            this(news, own, false);
        }

        static <R extends @Nullable Object> Led<R> news(Settlement news) {
            return new Led<>(news, null);
        }
    }

    Led<R> lead() {
        engine.ensureOpen();
        Led<R> first = claimAndRun();
        if (!first.recoverable() || !engine.isOpen()) {
            return first;
        }
        // The run's doubt is in the store by now. The declared recovery is tried at once, and once: a caller waits for
        // an
        // answer, not for a loop.
        try {
            return claimAndRun();
        } catch (ToolGateException.NotExecuted e) {
            log.warn("The recovery of {} could not start; its record stays in doubt", key.id(), e);
            return first;
        }
    }

    private Led<R> claimAndRun() {
        long sentNanos = System.nanoTime();
        ClaimOutcome claimed;
        try {
            claimed = engine.store().claim(request());
        } catch (RuntimeException e) {
            throw new ToolGateException.NotExecuted("The claim of " + key.id() + " failed: " + e.getMessage(), e);
        }
        return claimed.fold(
                acquired -> own(acquired, sentNanos),
                busy -> Led.news(new Settlement.Busy(busy.remaining())),
                finished -> Led.news(settled(finished.record())),
                inDoubt -> Led.news(settled(inDoubt.record())),
                mismatched -> Led.news(new Settlement.Conflict(mismatched.record())));
    }

    private Settlement settled(IdempotencyRecord record) {
        Settlement news = Settlement.of(record, key.fingerprint()).orElseGet(Settlement.Open::new);
        // The claim carried the action's recovery, so a doubt that it answers is the last word for now.
        return news instanceof Settlement.Doubtful doubt
                ? new Settlement.Doubtful(doubt.failure(), doubt.since(), true)
                : news;
    }

    private ClaimRequest request() {
        return new ClaimRequest(
                key.id(),
                ClaimToken.random(engine.random()),
                engine.owner(),
                key.fingerprint(),
                action.lease(),
                action.retention(),
                body == null && !asks() ? OnUnknown.HOLD : onUnknown(action),
                action.maxAttempts());
    }

    // Without an input nothing can be rerun, so that only a probe is a reason to take a record over.
    private boolean asks() {
        return action.recovery() instanceof Recovery.Ask<R>;
    }

    private static OnUnknown onUnknown(PaidAction<?, ?> action) {
        return action.recovery().fold(() -> OnUnknown.HOLD, () -> OnUnknown.TAKE, probe -> OnUnknown.TAKE);
    }

    private Led<R> own(Acquired acquired, long sentNanos) {
        LiveAttempt attempt = new LiveAttempt(engine.store(), acquired.lease(), action, sentNanos);
        Previous previous = acquired.previous();
        engine.begin(attempt);
        try {
            if (!hasTime(attempt)) {
                return Led.news(new Settlement.Open());
            }
            if (previous != null && previous.effectUnknown()) {
                tell(attempt, acquired.version(), (l, e) -> l.takenOver(e));
                return recover(attempt, previous);
            }
            tell(attempt, acquired.version(), (l, e) -> l.claimed(e));
            if (previous != null
                    && previous.state() == RecordState.RETRYABLE
                    && attempt.number() > action.maxAttempts()) {
                return failed(attempt, exhausted(attempt, previous.failure()));
            }
            return run(attempt);
        } finally {
            engine.end(attempt);
        }
    }

    /**
     * Race: the claim waited behind a row lock, or a slow network, so long that its lease is short or over. It is renewed
     * before the action may start; if somebody else took the key meanwhile, nothing has run.
     */
    private boolean hasTime(LiveAttempt attempt) {
        if (attempt.remaining().compareTo(action.lease().dividedBy(2)) >= 0) {
            return true;
        }
        try {
            return attempt.renew();
        } catch (RuntimeException e) {
            release(attempt);
            throw new ToolGateException.NotExecuted(
                    "The claim of " + key.id() + " was answered so late that its lease had to be renewed, and the store"
                            + " did not answer that",
                    e);
        }
    }

    /** Gives a claim back whose action never started, as well as can be; if that fails, the record falls into doubt. */
    private void release(LiveAttempt attempt) {
        attempt.markEnding();
        try {
            var unused = engine.store()
                    .fail(attempt.lease(), Failure.notExecuted("lease-too-short", "the action was not started"));
        } catch (RuntimeException e) {
            log.warn("{} never started its action, and its claim could not be given back", attempt, e);
        }
    }

    private Led<R> recover(LiveAttempt attempt, Previous previous) {
        Recovery<R> recovery = action.recovery();
        if (!(recovery instanceof Recovery.Ask<R> ask)) {
            // Rerun: declared safe. Hold never gets here, since its claims take nothing of unknown effect.
            return run(attempt);
        }
        ProbeResult<R> answer;
        try {
            answer = ask.probe().probe(attempt);
        } catch (Throwable e) {
            return probeUnknown(attempt, previous, e);
        }
        if (answer == null) {
            return probeUnknown(attempt, previous, new NullPointerException("the probe returned null"));
        }
        Function<R, Led<R>> happened = result -> completed(attempt, result, Origin.RECOVERED, 0);
        return answer.fold(happened, () -> run(attempt), () -> probeUnknown(attempt, previous, null));
    }

    private Led<R> probeUnknown(LiveAttempt attempt, Previous previous, @Nullable Throwable thrown) {
        noteInterrupt(thrown);
        Failure before = previous.failure();
        String why = (thrown == null ? "the provider does not know" : "the probe threw " + thrown) + "; attempt "
                + previous.fence() + " before it "
                + (before == null ? "vanished" : "ended with " + before.code() + ": " + before.message());
        Led<R> led = failed(attempt, Failure.unknown(PROBE_UNKNOWN, why));
        rethrowIfError(thrown);
        return led;
    }

    private Led<R> run(LiveAttempt attempt) {
        if (body == null) {
            return failed(attempt, Failure.notExecuted(NOT_HAPPENED, "the probe says so; the key is free"));
        }
        long startNanos = System.nanoTime();
        R value;
        try {
            value = body.run(attempt);
        } catch (Throwable e) {
            noteInterrupt(e);
            Led<R> led = failed(attempt, limited(attempt, classify(e)));
            rethrowIfError(e);
            return led.own() instanceof Outcome.InDoubt<R> && onUnknown(action) == OnUnknown.TAKE
                    ? new Led<>(led.news(), led.own(), true)
                    : led;
        }
        return completed(attempt, value, Origin.EXECUTED, System.nanoTime() - startNanos);
    }

    private Failure classify(Throwable thrown) {
        if (thrown instanceof Error) {
            return Failure.unknown(thrown);
        }
        try {
            Failure failure = action.classifier().classify(thrown);
            if (failure != null) {
                return failure;
            }
            log.warn("The classifier of {} returned null; the failure is taken as unknown", action);
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            log.warn("The classifier of {} threw; the failure is taken as unknown", action, e);
        }
        return Failure.unknown(thrown);
    }

    /** The last attempt's failure before the effect is final: there is no attempt left to release the key for. */
    private Failure limited(LiveAttempt attempt, Failure failure) {
        boolean last = attempt.number() >= action.maxAttempts();
        return last && failure.kind() == Failure.Kind.NOT_EXECUTED ? exhausted(attempt, failure) : failure;
    }

    private Failure exhausted(LiveAttempt attempt, @Nullable Failure lastFailure) {
        return Failure.rejected(
                ATTEMPTS_EXHAUSTED,
                "none of " + Math.min(attempt.number(), action.maxAttempts()) + " attempts had the effect; the last: "
                        + (lastFailure == null ? "unknown" : lastFailure.code() + ": " + lastFailure.message()));
    }

    // Ends.

    private Led<R> completed(LiveAttempt attempt, R value, Origin origin, long runNanos) {
        Payload encoded = encode(value);
        attempt.markEnding();
        Payload[] stored = {encoded};
        TransitionOutcome end = store(attempt, value, lease -> {
            try {
                return engine.store().complete(lease, stored[0]);
            } catch (StoreException.Refused e) {
                stored[0] = Payload.unavailable(Failure.rejected(Outcome.Unavailable.NOT_STORABLE, e.getMessage()));
                log.warn("{} is done, but the store refused its result", attempt, e);
                return engine.store().complete(lease, stored[0]);
            }
        });
        Payload payload = stored[0];
        return end.fold(
                applied -> {
                    tell(attempt, applied.version(), (l, e) -> {
                        if (!payload.isAvailable()) {
                            l.resultUnavailable(e, payload.reason());
                        } else if (origin == Origin.RECOVERED) {
                            l.recovered(e);
                        } else {
                            l.executed(e, Duration.ofNanos(runNanos));
                        }
                    });
                    return done(payload, value, origin);
                },
                already -> done(payload, value, origin),
                lost -> stale(attempt, value, lost.current()));
    }

    private Led<R> done(Payload payload, R value, Origin origin) {
        Outcome<R> own = payload.isAvailable()
                ? new Outcome.Completed<>(value, origin)
                : new Outcome.Unavailable<>(payload.reason(), value);
        return new Led<>(new Settlement.Done(payload), own);
    }

    private Led<R> failed(LiveAttempt attempt, Failure failure) {
        attempt.markEnding();
        TransitionOutcome end = store(attempt, failure, lease -> engine.store().fail(lease, failure));
        if (end instanceof TransitionOutcome.LeaseLost lost) {
            return stale(attempt, null, lost.current());
        }
        long version =
                end.fold(TransitionOutcome.Applied::version, TransitionOutcome.AlreadyApplied::version, lost -> 0L);
        return switch (failure.kind()) {
            case REJECTED -> {
                tell(attempt, version, (l, e) -> l.rejected(e, failure));
                yield new Led<>(new Settlement.Refused(failure), new Outcome.Rejected<>(failure, Origin.EXECUTED));
            }
            case NOT_EXECUTED -> {
                tell(attempt, version, (l, e) -> l.released(e, failure));
                yield new Led<>(new Settlement.Released(failure), new Outcome.Retryable<>(failure));
            }
            case UNKNOWN -> {
                tell(attempt, version, (l, e) -> l.inDoubt(e, failure));
                Instant since = end.fold(
                        TransitionOutcome.Applied::at, TransitionOutcome.AlreadyApplied::at, lost -> Instant.EPOCH);
                yield new Led<>(new Settlement.Doubtful(failure, since, true), new Outcome.InDoubt<>(failure, since));
            }
        };
    }

    private Led<R> stale(LiveAttempt attempt, @Nullable R value, Optional<IdempotencyRecord> current) {
        log.warn("{} ended after it had lost its lease; its end was refused and its effect may have happened", attempt);
        tell(attempt, 0, (l, e) -> l.staleResult(e, value));
        Outcome<R> now = current.map(record -> Outcomes.of(action, record)).orElseGet(() -> Outcomes.gone());
        return new Led<>(new Settlement.Open(), new Outcome.LeaseLost<>(attempt.number(), now));
    }

    /** Stores an end with interrupts held back: they must not keep a result that is there from being stored. */
    private TransitionOutcome store(
            LiveAttempt attempt, @Nullable Object result, Function<Lease, TransitionOutcome> transition) {
        boolean interrupted = Thread.interrupted();
        try {
            return transition.apply(attempt.lease());
        } catch (RuntimeException e) {
            if (result instanceof Failure failure && failure.kind() == Failure.Kind.NOT_EXECUTED) {
                throw new ToolGateException.NotExecuted(
                        attempt + " failed before its effect (" + failure.code() + "), and the store did not take that"
                                + " in; the record will be found in doubt",
                        e);
            }
            tell(attempt, 0, (l, event) -> l.resultNotStored(event, e));
            Object value = result instanceof Failure ? null : result;
            ToolGateException notStored = new ToolGateException.ResultNotStored(key.id(), attempt.number(), value, e);
            if (result instanceof Failure failure) {
                failure.cause().ifPresent(notStored::addSuppressed);
            }
            throw notStored;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Payload encode(R value) {
        String codec = action.codec().id();
        if (value == null) {
            return Payload.ofNull(codec);
        }
        byte[] bytes;
        try {
            bytes = action.codec().encode(value);
        } catch (Throwable e) {
            // Whatever it is, the effect has happened: not even an Error may leave the key open.
            log.warn("The codec {} of {} did not encode a result; it is stored as unavailable", codec, action, e);
            return Payload.unavailable(
                    Failure.rejected(Outcome.Unavailable.NOT_ENCODABLE, "codec " + codec + " threw " + e));
        }
        if (bytes == null) {
            return Payload.unavailable(
                    Failure.rejected(Outcome.Unavailable.NOT_ENCODABLE, "codec " + codec + " returned null"));
        }
        if (bytes.length > action.maxResultBytes()) {
            return Payload.unavailable(Failure.rejected(
                    Outcome.Unavailable.TOO_LARGE,
                    "the result has " + bytes.length + " bytes, the action allows " + action.maxResultBytes()));
        }
        return Payload.of(codec, bytes);
    }

    private static void noteInterrupt(@Nullable Throwable thrown) {
        if (thrown instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
    }

    private static void rethrowIfError(@Nullable Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
    }

    private void tell(LiveAttempt attempt, long version, Events.EventConsumer event) {
        engine.events().tell(key.id(), attempt.number(), version, startedNanos, event);
    }
}
