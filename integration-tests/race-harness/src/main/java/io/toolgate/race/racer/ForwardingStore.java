package io.toolgate.race.racer;

import io.toolgate.Failure;
import io.toolgate.store.ActionCounts;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.UnfinishedPage;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A store that passes everything on to another; what a subclass overrides is different. */
public class ForwardingStore implements IdempotencyStore {
    private final IdempotencyStore store;

    /** One that passes everything on to {@code store}. */
    public ForwardingStore(IdempotencyStore store) {
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
    public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
        return store.checkpoint(lease, name, value);
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request) {
        return store.resolve(request);
    }

    @Override
    public KeyHistory history(RecordId id, int limit) {
        return store.history(id, limit);
    }

    @Override
    public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
        return store.scanUnfinished(olderThan, from);
    }

    @Override
    public void count(Collection<ActionCounts> counts) {
        store.count(counts);
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
        store.close();
    }
}
