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
import io.toolgate.store.Rows;
import io.toolgate.store.RunEffect;
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
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Store in this process's memory, for tests, and for services of a single process that may lose all records when it
 * ends. It keeps every rule except durability: after a restart the store is empty, and a paid action can run a second
 * time.
 *
 * <p>Bounded: when it is full it deletes records whose retention has ended, never one that is live, in doubt or still
 * to be replayed, and if there is none it refuses new keys with {@link StoreException.Full}. Checkpoints and decisions
 * count with their record and are deleted with it; the newest {@value StoredKey#MAX_ENTRIES} decisions of a key are
 * kept.
 *
 * <p>Each key is an immutable value in a concurrent map. A transition reads it, lets {@link ClaimMachine} decide, and
 * replaces the value if the map still holds the one that was decided on; otherwise it decides again. A decision that
 * writes nothing takes no lock. Thread-safe.
 */
public final class MemoryIdempotencyStore implements IdempotencyStore {
    /** The maximum number of records unless {@link Builder#maxRecords} sets another. */
    public static final int DEFAULT_MAX_RECORDS = 100_000;

    private final InstantSource clock;
    private final BoundedRecords records;
    private final @Nullable RowTransactions<?> transactions;
    private final Hints hints = new Hints();
    private volatile boolean closed;

    private MemoryIdempotencyStore(Builder builder) {
        this.clock = builder.clock;
        this.records = new BoundedRecords(builder.maxRecords);
        this.transactions = builder.transactions;
    }

    /** Returns a store of at most {@value #DEFAULT_MAX_RECORDS} records, on a monotonic clock. */
    public static MemoryIdempotencyStore create() {
        return builder().build();
    }

    /** Returns a builder of a store. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public ClaimOutcome claim(ClaimRequest request) {
        Objects.requireNonNull(request, "request");
        ensureOpen();
        while (true) {
            Instant now = clock.instant();
            StoredKey current = records.get(request.id());
            Decision<ClaimOutcome> decision = ClaimMachine.claim(recordOf(current), request, now);
            IdempotencyRecord next = decision.write();
            if (next == null) {
                return decision.outcome();
            }
            StoredKey claimed = current == null ? StoredKey.of(next) : current.withRecord(next);
            if (decision.outcome() instanceof ClaimOutcome.Acquired && request.input() != null) {
                claimed = claimed.withInput(request.input());
            }
            if (current == null ? records.add(claimed, now) : records.replace(current, claimed)) {
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
            if (decide(
                    each.id(),
                    current -> ClaimMachine.heartbeat(recordOf(current), each, lease, clock.instant()),
                    StoredKey::withRecord,
                    records::replace)) {
                owned.add(each);
            }
        }
        return owned;
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result) {
        return complete(lease, result, records::replace);
    }

    @Override
    public boolean offers(Class<?> connection) {
        return transactions != null && transactions.type() == connection;
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
        return complete(lease, result, rows, offered(rows));
    }

    /**
     * {@inheritDoc} Here the result is stored at once: this store has no transaction that it could join, and does not
     * learn of a rollback.
     */
    @Override
    public TransitionOutcome completeIn(Object connection, Lease lease, Payload result, @Nullable Rows<?> rows) {
        if (transactions == null || !transactions.type().isInstance(connection)) {
            throw notOffered(connection.getClass());
        }
        return rows == null
                ? complete(lease, result)
                : complete(lease, result, rows, offered(rows).within(connection));
    }

    private TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows, RowTransactions<?> through) {
        Objects.requireNonNull(rows, "rows");
        return complete(lease, result, (current, next) -> replace(current, next, rows, through));
    }

    private TransitionOutcome complete(Lease lease, Payload result, BiPredicate<StoredKey, StoredKey> replace) {
        Objects.requireNonNull(lease, "lease");
        Objects.requireNonNull(result, "result");
        ensureOpen();
        return finish(lease, current -> ClaimMachine.complete(current, lease, result, clock.instant()), replace);
    }

    private RowTransactions<?> offered(Rows<?> rows) {
        if (transactions == null || !transactions.fit(rows)) {
            throw notOffered(rows.connection());
        }
        return transactions;
    }

    private StoreException.Misconfigured notOffered(Class<?> connection) {
        return new StoreException.Misconfigured("This memory store was asked for a transaction on a "
                + connection.getName() + " and "
                + (transactions == null
                        ? "has none"
                        : "has those on " + transactions.type().getName())
                + "; nothing was written. Give it some with builder().transactions(type, …)");
    }

    /**
     * Replaces {@code current} together with the rows that belong to {@code next}. Race: another transition of the key
     * comes first; the rows are then rolled back, and written again with the next decision.
     */
    private boolean replace(StoredKey current, StoredKey next, Rows<?> rows, RowTransactions<?> through) {
        RowTransactions<?>.Open open = through.write(rows);
        boolean replaced = records.replaceAndCommit(current, next, open::commit);
        if (!replaced) {
            open.rollBack();
        }
        return replaced;
    }

    @Override
    public TransitionOutcome fail(Lease lease, Failure failure, RunEffect effect) {
        Objects.requireNonNull(lease, "lease");
        Objects.requireNonNull(failure, "failure");
        Objects.requireNonNull(effect, "effect");
        ensureOpen();
        return finish(
                lease,
                current -> ClaimMachine.fail(current, lease, failure, effect, clock.instant()),
                records::replace);
    }

    private TransitionOutcome finish(
            Lease lease,
            Function<@Nullable IdempotencyRecord, Decision<TransitionOutcome>> decide,
            BiPredicate<StoredKey, StoredKey> replace) {
        TransitionOutcome outcome =
                decide(lease.id(), current -> decide.apply(recordOf(current)), StoredKey::withRecord, replace);
        if (outcome instanceof TransitionOutcome.Applied) {
            hints.publish(lease.id());
        }
        return outcome;
    }

    /**
     * Applies a decision to the very value that it was made on, or decides again. For all events but a claim.
     *
     * @param update makes the key's next value from the present one and the record that is written
     * @param replace puts the key's next value in the place of the one that was decided on, or returns false
     */
    private <T> T decide(
            RecordId id,
            Function<@Nullable StoredKey, Decision<T>> decide,
            BiFunction<StoredKey, IdempotencyRecord, StoredKey> update,
            BiPredicate<StoredKey, StoredKey> replace) {
        while (true) {
            StoredKey current = records.get(id);
            Decision<T> decision = decide.apply(current);
            IdempotencyRecord next = decision.write();
            if (current == null || next == null || replace.test(current, update.apply(current, next))) {
                return decision.outcome();
            }
        }
    }

    private static @Nullable IdempotencyRecord recordOf(@Nullable StoredKey stored) {
        return stored == null ? null : stored.record();
    }

    @Override
    public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
        Objects.requireNonNull(lease, "lease");
        Checkpoint.checkName(name);
        if (!value.isAvailable()) {
            throw new IllegalArgumentException("the value of checkpoint \"" + name + "\" is unavailable: "
                    + value.reason() + "; pass a value that can be read back, or null");
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
                (current, next) -> current.withCheckpoint(
                        next, new Checkpoint(name, value, next.fence(), next.version(), next.readAt())),
                records::replace);
        if (outcome instanceof TransitionOutcome.Applied) {
            hints.publish(lease.id());
        }
        return outcome;
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request) {
        return resolve(request, records::replace);
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request, Rows<?> rows) {
        RowTransactions<?> through = offered(rows);
        // Where the record is completed already, its rows are written, and only its result is supplied (rule 18).
        return resolve(
                request,
                (current, next) -> current.record().state() == RecordState.COMPLETED
                        ? records.replace(current, next)
                        : replace(current, next, rows, through));
    }

    private ResolveOutcome resolve(ResolveRequest request, BiPredicate<StoredKey, StoredKey> replace) {
        Objects.requireNonNull(request, "request");
        ensureOpen();
        ResolveOutcome outcome = decide(
                request.id(),
                current -> ClaimMachine.resolve(recordOf(current), request, clock.instant()),
                (current, next) -> current.withDecision(
                        next,
                        new KeyHistory.Entry(
                                current.record().asOf(next.updatedAt()),
                                KeyHistory.Decision.of(request.verdict()),
                                request.operator(),
                                request.reason(),
                                next.updatedAt())),
                replace);
        if (outcome instanceof ResolveOutcome.Resolved) {
            hints.publish(request.id());
        }
        return outcome;
    }

    /**
     * {@inheritDoc} The newest {@value StoredKey#MAX_ENTRIES} decisions of a key are kept, as long as it has a record.
     */
    @Override
    public KeyHistory history(RecordId id, int limit) {
        Objects.requireNonNull(id, "id");
        if (limit < 0) {
            throw new IllegalArgumentException("limit is " + limit + "; it must be zero or more");
        }
        ensureOpen();
        StoredKey stored = records.get(id);
        return stored == null ? KeyHistory.EMPTY : stored.history(limit);
    }

    /** {@inheritDoc} Here a scan has a single page, bounded by the size of the store. */
    @Override
    public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
        notNegative(olderThan);
        if (from != UnfinishedPage.START) {
            throw new IllegalArgumentException("from is " + from
                    + "; the scan of a memory store has one page, which starts at " + UnfinishedPage.START);
        }
        ensureOpen();
        return new UnfinishedPage(unfinished(olderThan).toList(), OptionalLong.empty());
    }

    @Override
    public Optional<IdempotencyRecord> peek(RecordId id) {
        Objects.requireNonNull(id, "id");
        ensureOpen();
        StoredKey stored = records.get(id);
        return stored == null ? Optional.empty() : Optional.of(stored.record().asOf(clock.instant()));
    }

    @Override
    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        Objects.requireNonNull(ids, "ids");
        ensureOpen();
        Map<RecordId, IdempotencyRecord> found = new HashMap<>();
        Instant now = clock.instant();
        for (RecordId id : ids) {
            StoredKey stored = records.get(id);
            if (stored != null) {
                found.put(id, stored.record().asOf(now));
            }
        }
        return found;
    }

    /** {@inheritDoc} Hints are delivered on one thread that all subscriptions of this store share. */
    @Override
    public Subscription subscribe(Consumer<RecordId> consumer) {
        Objects.requireNonNull(consumer, "consumer");
        ensureOpen();
        return hints.subscribe(consumer);
    }

    @Override
    public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        notNegative(olderThan);
        atLeastOne(limit);
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

    private static void atLeastOne(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit is " + limit + "; it must be at least 1");
        }
    }

    private static void notNegative(Duration olderThan) {
        if (Objects.requireNonNull(olderThan, "olderThan").isNegative()) {
            throw new IllegalArgumentException("olderThan is " + olderThan + "; it must be zero or more");
        }
    }

    private static Instant unknownSince(IdempotencyRecord record) {
        return record.state() == RecordState.IN_PROGRESS ? record.leaseUntil() : record.updatedAt();
    }

    @Override
    public int purge(int limit) {
        atLeastOne(limit);
        ensureOpen();
        return records.purge(clock.instant(), limit);
    }

    /** The number of records. */
    public int size() {
        return records.size();
    }

    /** All records, for tests. */
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
            throw new StoreException.Closed(
                    "this memory store was closed and its records are lost; close it only after the gates that use it");
        }
    }

    /** Builder of a store. Not thread-safe. */
    public static final class Builder {
        private int maxRecords = DEFAULT_MAX_RECORDS;
        private InstantSource clock = new SteadyClock();
        private @Nullable RowTransactions<?> transactions;

        private Builder() {}

        /** Sets the maximum number of records. Default {@value #DEFAULT_MAX_RECORDS}. */
        @CanIgnoreReturnValue
        public Builder maxRecords(int maxRecords) {
            if (maxRecords < 1) {
                throw new IllegalArgumentException("maxRecords is " + maxRecords + "; it must be at least 1");
            }
            this.maxRecords = maxRecords;
            return this;
        }

        /**
         * Sets the clock that decides every lease and retention. Default: the time of day when the store was created,
         * advanced by {@link System#nanoTime()}, so that setting the host's clock changes no lease.
         */
        @CanIgnoreReturnValue
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * Sets the transactions in which {@linkplain io.toolgate.PaidAction.Builder#storing rows} are written beside a
         * result of this store, so that an action that stores rows can be tested. Default: none; such an action is
         * refused. If rows or their commit fail, the result is not stored either.
         *
         * <pre>{@code
         * MemoryIdempotencyStore.builder().transactions(Connection.class, () -> mock(Connection.class)).build()
         * }</pre>
         *
         * @param connection the type of the connection that the action writes through
         */
        @CanIgnoreReturnValue
        public <C> Builder transactions(Class<C> connection, MemoryTransactions<C> transactions) {
            this.transactions = new RowTransactions<>(
                    Objects.requireNonNull(connection, "connection"),
                    Objects.requireNonNull(transactions, "transactions"));
            return this;
        }

        /** Builds the store. */
        public MemoryIdempotencyStore build() {
            return new MemoryIdempotencyStore(this);
        }
    }
}
