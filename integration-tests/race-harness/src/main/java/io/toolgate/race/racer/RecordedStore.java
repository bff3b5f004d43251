package io.toolgate.race.racer;

import io.toolgate.Failure;
import io.toolgate.race.Digests;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.Rows;
import io.toolgate.store.RunEffect;
import io.toolgate.store.TransitionOutcome;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Store decorator that records requests and answers in the history, and passes the failpoints around claims and
 * completions. It does not change them, and does not record those of other actions.
 */
final class RecordedStore extends ForwardingStore {
    private final String action;
    private final HistoryWriter history;
    private final DatabaseClock clock;
    private final Failpoints failpoints;

    RecordedStore(
            IdempotencyStore store, String action, HistoryWriter history, DatabaseClock clock, Failpoints failpoints) {
        super(store);
        this.action = action;
        this.history = history;
        this.clock = clock;
        this.failpoints = failpoints;
    }

    @Override
    public ClaimOutcome claim(ClaimRequest request) {
        if (!isRaced(request.id())) {
            return super.claim(request);
        }
        String key = request.id().key();
        String token = text(request.token());
        failpoints.pass(Failpoint.BEFORE_CLAIM, key);
        long sent = System.nanoTime();
        history.write(new Event.ClaimSent(sent, clock.at(sent), key, token));
        ClaimOutcome outcome;
        try {
            outcome = super.claim(request);
        } catch (RuntimeException e) {
            claimed(key, token, sent, ClaimResult.ERROR, null, e.toString());
            throw e;
        }
        Object unused = outcome.fold(
                acquired -> {
                    long now = System.nanoTime();
                    ClaimOutcome.Previous previous = acquired.previous();
                    history.write(new Event.Claimed(
                            now,
                            clock.at(now),
                            key,
                            token,
                            sent,
                            ClaimResult.ACQUIRED,
                            acquired.lease().fence(),
                            acquired.version(),
                            previous == null ? null : previous.state().name(),
                            previous == null ? 0 : previous.fence(),
                            null,
                            null));
                    failpoints.pass(Failpoint.AFTER_CLAIM, key);
                    return outcome;
                },
                busy -> claimed(key, token, sent, ClaimResult.BUSY, null, null),
                paused -> claimed(key, token, sent, ClaimResult.PAUSED, paused.record(), null),
                finished -> claimed(key, token, sent, ClaimResult.FINISHED, finished.record(), null),
                doubt -> claimed(key, token, sent, ClaimResult.IN_DOUBT, doubt.record(), null),
                mismatched -> claimed(key, token, sent, ClaimResult.MISMATCHED, mismatched.record(), null));
        return outcome;
    }

    private @Nullable Void claimed(
            String key,
            String token,
            long sent,
            ClaimResult result,
            @Nullable IdempotencyRecord found,
            @Nullable String detail) {
        long now = System.nanoTime();
        if (found != null) {
            clock.learn(found.readAt(), sent, now);
        }
        history.write(new Event.Claimed(
                now,
                clock.at(now),
                key,
                token,
                sent,
                result,
                found == null ? 0 : found.fence(),
                found == null ? 0 : found.version(),
                null,
                0,
                found == null ? null : digest(found.result()),
                detail));
        return null;
    }

    @Override
    public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
        long sent = System.nanoTime();
        Set<Lease> owned = super.heartbeat(leases, lease);
        long now = System.nanoTime();
        for (Lease one : leases) {
            if (isRaced(one.id())) {
                history.write(new Event.Renewed(
                        now, clock.at(now), one.id().key(), text(one.token()), one.fence(), sent, owned.contains(one)));
            }
        }
        return owned;
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result) {
        return finish(lease, CompletionKind.COMPLETE, digest(result), () -> super.complete(lease, result));
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
        return finish(lease, CompletionKind.COMPLETE, digest(result), () -> super.complete(lease, result, rows));
    }

    @Override
    public TransitionOutcome fail(Lease lease, Failure failure, RunEffect effect) {
        CompletionKind ending = switch (failure.kind()) {
            case REJECTED -> CompletionKind.REJECT;
            case NOT_EXECUTED -> CompletionKind.RELEASE;
            case UNKNOWN -> CompletionKind.DOUBT;
        };
        return finish(lease, ending, null, () -> super.fail(lease, failure, effect));
    }

    private TransitionOutcome finish(
            Lease lease, CompletionKind ending, @Nullable String sha256, Supplier<TransitionOutcome> transition) {
        if (!isRaced(lease.id())) {
            return transition.get();
        }
        String key = lease.id().key();
        failpoints.pass(Failpoint.BEFORE_COMMIT, key);
        long sent = System.nanoTime();
        history.write(new Event.CompletionSent(
                sent, clock.at(sent), key, text(lease.token()), lease.fence(), ending, sha256));
        TransitionOutcome outcome;
        try {
            outcome = transition.get();
        } catch (RuntimeException e) {
            ended(lease, ending, sha256, sent, new CompletionAnswer(CompletionResult.ERROR, null, 0, 0, e.toString()));
            throw e;
        }
        ended(lease, ending, sha256, sent, endAnswer(outcome, sent));
        failpoints.pass(Failpoint.AFTER_COMMIT, key);
        return outcome;
    }

    /** The store's answer to a completion; {@code db} is 0 if the answer has no time. */
    private record CompletionAnswer(
            CompletionResult result,
            @Nullable String previousState,
            long version,
            long db,
            @Nullable String detail) {}

    private CompletionAnswer endAnswer(TransitionOutcome outcome, long sent) {
        return outcome.fold(
                applied -> {
                    clock.learn(applied.at(), sent, System.nanoTime());
                    return new CompletionAnswer(
                            CompletionResult.APPLIED,
                            applied.previous().name(),
                            applied.version(),
                            DatabaseClock.micros(applied.at()),
                            null);
                },
                already -> new CompletionAnswer(CompletionResult.ALREADY_APPLIED, null, already.version(), 0, null),
                lost -> new CompletionAnswer(CompletionResult.LEASE_LOST, null, 0, 0, null));
    }

    private void ended(
            Lease lease, CompletionKind ending, @Nullable String sha256, long sent, CompletionAnswer answer) {
        long now = System.nanoTime();
        history.write(new Event.CompletionAnswered(
                now,
                answer.db() == 0 ? clock.at(now) : answer.db(),
                lease.id().key(),
                text(lease.token()),
                lease.fence(),
                ending,
                sha256,
                sent,
                answer.result(),
                answer.previousState(),
                answer.version(),
                answer.detail()));
    }

    @Override
    public Optional<IdempotencyRecord> peek(RecordId id) {
        long sent = System.nanoTime();
        Optional<IdempotencyRecord> found = super.peek(id);
        found.ifPresent(record -> clock.learn(record.readAt(), sent, System.nanoTime()));
        return found;
    }

    private boolean isRaced(RecordId id) {
        return id.action().equals(action);
    }

    private static String text(ClaimToken token) {
        return token.toUuid().toString();
    }

    private static @Nullable String digest(@Nullable Payload payload) {
        return payload != null && payload.isAvailable() && !payload.isNull() ? Digests.sha256(payload.bytes()) : null;
    }
}
