package io.toolgate.store.contract;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.Failure;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.ActionCounts;
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
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Model of a store: a map, a monitor and {@link ClaimMachine}. It keeps the contract; the broken stores override its
 * protected methods, and tests of the executor provoke races and outages through its {@link Hooks}.
 *
 * <p>It is a model of its own and does not wrap the memory store: broken stores replace single steps (the identity of a
 * record, a decision, a write, a rule of the purge), which a product store does not expose, and the memory store is
 * built after this module.
 *
 * <p>Several may share a {@link ModelDatabase}, to stand in for processes; hooks and counters are each store's own. Its
 * clock stands still unless a test moves it.
 */
public class ModelStore implements IdempotencyStore {
    /** The methods of a store, each with its hooks and counter. */
    public enum Operation {
        CLAIM,
        HEARTBEAT,
        COMPLETE,
        FAIL,
        CHECKPOINT,
        RESOLVE,
        HISTORY,
        PEEK,
        PEEK_ALL,
        SUBSCRIBE,
        FIND_UNFINISHED,
        SCAN_UNFINISHED,
        COUNT,
        PURGE
    }

    /** Small, so that scans over few records have several pages. */
    private static final int SCANNED_AT_ONCE = 3;

    protected final ModelDatabase database;
    private final Hooks hooks = new Hooks();
    private final List<Consumer<RecordId>> consumers = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private volatile boolean pushesHints = true;
    private @Nullable ExecutorService hinter;

    /** A store on a database of its own, whose clock stands still at {@link ManualClock#START}. */
    public ModelStore() {
        this(new ModelDatabase());
    }

    /** A store on {@code database}. */
    public ModelStore(ModelDatabase database) {
        this.database = database;
    }

    /** The hooks before and after each operation, and the counters of calls. */
    public final Hooks hooks() {
        return hooks;
    }

    /** The database, to open more stores on it. */
    public final ModelDatabase database() {
        return database;
    }

    /** Moves the database's clock, which must be a {@link ManualClock}. */
    public final void advance(Duration step) {
        ((ManualClock) database.clock()).advance(step);
    }

    /** All records of the database as they stand. */
    public final List<IdempotencyRecord> dump() {
        return database.dump();
    }

    /** The record as it stands, without a hook or a count; null if there is none. */
    public final @Nullable IdempotencyRecord stored(RecordId id) {
        synchronized (database) {
            return database.rows.get(id);
        }
    }

    /** Whether subscribers are notified; true without this. */
    @CanIgnoreReturnValue
    public final ModelStore pushHints(boolean push) {
        this.pushesHints = push;
        return this;
    }

    /** Gives subscribers a hint for {@code id}, true or not. */
    public final void hint(RecordId id) {
        ExecutorService thread = hinter();
        for (Consumer<RecordId> consumer : consumers) {
            try {
                thread.execute(() -> {
                    try {
                        consumer.accept(id);
                    } catch (Throwable e) {
                        // An exception of a consumer must not affect others.
                    }
                });
            } catch (RejectedExecutionException e) {
                return;
            }
        }
    }

    @Override
    public ClaimOutcome claim(ClaimRequest request) {
        Objects.requireNonNull(request, "request");
        return call(
                Operation.CLAIM,
                request,
                () -> commit(request.id(), current -> {
                    Decision<ClaimOutcome> decision = decideClaim(current, request, now());
                    IdempotencyRecord next = decision.write();
                    Payload input = request.input();
                    if (next != null && input != null && decision.outcome() instanceof ClaimOutcome.Acquired) {
                        synchronized (database) {
                            rememberInput(next, input);
                        }
                    }
                    return decision;
                }));
    }

    /** Keeps the input of a claim, unless the record's life has one. Called under the database's monitor. */
    protected void rememberInput(IdempotencyRecord claimed, Payload input) {
        if (shown(claimed, memory(claimed.id()).checkpoint(Checkpoint.INPUT)) == null) {
            putInput(claimed, input);
        }
    }

