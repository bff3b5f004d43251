package io.toolgate.store.memory;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.Failure;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.StoreException;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.UnfinishedPage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store in this process's memory: for tests, and for services that are one process and may forget everything when it
 * ends. It keeps every rule but survival: a restart is a new store, and then a paid action can run a second time.
 *
 * <p>Bounded: a store that is full of records it must not forget refuses new keys with {@link StoreException.Full}. To make
 * room it deletes ended records whose retention is over, and nothing else. Checkpoints and decisions belong to their record,
 * count with it and are deleted with it; of a key's decisions the newest {@value Kept#MAX_ENTRIES} are kept.
 *
 * <p>How it works: each record, with what is remembered beside it, is an immutable value in a concurrent map. A transition reads it, lets {@link ClaimMachine}
 * decide, and puts the next value in place only if the map still holds the one that was decided on; otherwise it decides
 * again. What is not to be written takes no lock. Safe for use by many threads.
 */
public final class MemoryIdempotencyStore implements IdempotencyStore {
    /** How many records a store holds that was not told otherwise. */
    public static final int DEFAULT_MAX_RECORDS = 100_000;

    private final InstantSource clock;
    private final BoundedRecords records;
    private final Hints hints = new Hints();
    private volatile boolean closed;

    private MemoryIdempotencyStore(int maxRecords, InstantSource clock) {
        this.clock = clock;
        this.records = new BoundedRecords(maxRecords);
    }

    /** A store of at most {@value #DEFAULT_MAX_RECORDS} records, on a clock that never jumps. */
    public static MemoryIdempotencyStore create() {
        return builder().build();
    }

    /** Starts to build a store. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public ClaimOutcome claim(ClaimRequest request) {
        Objects.requireNonNull(request, "request");
        ensureOpen();
        while (true) {
            Instant now = clock.instant();
            Kept current = records.get(request.id());
            Decision<ClaimOutcome> decision = ClaimMachine.claim(recordOf(current), request, now);
            IdempotencyRecord next = decision.write();
            if (next == null
                    || (current == null ? records.add(next, now) : records.replace(current, current.moved(next)))) {
                return decision.outcome();
            }
        }
    }

    @Override
    public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
        Objects.requireNonNull(leases, "leases");
        Objects.requireNonNull(lease, "lease");
        leases.forEach(each -> Objects.requireNonNull(each, "a lease"));
        ensureOpen();
        Set<Lease> owned = new LinkedHashSet<>();
        for (Lease each : leases) {
            if (decide(each.id(), current -> ClaimMachine.heartbeat(current, each, lease, clock.instant()))) {
                owned.add(each);
            }
        }
        return owned;
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result) {
        Objects.requireNonNull(lease, "lease");
        Objects.requireNonNull(result, "result");
        ensureOpen();
        return end(lease, current -> ClaimMachine.complete(current, lease, result, clock.instant()));
    }

    @Override
    public TransitionOutcome fail(Lease lease, Failure failure) {
        Objects.requireNonNull(lease, "lease");
        Objects.requireNonNull(failure, "failure");
        ensureOpen();
        return end(lease, current -> ClaimMachine.fail(current, lease, failure, clock.instant()));
    }

    private TransitionOutcome end(
            Lease lease, Function<@Nullable IdempotencyRecord, Decision<TransitionOutcome>> decide) {
        TransitionOutcome outcome = decide(lease.id(), decide);
        if (outcome instanceof TransitionOutcome.Applied) {
            hints.give(lease.id());
        }
        return outcome;
    }

    private <T> T decide(RecordId id, Function<@Nullable IdempotencyRecord, Decision<T>> decide) {
        return decide(id, current -> decide.apply(recordOf(current)), (current, decision, next) -> current.moved(next));
    }

    /** What becomes of a key when a decision about it is written. */
    private interface Next<T> {
        Kept of(Kept current, Decision<T> decision, IdempotencyRecord record);
    }

    /** Applies a decision to the very state that it was made on. None of those that come here makes a record. */
    private <T> T decide(RecordId id, Function<@Nullable Kept, Decision<T>> decide, Next<T> becomes) {
        while (true) {
            Kept current = records.get(id);
            Decision<T> decision = decide.apply(current);
            IdempotencyRecord next = decision.write();
            if (current == null || next == null || records.replace(current, becomes.of(current, decision, next))) {
                return decision.outcome();
            }
        }
    }

    private static @Nullable IdempotencyRecord recordOf(@Nullable Kept kept) {
        return kept == null ? null : kept.record();
    }

