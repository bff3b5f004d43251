package io.toolgate.store.memory;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One of several handles to a memory store, which the contract takes for several processes on one database. Closed, it
 * passes everything on to a store that is really closed.
 */
final class SharedStore implements IdempotencyStore {
    private volatile IdempotencyStore store;

    SharedStore(MemoryIdempotencyStore store) {
        this.store = store;
    }

    @Override
    public ClaimOutcome claim(ClaimRequest request) {
        return store.claim(request);
    }

    @Override
    public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
        return store.heartbeat(leases, lease);
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result) {
        return store.complete(lease, result);
    }

    @Override
    public TransitionOutcome fail(Lease lease, Failure failure) {
        return store.fail(lease, failure);
    }

    @Override
    public Optional<IdempotencyRecord> peek(RecordId id) {
        return store.peek(id);
    }

    @Override
    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        return store.peekAll(ids);
    }

    @Override
    public Subscription subscribe(Consumer<RecordId> ended) {
        return store.subscribe(ended);
    }

    @Override
    public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        return store.findUnfinished(olderThan, limit);
    }

    @Override
    public int purge(int limit) {
        return store.purge(limit);
    }

    @Override
    public void close() {
        MemoryIdempotencyStore closed = MemoryIdempotencyStore.create();
        closed.close();
        store = closed;
    }
}
