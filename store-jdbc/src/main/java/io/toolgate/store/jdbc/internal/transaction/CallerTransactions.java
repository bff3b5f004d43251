package io.toolgate.store.jdbc.internal.transaction;

import io.toolgate.migrations.Database;
import io.toolgate.migrations.MigrationException;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.Rows;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.jdbc.internal.error.PostgresCause;
import io.toolgate.store.jdbc.internal.error.SafeSqlException;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.operation.PendingCompletions;
import io.toolgate.store.jdbc.internal.operation.RecordReads;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.InFlightCalls;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.NotCommitted;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Completions inside a caller's transaction ({@code completeIn}), and the answer to the gate when it later completes
 * the same run.
 *
 * <p>The caller begins, commits and rolls back; the store adds one statement in between. Whether that committed is
 * never taken from the caller or its driver: the record is read, on a connection of the store.
 *
 * <p>Race: the run's own transaction against the gate's completion of the same lease. The lease is remembered before
 * the statement is sent; as long as it is, {@code complete} only reads and confirms, and writes nothing.
 */
public final class CallerTransactions {
    private static final int TRIES = 3;

    private final SqlRunner sql;
    private final RecordReads reads;
    private final RetryLoop retries;
    private final InFlightCalls inFlight;
    private final PendingCompletions completions;

    /** The identity of this store once it has been read; it changes only if the database is restored or moved. */
    private final AtomicReference<@Nullable String> store = new AtomicReference<>();

    public CallerTransactions(
            SqlRunner sql,
            RecordReads reads,
            RetryLoop retries,
            InFlightCalls inFlight,
            PendingCompletions completions) {
        this.sql = sql;
        this.reads = reads;
        this.retries = retries;
        this.inFlight = inFlight;
        this.completions = completions;
    }

    /** Whether a caller's transaction may be on a connection of this type, and rows be written through one. */
    public static boolean offers(Class<?> connection) {
        return RowWriting.offers(connection);
    }

    /** Refuses rows that cannot be written through a connection of a database. */
    public static void ensureOffered(Rows<?> rows) {
        RowWriting.ensureOffered(rows.connection());
    }

    public TransitionOutcome completeIn(Object given, Lease lease, Payload result, @Nullable Rows<?> rows) {
        Connection connection = connectionOf(given);
        if (rows != null) {
            ensureOffered(rows);
        }
        inFlight.enter();
        try {
            checkConnection(connection);
            sql.queue().check();
            return rows == null
                    ? completeIn(connection, lease, result)
                    : completeWithRows(connection, lease, result, rows);
        } finally {
            inFlight.exit();
        }
    }

    private TransitionOutcome completeWithRows(Connection connection, Lease lease, Payload result, Rows<?> rows) {
        Savepoint before;
        try {
            // A caller that ignores an error of the rows, and commits, does not store the result alone.
            before = connection.setSavepoint();
        } catch (SQLException e) {
            throw notWorking(e);
        }
        TransitionOutcome outcome = completeIn(connection, lease, result);
        if (outcome instanceof Applied) {
            writeRows(connection, before, rows);
        }
        return outcome;
    }

    private static void writeRows(Connection connection, Savepoint before, Rows<?> rows) {
        try {
            RowWriting.write(connection, rows);
        } catch (RuntimeException e) {
            // Another try is the caller's to make.
            RuntimeException thrown =
                    e instanceof NotCommitted ? RowWriting.failed(Objects.requireNonNull(e.getCause())) : e;
            undo(connection, before, thrown);
            throw thrown;
        }
    }

    private static void undo(Connection connection, Savepoint before, RuntimeException cause) {
        try {
            connection.rollback(before);
        } catch (SQLException e) {
            // The transaction, or its connection, is gone, and the result with it.
            cause.addSuppressed(e);
        }
    }

    private static Connection connectionOf(Object given) {
        if (given instanceof Handle handle) {
            return handle.getConnection();
        } else if (given instanceof Connection connection) {
            return connection;
        }
        RowWriting.ensureOffered(given.getClass());
        throw new IllegalStateException("offered, and neither a Connection nor a Handle: " + given.getClass());
    }

    private TransitionOutcome completeIn(Connection connection, Lease lease, Payload result) {
        String own = ownStore();
        // A lease that was remembered before stays so, whatever this call does: its first transaction may be open.
        boolean forgettable = !completions.remembers(lease);
        remember(lease);
        return new Completion(sql.within(connection), lease, RecordMapper.asStored(result), forgettable).run(own);
    }

