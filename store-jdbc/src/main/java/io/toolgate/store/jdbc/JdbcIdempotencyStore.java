package io.toolgate.store.jdbc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.Failure;
import io.toolgate.Outcome;
import io.toolgate.ResultCodec;
import io.toolgate.store.ActionCounts;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.InputFingerprint;
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
import io.toolgate.store.jdbc.internal.commit.CommitGroups;
import io.toolgate.store.jdbc.internal.commit.SingleStatementWrites;
import io.toolgate.store.jdbc.internal.open.ConnectionPool;
import io.toolgate.store.jdbc.internal.open.OpenedDatabase;
import io.toolgate.store.jdbc.internal.open.StoreSettings;
import io.toolgate.store.jdbc.internal.operation.CallCounts;
import io.toolgate.store.jdbc.internal.operation.CheckpointWrites;
import io.toolgate.store.jdbc.internal.operation.Claims;
import io.toolgate.store.jdbc.internal.operation.KeyHistories;
import io.toolgate.store.jdbc.internal.operation.LeaseRenewals;
import io.toolgate.store.jdbc.internal.operation.OperatorDecisions;
import io.toolgate.store.jdbc.internal.operation.PendingCompletions;
import io.toolgate.store.jdbc.internal.operation.Purge;
import io.toolgate.store.jdbc.internal.operation.RecordReads;
import io.toolgate.store.jdbc.internal.operation.RunCompletions;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.InFlightCalls;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sql.StoreClock;
import io.toolgate.store.jdbc.internal.transaction.CallerTransactions;
import io.toolgate.store.jdbc.internal.transaction.RowTransactions;
import io.toolgate.store.jdbc.internal.transaction.TransactionalRuns;
import io.toolgate.store.jdbc.internal.transaction.TypedBody;
import io.toolgate.store.jdbc.internal.wakeup.LocalHints;
import io.toolgate.store.jdbc.internal.wakeup.Wakeups;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The durable store, on PostgreSQL 14 and newer and on SQLite. Every transition is a transaction of its own, and but
 * for checkpoints and decisions on SQLite one statement; no connection is held while a gate's action runs or its
 * callers wait. Safe for use by many threads.
 *
 * <pre>{@code
 * try (IdempotencyStore store = JdbcIdempotencyStore.open("jdbc:sqlite:/var/lib/app/toolgate.db")) { … }
 *
 * IdempotencyStore store = JdbcIdempotencyStore.builder("jdbc:postgresql://db:5432/payments")
 *         .user("toolgate_runtime").password(secret).open();
 * }</pre>
 *
 * <p>A SQLite store creates and upgrades its own file. On PostgreSQL the schema is only checked, unless
 * {@link Builder#migrate} says otherwise.
 *
 * <p>Every operation is tried again, for twice the {@linkplain Builder#statementTimeout statement timeout} at most, a
 * claim for its lease at most (a second at least), as long as that is sound; then it ends with
 * {@link StoreException.Unavailable}, which says whether it is known not to have happened. No try begins later; the
 * last one takes as long as a connection and an answer do: 3 s and the statement timeout on the store's own pool, 3 s
 * more where the server is silent; on a {@linkplain #builder(DataSource) data source} as long as that makes callers
 * wait. A thread's interrupt stops a claim or a read between two tries; it never stops a heartbeat, a completion or a
 * failure, which leave the flag set.
 */
public final class JdbcIdempotencyStore implements IdempotencyStore {
    private final CommitGroups commits;
    private final Claims claims;
    private final RunCompletions runCompletions;
    private final LeaseRenewals leaseRenewals;
    private final CallerTransactions callerTransactions;
    private final TransactionalRuns transactionalRuns;
    private final RowTransactions rowTransactions;
    private final CheckpointWrites checkpointWrites;
    private final OperatorDecisions operatorDecisions;
    private final KeyHistories keyHistories;
    private final CallCounts callCounts;
    private final Purge purge;
    private final RecordReads recordReads;
    private final LocalHints localHints;
    private final InFlightCalls calls = new InFlightCalls();
    private final OpenedDatabase database;
    private final Duration closePatience;

    private JdbcIdempotencyStore(
            OpenedDatabase database,
            StoreSettings settings,
            CommitGroups.Sharing sharing,
            Duration transactionRetention,
            Wakeups.Maker wakeups) {
        this.localHints = new LocalHints(wakeups);
        SqlRunner sql = new SqlRunner(
                database.dialect(), database.writer(), database.queue(), database.reader(), database.clock());
        RetryLoop retries = new RetryLoop(database.dialect(), settings.attemptBudget(), calls);
        this.recordReads = new RecordReads(sql, retries);
        SingleStatementWrites single = new SingleStatementWrites(sql);
        SqlRunner renewals = database.renewals() == null ? sql : sql.on(database.renewals());
        this.commits = CommitGroups.of(sql, single, renewals, sharing, settings.attemptBudget());
        this.claims = new Claims(sql, single, commits.runs(), retries, database.guard());
        this.runCompletions = new RunCompletions(commits.runs(), recordReads, retries);
        PendingCompletions completions = new PendingCompletions();
        this.leaseRenewals = new LeaseRenewals(commits.heartbeats(), retries, completions);
        this.callerTransactions = new CallerTransactions(sql, recordReads, retries, calls, completions);
        this.transactionalRuns = new TransactionalRuns(
                sql,
                recordReads,
                retries,
                database.guard(),
                database.dialect() == Dialect.SQLITE ? 1 : settings.transactionsAtOnce(),
                transactionRetention);
        this.rowTransactions = new RowTransactions(sql, retries, completions, transactionalRuns);
        this.checkpointWrites = new CheckpointWrites(sql, recordReads, retries);
        this.operatorDecisions = new OperatorDecisions(sql, recordReads, retries);
        this.keyHistories = new KeyHistories(sql, retries);
        this.callCounts = new CallCounts(sql, retries);
        this.purge = new Purge(sql, retries);
        this.database = database;
        this.closePatience = settings.attemptBudget();
    }

    /**
     * Opens a store by its URL.
     *
     * @throws StoreException.Misconfigured if there is no store there that could be used, with what to do about it
     * @throws StoreException.Unavailable if the database cannot be reached
     */
    public static JdbcIdempotencyStore open(String url) {
        return builder(url).open();
    }

    /** Opens a store by its URL, as {@code user}; see {@link #open(String)}. */
    public static JdbcIdempotencyStore open(String url, String user, String password) {
        return builder(url).user(user).password(password).open();
    }

    /** Begins to open a store by its URL, {@code jdbc:postgresql:…} or {@code jdbc:sqlite:<path>}. */
    public static Builder builder(String url) {
        return new Builder(url, null);
    }

    /**
     * Begins to open a store on PostgreSQL through a data source that the caller configures, and closes after the
     * store. It must hand out connections with autocommit on and no open transaction, and lead every thread to the same
     * primary: where it routes by tenant, or to replicas, heartbeats go elsewhere, and leases are lost. A SQLite store
     * is opened by URL, because it must set up its connections itself.
     *
     * <p>The store takes one connection when it is opened and keeps it for heartbeats until it is closed, so that these
     * do not depend on the application's load; a pool of one connection is refused. All other operations wait for a
     * connection for as long as the data source makes them wait: give it a timeout of a few seconds. With
     * {@link Builder#listener} the connection for heartbeats is taken from there instead.
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(null, Arguments.notNull(dataSource, "dataSource"));
    }

    @Override
    public ClaimOutcome claim(ClaimRequest request) {
        transactionalRuns.refuseInside(Arguments.notNull(request, "request").id());
        localHints.begin();
        database.beginRenewals();
        return claims.claim(request);
    }

    @Override
    public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
        Arguments.notNull(leases, "leases")
                .forEach(each -> transactionalRuns.refuseInside(
                        Arguments.notNull(each, "a lease").id()));
        return leaseRenewals.heartbeat(leases, Arguments.positive(lease, "lease"));
    }

    @Override
    public TransitionOutcome complete(Lease lease, Payload result) {
        transactionalRuns.refuseInside(Arguments.notNull(lease, "lease").id());
        Arguments.notNull(result, "result");
        if (callerTransactions.decides(lease)) {
            TransitionOutcome confirmed = callerTransactions.confirm(lease, result);
            localHints.publish(lease.id(), true);
            return confirmed;
        }
        TransitionOutcome outcome = runCompletions.complete(lease, result);
        localHints.publish(lease.id(), outcome);
        return outcome;
    }

    @Override
    public TransitionOutcome fail(Lease lease, Failure failure, RunEffect effect) {
        transactionalRuns.refuseInside(Arguments.notNull(lease, "lease").id());
        TransitionOutcome outcome =
                runCompletions.fail(lease, Arguments.notNull(failure, "failure"), Arguments.notNull(effect, "effect"));
        callerTransactions.failed(lease, outcome);
        localHints.publish(lease.id(), outcome);
        return outcome;
    }

    /** Rows are written through a {@link Connection}, or through Jdbi's {@link Handle}. */
    @Override
    public boolean offers(Class<?> connection) {
        return CallerTransactions.offers(Arguments.notNull(connection, "connection"));
    }

    /**
     * {@inheritDoc}
     *
     * <p>The transaction is READ COMMITTED on this store's own pool, under its role and its search path: open the store
     * through a data source of the application, or as a role that may write the application's tables. It takes one
     * connection while the rows are written, and on SQLite the one writer, which all others then wait for.
     */
    @Override
    public TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
        transactionalRuns.refuseInside(Arguments.notNull(lease, "lease").id());
        Arguments.notNull(result, "result");
        CallerTransactions.ensureOffered(Arguments.notNull(rows, "rows"));
        if (callerTransactions.decides(lease)) {
            return complete(lease, result);
        }
        TransitionOutcome outcome = rowTransactions.complete(lease, result, rows);
        localHints.publish(lease.id(), outcome);
        return outcome;
    }

    /**
     * Stores the result of a run as one statement inside the open transaction of a caller, so that it commits together
     * with the caller's own rows or not at all; {@link io.toolgate.Attempt#completeIn} is the form for runs. The
     * transaction is never committed or rolled back here.
     *
     * <p>The outcome only holds once the transaction has committed. A caller that gets {@code LeaseLost} must roll
     * back: its rows would stand without the result. After an exception it must roll back too. Where a transaction was
     * rolled back, the run must not return a value but throw: {@link #complete(Lease, Payload)}, which the gate calls
     * when the run returns, then refuses with {@link StoreException.RolledBack} rather than storing a result without
     * its rows, and the record is found in doubt when its lease ends. Commit before the run returns, and make it the
     * last thing the run does.
     *
     * <p>The transaction holds the record's lock from here on. On PostgreSQL heartbeats go on meanwhile; on SQLite all
     * other writers wait. So do nothing else to this record through the store before the commit (on SQLite: nothing
     * that writes), checkpoints included; it would wait for the commit that waits for it. READ COMMITTED is best: under
     * a stricter level a heartbeat that came between makes this fail with 40001. The connection's role needs SELECT and
     * UPDATE on tg_idempotency, and SELECT on tg_store_info.
     *
     * @param connection a {@link Connection} or {@link Handle} on the database of this store, with autocommit off; it
     *     stays open
     * @param result of the action's codec, encoded for {@link io.toolgate.ResultContext#ofResult the place} of the
     *     lease's record; {@link Payload#ofNull} for a null one
     * @throws StoreException.Misconfigured if it is no such connection, autocommit is on, or it leads to another store,
     *     or its commits are not durable
     */
    @Override
    public TransitionOutcome completeIn(Object connection, Lease lease, Payload result, @Nullable Rows<?> rows) {
        return callerTransactions.completeIn(
                Arguments.notNull(connection, "connection"),
                Arguments.notNull(lease, "lease"),
                Arguments.notNull(result, "result"),
                rows);
    }

    /**
     * Runs an effect that is nothing but rows of this very database, once for {@code id}: claim, effect and result are
     * one transaction, so that rolled back means never happened, and nothing is ever in doubt. For effects elsewhere (a
     * charge, a message) use a gate.
     *
     * <pre>{@code
     * Outcome<String> outcome = store.runInTransaction(id, input, ResultCodec.text(), handle -> {
     *     accounts.withdraw(handle, account, amount);
     *     return "booked";
     * });
     * }</pre>
     *
     * <p>Duplicates, of this method and of gates, wait for the transaction and are given its result; if it rolls back,
     * one that waits runs. A record that is finished is replayed without a lock; one that is released, retired or past
     * its retention is taken over; one in progress or in doubt by a gate is left alone. A wait lasts for twice the
     * statement timeout at most.
     *
     * <p>What {@code body} throws rolls everything back and is thrown on as it is. Collisions with other transactions
     * (40001, 40P01, SQLITE_BUSY) run the body again, for as long as an operation may last. If the answer to the
     * commit is lost, its result is read with the token of this call, and the body runs again only if it certainly did
     * not commit. A body that swallows a database error does not succeed by that. The transaction is READ COMMITTED on
     * this store's own pool, each of its statements is under the statement timeout, and on SQLite it is IMMEDIATE: it
     * holds the one writer. It takes one connection of the pool while it lasts, for which there is no lease and no
     * heartbeat, and at most half of the pool is given to transactions: keep bodies short. Inside of a body, calls of
     * this store for the same key (on SQLite: calls that write) would wait for themselves and are refused.
     *
     * @throws StoreException.Refused if the database refuses what was written, or the body went on after a failed
     *     statement; nothing was written
     * @throws StoreException.Unavailable if time is up, which says whether it is known not to have happened; calling
     *     again with the same key is safe
     * @throws io.toolgate.ToolGateException.SelfWait if this is called inside of its own body
     */
    public <X extends Exception> TransactionOutcome runInTransaction(
            RecordId id, InputFingerprint input, TransactionBody<Payload, X> body) throws X {
        TransactionOutcome outcome = transactionalRuns.run(
                Arguments.notNull(id, "id"), Arguments.notNull(input, "input"), Arguments.notNull(body, "body"));
        if (outcome instanceof TransactionOutcome.Executed) {
            localHints.publish(id, true);
        }
        return outcome;
    }

    /**
     * Runs an effect that is nothing but rows of this very database, once for {@code id}, with a result that
     * {@code codec} encodes; see the form without a codec. The caller is given the result as it was stored. A result
     * that cannot be encoded and decoded again rolls everything back.
     */
    public <R extends @Nullable Object, X extends Exception> Outcome<R> runInTransaction(
            RecordId id, InputFingerprint input, ResultCodec<R> codec, TransactionBody<R, X> body) throws X {
        TypedBody<R, X> typed = new TypedBody<>(
                Arguments.notNull(id, "id"), Arguments.notNull(codec, "codec"), Arguments.notNull(body, "body"));
        return typed.outcome(runInTransaction(id, input, typed), input);
    }

    @Override
    public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
        transactionalRuns.refuseInside(Arguments.notNull(lease, "lease").id());
        Checkpoint.checkName(name);
        Arguments.available(value, "a checkpoint's value");
        TransitionOutcome outcome = checkpointWrites.checkpoint(lease, name, value);
        localHints.publish(lease.id(), outcome);
        return outcome;
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request) {
        transactionalRuns.refuseInside(Arguments.notNull(request, "request").id());
        ResolveOutcome outcome = operatorDecisions.resolve(request);
        localHints.publish(request.id(), outcome);
        return outcome;
    }

    @Override
    public ResolveOutcome resolve(ResolveRequest request, Rows<?> rows) {
        transactionalRuns.refuseInside(Arguments.notNull(request, "request").id());
        CallerTransactions.ensureOffered(Arguments.notNull(rows, "rows"));
        ResolveOutcome outcome = rowTransactions.resolve(request, rows);
        localHints.publish(request.id(), outcome);
        return outcome;
    }

    @Override
    public KeyHistory history(RecordId id, int limit) {
        Arguments.notNull(id, "id");
        Arguments.notNegative(limit, "limit");
        return keyHistories.history(id, limit);
    }

    /**
     * Reads the table in its physical order, without an index and in parts that take milliseconds. On PostgreSQL a
     * record that is moved while the walk goes on, by a late checkpoint or by a claim that puts it in doubt, may be
     * given by the next walk only.
     */
    @Override
    public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
        return recordReads.scanUnfinished(
                Arguments.notNegative(olderThan, "olderThan"), Arguments.notNegative(from, "from"));
    }

    /**
     * Reads the journal of a key, oldest entry first: one for each transition while the journal was on; see
     * {@link Builder#journal}. Empty where there is none.
     *
     * @throws StoreException.Misconfigured if the role may not read it
     */
    public List<JournalEntry> journal(RecordId id) {
        Arguments.notNull(id, "id");
        return keyHistories.journal(id);
    }

    /** Adds to the counts of the running hour. */
    @Override
    public void count(Collection<ActionCounts> counts) {
        Arguments.notNull(counts, "counts").forEach(each -> Arguments.notNull(each, "a count"));
        callCounts.count(counts);
    }

    @Override
    public Optional<IdempotencyRecord> peek(RecordId id) {
        return recordReads.peek(Arguments.notNull(id, "id"));
    }

    @Override
    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        Arguments.notNull(ids, "ids").forEach(each -> Arguments.notNull(each, "an id"));
        return recordReads.peekAll(ids);
    }

    /**
     * Hints come for records that this store moved, on the thread that moved them, and for announced records that other
     * stores moved, where {@link Builder#pushWakeUps} works.
     */
    @Override
    public Subscription subscribe(Consumer<RecordId> ended) {
        Arguments.notNull(ended, "ended");
        calls.enter();
        try {
            return localHints.subscribe(ended);
        } finally {
            calls.exit();
        }
    }

    /**
     * Reads the whole table: no index serves this, so that heartbeats and completions stay cheap. Not for a tight loop.
     */
    @Override
    public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        return recordReads.findUnfinished(
                Arguments.notNegative(olderThan, "olderThan"), Arguments.atLeastOne(limit, "limit"));
    }

    /**
     * Deletes in small batches, each a transaction of its own: the records, their checkpoints, and the decisions about
     * them, unless a decision has to be kept longer or a journal keeps it. An interrupt ends it after the batch under
     * way, with the flag set. On PostgreSQL the role needs DELETE.
     */
    @Override
    public int purge(int limit) {
        return purge.purge(Arguments.atLeastOne(limit, "limit"));
    }

    /**
     * Refuses new calls, waits for the running ones for as long as an operation may last, and closes the connections.
     */
    @Override
    public void close() {
        if (calls.close(closePatience)) {
            localHints.close();
            commits.close();
            database.close();
        }
    }

    /** The number of writes that wait to share a commit; for tests. */
    int queuedWrites() {
        return commits.runs().queued();
    }

    /** The number of connections that are lent out; for tests. */
    int activeConnections() {
        return database.pools().stream().mapToInt(ConnectionPool::active).sum();
    }

    /** Collects how to open a store. Not safe for use by many threads. */
    public static final class Builder {
        private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);
        private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(10);
        private static final Duration DEFAULT_TRANSACTION_RETENTION = Duration.ofDays(7);

        private final @Nullable String url;
        private final @Nullable DataSource dataSource;
        private @Nullable String user;
        private @Nullable String password;
        private @Nullable Boolean migrate;
        private @Nullable Boolean journal;
        private int poolSize;
        private Duration statementTimeout = StoreSettings.DEFAULT_STATEMENT_TIMEOUT;
        private boolean transactionPooling;
        private boolean purgeOnly;
        private @Nullable StoreClock clock;
        private UnaryOperator<DataSource> wrapper = UnaryOperator.identity();
        private @Nullable Duration budget;
        private boolean groupCommit = true;
        private boolean everythingShared;
        private Duration transactionRetention = DEFAULT_TRANSACTION_RETENTION;
        private boolean pushWakeUps = true;
        private @Nullable DataSource listener;

        private Builder(@Nullable String url, @Nullable DataSource dataSource) {
            this.url = url;
            this.dataSource = dataSource;
        }

        /** The role to connect as. */
        @CanIgnoreReturnValue
        public Builder user(String user) {
            this.user = Arguments.notNull(user, "user");
            return this;
        }

        /** The role's password. */
        @CanIgnoreReturnValue
        public Builder password(String password) {
            this.password = Arguments.notNull(password, "password");
            return this;
        }

        /**
         * Whether to create and upgrade the schema. Without this call a SQLite file is migrated and a PostgreSQL
         * database is only checked. A current schema is left as it is. To change one on PostgreSQL takes Flyway, a
         * role that may create tables, and no transaction-pooling proxy.
         */
        @CanIgnoreReturnValue
        public Builder migrate(boolean migrate) {
            this.migrate = migrate;
            return this;
        }

        /**
         * Whether every transition of a record must leave a row in the journal, in its own commit. With
         * {@link #migrate}, and for a SQLite file that is migrated, the journal is switched on or off accordingly;
         * otherwise it is only checked, and {@code journal(true)} refuses to open a store whose journal is off. Without
         * this call it is as the database has it. It is one for all processes that share the store, whatever they were
         * opened with.
         */
        @CanIgnoreReturnValue
        public Builder journal(boolean journal) {
            this.journal = journal;
            return this;
        }

        /**
         * The number of connections, 10 by default, beside one for heartbeats, which is opened with the first claim;
         * for SQLite that of readers, 4 by default, beside its one writer, which heartbeats share. Beside a data source
         * it only tells how many that lends: transactional runs may take half of them.
         */
        @CanIgnoreReturnValue
        public Builder poolSize(int poolSize) {
            this.poolSize = Arguments.atLeastOne(poolSize, "poolSize");
            return this;
        }

        /** How long the server works on one statement, 5 s by default; an operation is tried for twice as long. */
        @CanIgnoreReturnValue
        public Builder statementTimeout(Duration statementTimeout) {
            // Within 100 ms a commit reaches a disk.
            Arguments.between(statementTimeout, SHORTEST_TIMEOUT, LONGEST_TIMEOUT, "statementTimeout");
            this.statementTimeout = statementTimeout;
            return this;
        }

        /** How long the results of {@link #runInTransaction} are kept, 7 days by default, at least a second. */
        @CanIgnoreReturnValue
        public Builder transactionRetention(Duration transactionRetention) {
            Arguments.positive(transactionRetention, "transactionRetention");
            this.transactionRetention = Arguments.between(
                    transactionRetention, TransactionalRuns.LEASE, transactionRetention, "transactionRetention");
            return this;
        }

        /**
         * Whether a proxy such as PgBouncer may give each transaction another server connection: nothing is then set on
         * or prepared in a session. Set {@code statement_timeout} for the role instead.
         */
        @CanIgnoreReturnValue
        public Builder transactionPooling(boolean transactionPooling) {
            this.transactionPooling = transactionPooling;
            return this;
        }

        /** Whether this store is only opened to purge, as a role that has just SELECT and DELETE. */
        @CanIgnoreReturnValue
        public Builder purgeOnly(boolean purgeOnly) {
            this.purgeOnly = purgeOnly;
            return this;
        }

        /**
         * Whether callers that wait for a run in another process are woken within milliseconds, true by default;
         * otherwise they find out by polling, up to a tenth of a second later. On PostgreSQL it takes one connection
         * beside the pool, from the first claim on, that listens; a store notifies others only of records that a caller
         * is waiting for, in commits of their own. Through a data source or a transaction-pooling proxy it takes
         * {@link #listener}. On SQLite it takes a thread that polls the file every millisecond while a caller waits.
         */
        @CanIgnoreReturnValue
        public Builder pushWakeUps(boolean pushWakeUps) {
            this.pushWakeUps = pushWakeUps;
            return this;
        }

        /**
         * Where to listen for notifications of other processes, instead of the URL: connections of the PostgreSQL
         * driver to the server itself, past any transaction-pooling proxy, of which one is kept while the store is
         * open, and another for heartbeats. The caller closes the data source after the store.
         */
        @CanIgnoreReturnValue
        public Builder listener(DataSource listener) {
            this.listener = Arguments.notNull(listener, "listener");
            return this;
        }

        /**
         * Whether concurrent callers share commits (group commit), true by default. A single caller executes its
         * statement directly in either case; without group commit every caller does.
         */
        @CanIgnoreReturnValue
        public Builder groupCommit(boolean groupCommit) {
            this.groupCommit = groupCommit;
            return this;
        }

        /** Sends every write that can share a commit that way, even a single one; for tests. */
        @CanIgnoreReturnValue
        Builder everythingShared() {
            this.everythingShared = true;
            return this;
        }

        @CanIgnoreReturnValue
        Builder clock(StoreClock clock) {
            this.clock = clock;
            return this;
        }

        @CanIgnoreReturnValue
        Builder wrapper(UnaryOperator<DataSource> wrapper) {
            this.wrapper = wrapper;
            return this;
        }

        @CanIgnoreReturnValue
        Builder budget(Duration budget) {
            this.budget = budget;
            return this;
        }

        /**
         * Opens the store.
         *
         * @throws StoreException.Misconfigured if there is no store there that could be used, with what to do about it
         * @throws StoreException.Unavailable if the database cannot be reached
         */
        public JdbcIdempotencyStore open() {
            StoreSettings settings = settings();
            OpenedDatabase database = OpenedDatabase.open(url, dataSource, settings);
            boolean opened = false;
            try {
                Wakeups.Maker wakeups =
                        Wakeups.of(database.dialect(), database.writer(), pushWakeUps ? database.direct() : null);
                JdbcIdempotencyStore store =
                        new JdbcIdempotencyStore(database, settings, sharing(), transactionRetention, wakeups);
                opened = true;
                return store;
            } finally {
                if (!opened) {
                    database.close();
                }
            }
        }

        /**
         * A store that is opened by its first call instead of now, for a database that may be down when the application
         * starts. Do not change this builder afterwards.
         *
         * @throws StoreException.Misconfigured if the settings are wrong, as far as that shows without a connection
         */
        public LazyJdbcIdempotencyStore lazily() {
            var unused = OpenedDatabase.check(url, dataSource, settings());
            return new LazyJdbcIdempotencyStore(this::open, System::nanoTime);
        }

        private StoreSettings settings() {
            return new StoreSettings(
                    user,
                    password,
                    migrate,
                    journal,
                    poolSize,
                    statementTimeout,
                    transactionPooling,
                    purgeOnly,
                    listener,
                    clock,
                    wrapper,
                    budget);
        }

        private CommitGroups.Sharing sharing() {
            if (!groupCommit) {
                return CommitGroups.Sharing.NONE;
            }
            return everythingShared ? CommitGroups.Sharing.ALL : CommitGroups.Sharing.ADAPTIVE;
        }
    }
}