    @Override
    public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
        Objects.requireNonNull(lease, "lease");
        Checkpoint.checkName(name);
        if (!value.isAvailable()) {
            throw new IllegalArgumentException("the value of checkpoint \"" + name + "\" is unavailable: "
                    + value.reason() + "; leave one that can be read back, be it null");
        }
        ensureOpen();
        TransitionOutcome outcome = decide(
                lease.id(),
                current -> ClaimMachine.checkpoint(
                        recordOf(current),
                        current == null ? null : current.checkpoint(name),
                        lease,
                        value,
                        clock.instant()),
                (current, decision, next) ->
                        current.marked(next, new Checkpoint(name, value, next.fence(), next.version(), next.readAt())));
        if (outcome instanceof TransitionOutcome.Applied) {
            hints.give(lease.id());
        }
        return outcome;
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request) {
        Objects.requireNonNull(request, "request");
        ensureOpen();
        ResolveOutcome outcome = decide(
                request.id(),
                current -> ClaimMachine.resolve(recordOf(current), request, clock.instant()),
                (current, decision, next) -> current.decided(
                        next,
                        new KeyHistory.Entry(
                                current.record().asOf(next.updatedAt()),
                                KeyHistory.Decision.of(request.verdict()),
                                request.operator(),
                                request.reason(),
                                next.updatedAt())));
        if (outcome instanceof ResolveOutcome.Resolved) {
            hints.give(request.id());
        }
        return outcome;
    }

    /** Of one key the newest {@value Kept#MAX_ENTRIES} decisions are kept, for as long as it has a record. */
    @Override
    public KeyHistory history(RecordId id, int limit) {
        Objects.requireNonNull(id, "id");
        ensureOpen();
        Kept kept = records.get(id);
        return kept == null ? KeyHistory.EMPTY : kept.history(limit);
    }

    /** A walk has one part, which is no larger than the store may be. */
    @Override
    public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
        Objects.requireNonNull(olderThan, "olderThan");
        if (from != UnfinishedPage.START) {
            throw new IllegalArgumentException("from is " + from + "; a walk over a memory store has one part, which"
                    + " begins at " + UnfinishedPage.START);
        }
        ensureOpen();
        return new UnfinishedPage(unfinished(olderThan).toList(), OptionalLong.empty());
    }

    @Override
    public Optional<IdempotencyRecord> peek(RecordId id) {
        Objects.requireNonNull(id, "id");
        ensureOpen();
        Kept kept = records.get(id);
        return kept == null ? Optional.empty() : Optional.of(kept.record().asOf(clock.instant()));
    }

    @Override
    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        Objects.requireNonNull(ids, "ids");
        ensureOpen();
        Map<RecordId, IdempotencyRecord> found = new HashMap<>();
        Instant now = clock.instant();
        for (RecordId id : ids) {
            Kept kept = records.get(id);
            if (kept != null) {
                found.put(id, kept.record().asOf(now));
            }
        }
        return found;
    }

    /** Hints come soon after each end, checkpoint and decision, on a thread that the subscriptions of this store share. */
    @Override
    public Subscription subscribe(Consumer<RecordId> ended) {
        Objects.requireNonNull(ended, "ended");
        ensureOpen();
        return hints.subscribe(ended);
    }

    @Override
    public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        Objects.requireNonNull(olderThan, "olderThan");
        ensureOpen();
        return unfinished(olderThan)
                .sorted(Comparator.comparing(MemoryIdempotencyStore::unknownSince))
                .limit(limit)
                .toList();
    }

    private Stream<IdempotencyRecord> unfinished(Duration olderThan) {
        Instant now = clock.instant();
        Instant latest = now.minus(olderThan);
        return records.all()
                .filter(record -> ClaimMachine.isUnfinished(record, now)
                        && !unknownSince(record).isAfter(latest))
                .map(record -> record.asOf(now));
    }

    private static Instant unknownSince(IdempotencyRecord record) {
        return record.state() == RecordState.IN_PROGRESS ? record.leaseUntil() : record.updatedAt();
    }

    @Override
    public int purge(int limit) {
        ensureOpen();
        return records.purge(clock.instant(), limit);
    }

    /** How many records there are. */
    public int size() {
        return records.size();
    }

    /** Every record, for tests that look past the interface. */
    List<IdempotencyRecord> dump() {
        Instant now = clock.instant();
        return records.all().map(record -> record.asOf(now)).toList();
    }

    @Override
    public void close() {
        closed = true;
        hints.close();
    }

    private void ensureOpen() {
        if (closed) {
            throw new StoreException.Closed("this memory store was closed, and what it held is gone; open another");
        }
    }

    /** Collects a store's settings. Not safe for use by many threads. */
    public static final class Builder {
        private int maxRecords = DEFAULT_MAX_RECORDS;
        private InstantSource clock = new SteadyClock();

        private Builder() {}

        /** How many records the store may hold; {@value #DEFAULT_MAX_RECORDS} without this. */
        @CanIgnoreReturnValue
        public Builder maxRecords(int maxRecords) {
            if (maxRecords < 1) {
                throw new IllegalArgumentException("maxRecords is " + maxRecords + "; it must be at least 1");
            }
            this.maxRecords = maxRecords;
            return this;
        }

        /**
         * What decides every lease and retention. Without this, the time of day when the store was made, counted on by
         * {@link System#nanoTime()}: setting the host's clock changes no lease.
         */
        @CanIgnoreReturnValue
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /** The store. */
        public MemoryIdempotencyStore build() {
            return new MemoryIdempotencyStore(maxRecords, clock);
        }
    }
}