    private void checkConnection(Connection connection) {
        Database database;
        try {
            if (connection.getAutoCommit()) {
                throw new StoreException.Misconfigured(
                        "completeIn was given a connection with autocommit on, so that the result would commit by"
                                + " itself and not together with your rows. Nothing was written. Begin a transaction"
                                + " first (setAutoCommit(false)), or use complete");
            }
            database = Database.of(connection);
        } catch (MigrationException e) {
            throw new StoreException.Misconfigured(String.valueOf(e.getMessage()), e);
        } catch (SQLException e) {
            throw notWorking(e);
        }
        if (!database.directory().equals(sql.dialect().folder())) {
            throw new StoreException.Misconfigured("completeIn was given a connection to " + database
                    + ", and this store is on " + sql.dialect()
                    + ". Nothing was written. Give it a connection to the database that holds tg_idempotency");
        }
    }

    private static StoreException.Unavailable notWorking(SQLException e) {
        return new StoreException.Unavailable(
                "The connection given to completeIn does not work (" + SqlErrorKind.describe(e)
                        + "). Nothing was written by this call: roll your transaction back",
                SafeSqlException.of(e));
    }

    private String ownStore() {
        String known = store.get();
        return known == null ? readOwnStore() : known;
    }

    private String readOwnStore() {
        String found = retries.run(
                "a read of the store's identity",
                OnInterrupt.FINISH,
                () -> identity(sql).store());
        store.set(found);
        return found;
    }

    /** The store that a connection leads to, and whether the connection flushes its commits. */
    private record Identity(String store, boolean durable) {}

    private static Identity identity(SqlRunner on) {
        List<Identity> rows = on.read(
                Name.STORE_IDENTITY,
                s -> s,
                row -> new Identity(String.valueOf(row.getString("store")), row.getBoolean("durable")));
        return rows.isEmpty() ? new Identity("none", true) : rows.get(0);
    }

    private void remember(Lease lease) {
        if (!completions.remember(lease)) {
            forgetChanged();
            if (!completions.remember(lease)) {
                throw new StoreException.Full(
                        "More than " + completions.all().size() + " runs have written their results in"
                                + " transactions that are still open or were rolled back, and have not ended. Nothing"
                                + " was written by this call: roll your transaction back, and let runs end");
            }
        }
    }

    /** Forgets leases whose record has changed since: their completion is answered from the record. */
    private void forgetChanged() {
        List<Lease> all = completions.all();
        Map<RecordId, IdempotencyRecord> found =
                reads.peekAll(all.stream().map(Lease::id).toList());
        for (Lease lease : all) {
            IdempotencyRecord record = found.get(lease.id());
            if (record == null
                    || !record.token().equals(lease.token())
                    || record.state().isOutcomeKnown()) {
                completions.forget(lease);
            }
        }
    }

    /** Whether the result of {@code lease} was written in a caller's transaction whose outcome is not known yet. */
    public boolean decides(Lease lease) {
        return completions.remembers(lease);
    }

    /** Completes a run whose result was written in a caller's transaction: reads and confirms, never writes. */
    public TransitionOutcome confirm(Lease lease, Payload result) {
        Payload stored = RecordMapper.asStored(result);
        TransitionOutcome outcome = retries.run("the completion of " + lease.id(), OnInterrupt.FINISH, () -> {
            IdempotencyRecord current = reads.read(lease.id());
            Instant now = current == null ? Instant.EPOCH : current.readAt();
            Decision<TransitionOutcome> decision = ClaimMachine.complete(current, lease, stored, now);
            if (decision.next().isPresent()) {
                throw new StoreException.RolledBack("The result of attempt " + lease.fence() + " of " + lease.id()
                        + " was written in a transaction of its run, which did not commit, or has not yet: the record"
                        + " is "
                        + (current == null ? "gone" : current.state())
                        + ". The result is not stored without the rows that belong to it. Commit before the run"
                        + " returns, and let the run fail if its transaction was rolled back");
            }
            return current != null && completions.isReplicated(lease) && !reads.confirm(current)
                    ? null
                    : decision.outcome();
        });
        completions.forget(lease);
        return outcome;
    }

    /** Notes that the run has reported a failure, and the outcome of storing that. */
    public void failed(Lease lease, TransitionOutcome outcome) {
        RecordState state = outcome.fold(Applied::current, AlreadyApplied::current, lost -> RecordState.RETRYABLE);
        if (state == RecordState.IN_DOUBT) {
            // Race: the gate marks a run in doubt that lasts too long, and that run may still complete.
            completions.failed(lease);
        } else {
            completions.forget(lease);
        }
    }

    /** One call of {@code completeIn}. Used by one thread. */
    private final class Completion {
        private final SqlRunner within;
        private final Lease lease;
        private final Payload result;
        private final boolean forgettable;
        private final RecordReads readsWithin;

