package io.toolgate.scenarios;

import io.toolgate.Failure;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A store whose heartbeats never arrive, as those of a frozen process do not. */
final class SilentStore implements IdempotencyStore {
    private final IdempotencyStore target;

    SilentStore(IdempotencyStore target) {
        this.target = target;
    }

    @Override
    public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
        return new HashSet<>(leases);
    }

    @Override
    public ClaimOutcome claim(ClaimRequest request) {
        return target.claim(request);
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result) {
        return target.complete(lease, result);
    }

    @Override
    public TransitionOutcome fail(Lease lease, Failure failure) {
        return target.fail(lease, failure);
    }

    @Override
    public Optional<IdempotencyRecord> peek(RecordId id) {
        return target.peek(id);
    }

    @Override
    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        return target.peekAll(ids);
    }

    @Override
    public Subscription subscribe(Consumer<RecordId> ended) {
        return target.subscribe(ended);
    }

    @Override
    public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        return target.findUnfinished(olderThan, limit);
    }

    @Override
    public int purge(int limit) {
        return target.purge(limit);
    }

    @Override
    public void close() {
        target.close();
    }
}
