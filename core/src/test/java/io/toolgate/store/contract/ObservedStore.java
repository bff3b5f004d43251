package io.toolgate.store.contract;

import io.toolgate.Failure;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.Rows;
import io.toolgate.store.RunEffect;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.UnfinishedPage;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Store that delegates every call, and reports the answers to {@link Observations}. */
final class ObservedStore extends ForwardingStore {
    private final Observations observations;

    ObservedStore(IdempotencyStore store, Observations observations) {
        super(store);
        this.observations = observations;
    }

    @Override
    public ClaimOutcome claim(ClaimRequest request) {
        ClaimOutcome outcome = super.claim(request);
        if (outcome instanceof ClaimOutcome.Acquired acquired) {
            observations.acquired(acquired.lease(), acquired.version());
        } else if (outcome instanceof ClaimOutcome.Finished finished) {
            observations.saw(finished.record());
        } else if (outcome instanceof ClaimOutcome.Paused paused) {
            observations.saw(paused.record());
        } else if (outcome instanceof ClaimOutcome.InDoubt inDoubt) {
            observations.saw(inDoubt.record());
        } else if (outcome instanceof ClaimOutcome.Mismatched mismatched) {
            observations.saw(mismatched.record());
        }
        return outcome;
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result) {
        return observed(lease, super.complete(lease, result));
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
        return observed(lease, super.complete(lease, result, rows));
    }

    @Override
    public TransitionOutcome fail(Lease lease, Failure failure, RunEffect effect) {
        return observed(lease, super.fail(lease, failure, effect));
    }

    private TransitionOutcome observed(Lease lease, TransitionOutcome outcome) {
        if (outcome instanceof Applied applied) {
            observations.applied(lease, applied.current(), applied.version());
        } else if (outcome instanceof AlreadyApplied already) {
            observations.applied(lease, already.current(), already.version());
        } else if (outcome instanceof LeaseLost lost) {
            lost.current().ifPresent(observations::saw);
        }
        return outcome;
    }

    @Override
    public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
        return observed(lease, super.checkpoint(lease, name, value));
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request) {
        return observed(request, super.resolve(request));
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request, Rows<?> rows) {
        return observed(request, super.resolve(request, rows));
    }

    private ResolveOutcome observed(ResolveRequest request, ResolveOutcome outcome) {
        Lease given = new Lease(request.id(), request.token(), request.fence());
        if (outcome instanceof ResolveOutcome.Resolved resolved) {
            observations.resolved(given, resolved.previous(), resolved.current(), resolved.version());
        } else if (outcome instanceof ResolveOutcome.AlreadyResolved already) {
            observations.resolved(given, null, already.current(), already.version());
        } else if (outcome instanceof ResolveOutcome.Refused refused) {
            refused.current().ifPresent(observations::saw);
        }
        return outcome;
    }

    @Override
    public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
        UnfinishedPage page = super.scanUnfinished(olderThan, from);
        page.records().forEach(observations::saw);
        return page;
    }

    @Override
    public Optional<IdempotencyRecord> peek(RecordId id) {
        Optional<IdempotencyRecord> record = super.peek(id);
        record.ifPresent(observations::saw);
        return record;
    }

    @Override
    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        Map<RecordId, IdempotencyRecord> records = super.peekAll(ids);
        records.values().forEach(observations::saw);
        return records;
    }

    @Override
    public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        List<IdempotencyRecord> records = super.findUnfinished(olderThan, limit);
        records.forEach(observations::saw);
        return records;
    }

    @Override
    public int purge(int limit) {
        observations.purging();
        return super.purge(limit);
    }
}