    /** Stores the input of a claim. Called under the database's monitor. */
    protected final void putInput(IdempotencyRecord claimed, Payload input) {
        Checkpoint left =
                new Checkpoint(Checkpoint.INPUT, input, claimed.fence(), claimed.version(), claimed.updatedAt());
        memory(claimed.id()).put(new ModelMemory.Stored(left, claimed.numbers().life(), claimed.createdAt()));
    }

    @Override
    public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
        Objects.requireNonNull(leases, "leases");
        Objects.requireNonNull(lease, "lease");
        return call(Operation.HEARTBEAT, leases, () -> {
            Set<Lease> owned = new LinkedHashSet<>();
            for (Lease each : leases) {
                if (commit(each.id(), current -> decideHeartbeat(current, each, lease, now()))) {
                    owned.add(each);
                }
            }
            return owned;
        });
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result) {
        Objects.requireNonNull(lease, "lease");
        Objects.requireNonNull(result, "result");
        return call(
                Operation.COMPLETE,
                lease,
                () -> transition(lease, current -> decideComplete(current, lease, result, now())));
    }

    @Override
    public boolean offers(Class<?> connection) {
        return connection == ModelConnection.class;
    }

    /** {@inheritDoc} Counts as {@link Operation#COMPLETE}. */
    @Override
    public TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
        requireOffered(rows.connection());
        return call(Operation.COMPLETE, lease, () -> {
            synchronized (database) {
                IdempotencyRecord before = database.rows.get(identity(lease.id()));
                TransitionOutcome outcome = transition(lease, current -> decideComplete(current, lease, result, now()));
                if (outcome instanceof TransitionOutcome.Applied) {
                    writeRows(rows, before);
                }
                return outcome;
            }
        });
    }

    /**
     * {@inheritDoc} Counts as {@link Operation#COMPLETE}. The model's transactions commit at once: the rows of the
     * connection, and the result.
     */
    @Override
    public TransitionOutcome completeIn(Object connection, Lease lease, Payload result, @Nullable Rows<?> rows) {
        if (!(connection instanceof ModelConnection own)) {
            throw notOffered(connection.getClass());
        }
        return complete(lease, result, new Rows<>(ModelConnection.class, mine -> {
            own.rows().forEach(mine::write);
            if (rows != null) {
                write(rows, mine);
            }
        }));
    }

    private void requireOffered(Class<?> connection) {
        if (!offers(connection)) {
            throw notOffered(connection);
        }
    }

    private static StoreException.Misconfigured notOffered(Class<?> connection) {
        return new StoreException.Misconfigured("the model store offers no " + connection.getName());
    }

    /** Writes {@code rows}, or puts back what was stored before. Called under the database's monitor. */
    private void writeRows(Rows<?> rows, @Nullable IdempotencyRecord before) {
        try {
            writeAlone(rows);
        } catch (StoreException.RowsFailed e) {
            database.rows.put(identity(Objects.requireNonNull(before).id()), before);
            throw e;
        }
    }

    /** Writes rows, with nothing beside them. */
    protected final void writeAlone(Rows<?> rows) {
        ModelConnection connection = new ModelConnection();
        try {
            write(rows, connection);
        } catch (Throwable e) {
            throw new StoreException.RowsFailed("the rows could not be written (" + Failure.describe(e) + ")", e);
        }
        synchronized (database) {
            database.written.addAll(connection.rows());
        }
    }

    @SuppressWarnings("unchecked") // The type of the connection is the only one that this store offers.
    private static void write(Rows<?> rows, ModelConnection connection) throws Exception {
        ((Rows<ModelConnection>) rows).writer().write(connection);
    }

    @Override
    public TransitionOutcome fail(Lease lease, Failure failure, RunEffect effect) {
        Objects.requireNonNull(lease, "lease");
        Objects.requireNonNull(failure, "failure");
        Objects.requireNonNull(effect, "effect");
        return call(
                Operation.FAIL,
                lease,
                () -> transition(lease, current -> decideFail(current, lease, failure, effect, now())));
    }

    @Override
    public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
        Objects.requireNonNull(lease, "lease");
        Checkpoint.checkName(name);
        if (!value.isAvailable()) {
            throw new IllegalArgumentException(
                    "a checkpoint's value must be available; leave a message as text instead");
        }
        return call(Operation.CHECKPOINT, lease, () -> {
            synchronized (database) {
                ModelMemory memory = memory(lease.id());
                TransitionOutcome outcome = transition(lease, current -> {
                    Checkpoint before = current == null ? null : shown(current, memory.checkpoint(name));
                    return decideCheckpoint(current, before, lease, value, now());
                });
                IdempotencyRecord stored = database.rows.get(identity(lease.id()));
                if (outcome instanceof TransitionOutcome.Applied applied && stored != null) {
                    Checkpoint left = new Checkpoint(name, value, stored.fence(), applied.version(), applied.at());
                    memory.put(new ModelMemory.Stored(left, stored.numbers().life(), stored.createdAt()));
                }
                return outcome;
            }
        });
    }

    private @Nullable Checkpoint shown(IdempotencyRecord record, ModelMemory.@Nullable Stored checkpoint) {
        return checkpoint != null && belongsTo(record, checkpoint.life(), checkpoint.recordCreatedAt())
                ? checkpoint.checkpoint()
                : null;
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request) {
        Objects.requireNonNull(request, "request");
        return call(Operation.RESOLVE, request, () -> {
            synchronized (database) {
                IdempotencyRecord before = database.rows.get(identity(request.id()));
                ResolveOutcome outcome = commit(request.id(), current -> decideResolve(current, request, now()));
                if (outcome instanceof ResolveOutcome.Resolved resolved && before != null) {
                    remember(new KeyHistory.Entry(
                            before.asOf(resolved.at()),
                            KeyHistory.Decision.of(request.verdict()),
                            request.operator(),
                            request.reason(),
                            resolved.at()));
                    if (pushesHints && !consumers.isEmpty()) {
                        hint(request.id());
                    }
                }
                return outcome;
            }
        });
    }

    /** {@inheritDoc} Counts as {@link Operation#RESOLVE}. */
    @Override
    public ResolveOutcome resolve(ResolveRequest request, Rows<?> rows) {
        requireOffered(rows.connection());
        synchronized (database) {
            IdempotencyRecord before = database.rows.get(identity(request.id()));
            ResolveOutcome outcome = resolve(request);
            if (outcome instanceof ResolveOutcome.Resolved resolved && resolved.isCompletion()) {
                try {
                    writeRows(rows, before);
                } catch (StoreException.RowsFailed e) {
                    List<KeyHistory.Entry> entries = memory(request.id()).entries();
                    entries.remove(entries.size() - 1);
                    throw e;
                }
            }
            return outcome;
        }
    }

    @Override
    public KeyHistory history(RecordId id, int limit) {
        Objects.requireNonNull(id, "id");
        if (limit < 0) {
            throw new IllegalArgumentException("limit is " + limit + "; it must be zero or more");
        }
        return call(Operation.HISTORY, id, () -> {
            synchronized (database) {
                ModelMemory memory = memory(id);
                IdempotencyRecord record = database.rows.get(identity(id));
                List<KeyHistory.Entry> all = memory.entries();
                List<Checkpoint> checkpoints = record == null
                        ? List.of()
                        : memory.checkpoints().stream()
                                .map(checkpoint -> shown(record, checkpoint))
                                .filter(Objects::nonNull)
                                .toList();
                return new KeyHistory(checkpoints, all.subList(Math.max(0, all.size() - limit), all.size()));
            }
        });
    }

    private ModelMemory memory(RecordId id) {
        return database.memories.computeIfAbsent(identity(id), none -> new ModelMemory());
    }

    private TransitionOutcome transition(
            Lease lease, Function<@Nullable IdempotencyRecord, Decision<TransitionOutcome>> decide) {
        TransitionOutcome outcome = commit(lease.id(), decide);
        if (outcome instanceof TransitionOutcome.Applied && pushesHints && !consumers.isEmpty()) {
            hint(lease.id());
        }
        return outcome;
    }

    @Override
    public Optional<IdempotencyRecord> peek(RecordId id) {
        Objects.requireNonNull(id, "id");
        return call(Operation.PEEK, id, () -> Optional.ofNullable(read(id)));
    }

    @Override
    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        Objects.requireNonNull(ids, "ids");
        return call(Operation.PEEK_ALL, ids, () -> {
            Map<RecordId, IdempotencyRecord> found = new LinkedHashMap<>();
            for (RecordId id : ids) {
                IdempotencyRecord record = read(id);
                if (record != null) {
                    found.put(id, record);
                }
            }
            return found;
        });
    }

    @Override
    public Subscription subscribe(Consumer<RecordId> ended) {
        Objects.requireNonNull(ended, "ended");
        return call(Operation.SUBSCRIBE, ended, () -> {
            // A wrapper of its own, so that one consumer registered twice has two registrations to end.
            Consumer<RecordId> registration = id -> ended.accept(id);
            consumers.add(registration);
            return () -> consumers.remove(registration);
        });
    }

    @Override
    public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        Preconditions.notNegative(olderThan, "olderThan");
        Preconditions.atLeastOne(limit, "limit");
        return call(Operation.FIND_UNFINISHED, olderThan, () -> {
            synchronized (database) {
                Instant now = now();
                Instant latest = now.minus(olderThan);
                return database.rows.values().stream()
                        .filter(record -> ClaimMachine.isUnfinished(record, now))
                        .filter(record -> !unknownSince(record).isAfter(latest))
                        .sorted(Comparator.comparing(ModelStore::unknownSince))
                        .limit(limit)
                        .map(record -> record.asOf(now))
                        .toList();
            }
        });
    }

    @Override
    public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
        Preconditions.notNegative(olderThan, "olderThan");
        return call(Operation.SCAN_UNFINISHED, olderThan, () -> {
            synchronized (database) {
                Instant now = now();
                Instant latest = now.minus(olderThan);
                List<IdempotencyRecord> part = database.rows.values().stream()
                        .sorted(Comparator.comparing(record -> record.id().toUuid()))
                        .skip(from)
                        .limit(SCANNED_AT_ONCE)
                        .toList();
                return new UnfinishedPage(
                        part.stream()
                                .filter(record -> ClaimMachine.isUnfinished(record, now))
                                .filter(record -> !unknownSince(record).isAfter(latest))
                                .map(record -> record.asOf(now))
                                .toList(),
                        part.size() < SCANNED_AT_ONCE ? OptionalLong.empty() : OptionalLong.of(from + SCANNED_AT_ONCE));
            }
        });
    }

    @Override
    public void count(Collection<ActionCounts> counts) {
        Objects.requireNonNull(counts, "counts");
        call(Operation.COUNT, counts, () -> database.counts.addAll(counts));
    }

    private static Instant unknownSince(IdempotencyRecord record) {
        return switch (record.state()) {
            case IN_PROGRESS -> record.leaseUntil();
            default -> record.updatedAt();
        };
    }

    @Override
    public int purge(int limit) {
        Preconditions.atLeastOne(limit, "limit");
        return call(Operation.PURGE, limit, () -> {
            synchronized (database) {
                Instant now = now();
                int deleted = 0;
                Iterator<IdempotencyRecord> all = database.rows.values().iterator();
                while (deleted < limit && all.hasNext()) {
                    IdempotencyRecord record = all.next();
                    if (mayPurge(record, now)) {
                        all.remove();
                        deleted++;
                    }
                }
                database.memories.forEach((id, memory) -> {
                    boolean hasRecord = database.rows.containsKey(id);
                    if (!hasRecord) {
                        memory.forgetCheckpoints();
                    }
                    memory.entries().removeIf(entry -> mayForget(entry, hasRecord, now));
                });
                database.memories.values().removeIf(ModelMemory::isEmpty);
                return deleted;
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        consumers.clear();
        synchronized (hooks) {
            if (hinter != null) {
                hinter.shutdownNow();
            }
        }
    }

    // Overridden by broken stores
    // -------------------------------------------------------------------------------------------------------------

    /** The store's time. */
    protected Instant now() {
        return database.clock().instant();
    }

    /** The identity under which a record is kept. */
    protected RecordId identity(RecordId id) {
        return id;
    }

    /** Decides a claim. */
    protected Decision<ClaimOutcome> decideClaim(
            @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
        return ClaimMachine.claim(current, request, now);
    }

    /** Decides a heartbeat. */
    protected Decision<Boolean> decideHeartbeat(
            @Nullable IdempotencyRecord current, Lease lease, Duration duration, Instant now) {
        return ClaimMachine.heartbeat(current, lease, duration, now);
    }

    /** Decides a completion. */
    protected Decision<TransitionOutcome> decideComplete(
            @Nullable IdempotencyRecord current, Lease lease, Payload result, Instant now) {
        return ClaimMachine.complete(current, lease, result, now);
    }

    /** Decides a failure. */
    protected Decision<TransitionOutcome> decideFail(
            @Nullable IdempotencyRecord current, Lease lease, Failure failure, RunEffect effect, Instant now) {
        return ClaimMachine.fail(current, lease, failure, effect, now);
    }

    /** Decides a checkpoint. */
    protected Decision<TransitionOutcome> decideCheckpoint(
            @Nullable IdempotencyRecord current, @Nullable Checkpoint before, Lease lease, Payload value, Instant now) {
        return ClaimMachine.checkpoint(current, before, lease, value, now);
    }

    /** Decides about an operator's decision. */
    protected Decision<ResolveOutcome> decideResolve(
            @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
        return ClaimMachine.resolve(current, request, now);
    }

    /** Makes a decision part of the key's history. Called under the database's monitor. */
    protected void remember(KeyHistory.Entry entry) {
        memory(entry.before().id()).entries().add(entry);
    }

    /**
     * Whether a checkpoint belongs to the life of the key that {@code record} is. Its creation time alone does not
     * tell: the next life of a retired key may begin within the same tick of the clock.
     *
     * @param life that of the checkpoint's record
     * @param createdAt of the checkpoint's record
     */
    protected boolean belongsTo(IdempotencyRecord record, int life, Instant createdAt) {
        return life == record.numbers().life() && !ClaimMachine.isRetired(record);
    }

    /** Whether a purge may forget a decision. */
    protected boolean mayForget(KeyHistory.Entry entry, boolean hasRecord, Instant now) {
        return !hasRecord && !now.isBefore(ClaimMachine.purgeableFrom(entry));
    }

    /** Whether a purge may delete {@code record}. */
    protected boolean mayPurge(IdempotencyRecord record, Instant now) {
        return ClaimMachine.isPurgeable(record, now);
    }

    /** Reads, decides and writes as one step. */
    protected <T> T commit(RecordId id, Function<@Nullable IdempotencyRecord, Decision<T>> decide) {
        synchronized (database) {
            Decision<T> decision = decide.apply(database.rows.get(identity(id)));
            IdempotencyRecord next = decision.write();
            if (next != null) {
                write(next);
            }
            return decision.outcome();
        }
    }

    /** Makes {@code next} what is stored. Called under the database's monitor. */
    protected void write(IdempotencyRecord next) {
        database.rows.put(identity(next.id()), next);
    }

    private @Nullable IdempotencyRecord read(RecordId id) {
        synchronized (database) {
            IdempotencyRecord stored = database.rows.get(identity(id));
            return stored == null ? null : stored.asOf(now());
        }
    }

    private <T> T call(Operation operation, Object argument, Supplier<T> body) {
        if (closed) {
            throw new StoreException.Closed("the store is closed");
        }
        hooks.enter(operation, argument);
        T answer = body.get();
        hooks.leave(operation, argument, answer);
        return answer;
    }

    private ExecutorService hinter() {
        synchronized (hooks) {
            if (hinter == null) {
                hinter = Executors.newSingleThreadExecutor(task -> {
                    Thread thread = new Thread(task, "model-store-hints");
                    thread.setDaemon(true);
                    return thread;
                });
            }
            return hinter;
        }
    }
}
