package io.toolgate.store.memory;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.Failure;
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
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A store in this process's memory: for tests, and for services that are one process and may forget everything when it
 * ends. It keeps every rule but survival: a restart is a new store, and then a paid action can run a second time.
 *
 * <p>Bounded: a store that is full of records it must not forget refuses new keys with {@link StoreException.Full}. To make
 * room it deletes ended records whose retention is over, and nothing else.
 *
 * <p>How it works: each record is an immutable value in a concurrent map. A transition reads it, lets {@link ClaimMachine}
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
            IdempotencyRecord current = records.get(request.id());
            Decision<ClaimOutcome> decision = ClaimMachine.claim(current, request, now);
            IdempotencyRecord next = decision.write();
            if (next == null || (current == null ? records.add(next, now) : records.replace(current, next))) {
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

    /** Applies a decision to the very record that it was made on. None of those that come here makes a record. */
    private <T> T decide(RecordId id, Function<@Nullable IdempotencyRecord, Decision<T>> decide) {
        while (true) {
            IdempotencyRecord current = records.get(id);
            Decision<T> decision = decide.apply(current);
            IdempotencyRecord next = decision.write();
            if (current == null || next == null || records.replace(current, next)) {
                return decision.outcome();
            }
        }
    }

    @Override
    public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
        throw new UnsupportedOperationException("to be built in the next commits");
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request) {
        throw new UnsupportedOperationException("to be built in the next commits");
    }

    @Override
    public KeyHistory history(RecordId id, int limit) {
        throw new UnsupportedOperationException("to be built in the next commits");
    }

    @Override
    public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
        throw new UnsupportedOperationException("to be built in the next commits");
    }

    @Override
    public Optional<IdempotencyRecord> peek(RecordId id) {
        Objects.requireNonNull(id, "id");
        ensureOpen();
        IdempotencyRecord record = records.get(id);
        return record == null ? Optional.empty() : Optional.of(record.asOf(clock.instant()));
    }

    @Override
    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        Objects.requireNonNull(ids, "ids");
        ensureOpen();
        Map<RecordId, IdempotencyRecord> found = new HashMap<>();
        Instant now = clock.instant();
        for (RecordId id : ids) {
            IdempotencyRecord record = records.get(id);
            if (record != null) {
                found.put(id, record.asOf(now));
            }
        }
        return found;
    }

    /** Hints come soon after each end, on a thread that the subscriptions of this store share. */
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
        Instant now = clock.instant();
        Instant latest = now.minus(olderThan);
        return records.all().stream()
                .filter(record -> ClaimMachine.isUnfinished(record, now)
                        && !unknownSince(record).isAfter(latest))
                .sorted(Comparator.comparing(MemoryIdempotencyStore::unknownSince))
                .limit(limit)
                .map(record -> record.asOf(now))
                .toList();
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
        return records.all().stream().map(record -> record.asOf(now)).toList();
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