        Completion(SqlRunner within, Lease lease, Payload result, boolean forgettable) {
            this.within = within;
            this.lease = lease;
            this.result = result;
            this.forgettable = forgettable;
            this.readsWithin = new RecordReads(within, retries);
        }

        TransitionOutcome run(String own) {
            try {
                return decide(own);
            } catch (StoreException e) {
                throw e;
            } catch (RuntimeException e) {
                SQLException cause = RetryLoop.sqlCause(e);
                if (cause == null) {
                    throw e;
                }
                throw failure(cause);
            }
        }

        private TransitionOutcome decide(String own) {
            TransitionOutcome done = write(RecordState.IN_PROGRESS, own);
            String store = done == null ? checkStore(own) : own;
            for (int tries = 0; done == null && tries < TRIES; tries++) {
                IdempotencyRecord current = readsWithin.read(lease.id());
                Instant now = current == null ? Instant.EPOCH : current.readAt();
                Decision<TransitionOutcome> decision = ClaimMachine.complete(current, lease, result, now);
                if (current == null || decision.next().isEmpty()) {
                    return forgetIfLost(decision.outcome());
                }
                // Race: a claim may take the record between the read and this write, and then nothing is written.
                done = write(current.state(), store);
            }
            if (done == null) {
                throw new StoreException.Unavailable(
                        "The record of " + lease.id() + " kept changing, or your transaction cannot see the change"
                                + " (a stricter isolation level than READ COMMITTED). Nothing was written by this call:"
                                + " roll your transaction back and try it again",
                        null);
            }
            return done;
        }

        private @Nullable TransitionOutcome write(RecordState expected, String store) {
            List<TransitionOutcome> applied = within.write(
                    Name.COMPLETE_IN,
                    s -> s.bindNow()
                            .bindCompletion(result, null)
                            .bind("id", lease.id().toUuid())
                            .bind("token", lease.token().toUuid())
                            .bind("expected", expected.name())
                            .bind("store", store),
                    row -> {
                        completions.written(
                                lease, String.valueOf(row.getString("writer")), row.getBoolean("replicated"));
                        return new Applied(
                                expected,
                                RecordState.COMPLETED,
                                row.getLong("version"),
                                RecordMapper.requireTime(within.dialect().instant(row, "updated_at")));
                    });
            return applied.isEmpty() ? null : applied.get(0);
        }

        /** Refuses a connection to another store; returns the identity of the store that both connections lead to. */
        private String checkStore(String own) {
            Identity there = identity(within);
            if (!there.durable()) {
                forget();
                throw new StoreException.Misconfigured("completeIn was given a connection whose commits SQLite does not"
                        + " flush to disk, so that a crash could lose the result. Nothing was written by this call:"
                        + " roll back, and open your connections with synchronous=FULL");
            }
            if (there.store().equals(own) || there.store().equals(readOwnStore())) {
                return there.store();
            }
            forget();
            throw new StoreException.Misconfigured("completeIn was given a connection to another store: it leads to "
                    + there.store() + ", and this store is " + own
                    + " (its id, then the database and table, or the file). Nothing was written by this call: roll"
                    + " back, and use a connection to the same database, with the same schema first on its search path,"
                    + " or the same file");
        }

        private void forget() {
            if (forgettable) {
                completions.forget(lease);
            }
        }

        private TransitionOutcome forgetIfLost(TransitionOutcome outcome) {
            if (outcome instanceof LeaseLost) {
                forget();
            }
            return outcome;
        }

        private String advice(SQLException raw) {
            return sql.dialect() == Dialect.SQLITE
                    ? ""
                    : PostgresCause.of(raw).happened() + ". "
                            + PostgresCause.of(raw).remedy();
        }

        /** The lease stays remembered: its result must not be stored without the rows that will be rolled back. */
        private StoreException failure(SQLException raw) {
            SQLException cause = SafeSqlException.of(raw);
            String what =
                    "The completion of " + lease.id() + " in your transaction failed (" + SqlErrorKind.describe(raw)
                            + "). Roll your transaction back: neither the result nor its rows are stored. ";
            return switch (SqlErrorKind.of(raw)) {
                case REFUSED -> new StoreException.Refused(what + "The same result will be refused again", cause);
                case MISCONFIGURED ->
                    new StoreException.Misconfigured(
                            what + "The role of your connection needs SELECT and UPDATE on tg_idempotency and SELECT on"
                                    + " tg_store_info, and their schema on its search path. "
                                    + advice(raw),
                            cause);
                case DAMAGED ->
                    new StoreException.Corrupt(
                            what + "The database reports that it is damaged: restore it from a backup", cause);
                case ABORTED, NO_ROOM, UNCERTAIN ->
                    new StoreException.Unavailable(
                            what + "Once it is rolled back, it is safe to run it again from its beginning", cause);
            };
        }
    }
}
