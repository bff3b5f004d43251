package io.toolgate.store;

import io.toolgate.Failure;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Store that passes every call on to another one: what a subclass does not override is the other store's. Base class of
 * decorators, which log, count or route, and of stores that tests break. It is as thread-safe as the other store.
 */
public abstract class ForwardingStore implements IdempotencyStore {
    private final @Nullable IdempotencyStore target;

    /** Passes every call on to {@code target}, {@link #close()} too. */
    protected ForwardingStore(IdempotencyStore target) {
        this.target = Objects.requireNonNull(target, "target");
    }

    /** For a subclass that overrides {@link #target()}. */
    protected ForwardingStore() {
        this.target = null;
    }

    /** The store that gets the calls; asked for each of them. */
    protected IdempotencyStore target() {
        return Objects.requireNonNull(target, "target() is not overridden");
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
    public boolean offers(Class<?> connection) {
        return target().offers(connection);
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
        return target().complete(lease, result, rows);
    }

    @Override
    public TransitionOutcome completeIn(Object connection, Lease lease, Payload result, @Nullable Rows<?> rows) {
        return target().completeIn(connection, lease, result, rows);
    }

    @Override
    public TransitionOutcome fail(Lease lease, Failure failure, RunEffect effect) {
        return target().fail(lease, failure, effect);
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
    public ResolveOutcome resolve(ResolveRequest request, Rows<?> rows) {
        return target().resolve(request, rows);
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
