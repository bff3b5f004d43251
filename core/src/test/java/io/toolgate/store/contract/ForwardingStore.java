package io.toolgate.store.contract;

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

/** Store that delegates every call to another one, for tests that override single methods. */
public class ForwardingStore implements IdempotencyStore {
    private final IdempotencyStore target;

    /** Delegates to {@code target}. */
    public ForwardingStore(IdempotencyStore target) {
        this.target = target;
    }

    /** The store that is called. */
    protected IdempotencyStore target() {
        return target;
    }

    @Override
    public ClaimOutcome claim(ClaimRequest request) {
        return target().claim(request);
    }

    @Override
    public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
        return target().heartbeat(leases, lease);
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result) {
        return target().complete(lease, result);
    }

    @Override
    public TransitionOutcome fail(Lease lease, Failure failure) {
        return target().fail(lease, failure);
    }

    @Override
    public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
        return target().checkpoint(lease, name, value);
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request) {
        return target().resolve(request);
    }

    @Override
    public KeyHistory history(RecordId id, int limit) {
        return target().history(id, limit);
    }

    @Override
    public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
        return target().scanUnfinished(olderThan, from);
    }

    @Override
    public void count(Collection<ActionCounts> counts) {
        target().count(counts);
    }

    @Override
    public Optional<IdempotencyRecord> peek(RecordId id) {
        return target().peek(id);
    }

    @Override
    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        return target().peekAll(ids);
    }

    @Override
    public Subscription subscribe(Consumer<RecordId> ended) {
        return target().subscribe(ended);
    }

    @Override
    public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        return target().findUnfinished(olderThan, limit);
    }

    @Override
    public int purge(int limit) {
        return target().purge(limit);
    }

    @Override
    public void close() {
        target().close();
    }
}
