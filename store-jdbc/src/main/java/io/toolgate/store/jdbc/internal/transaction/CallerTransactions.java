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
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.jdbc.internal.operation.PendingCompletions;
import io.toolgate.store.jdbc.internal.operation.RecordReads;
import io.toolgate.store.jdbc.internal.sql.InFlightCalls;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SafeSqlException;
import io.toolgate.store.jdbc.internal.sql.SqlErrorKind;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Completions inside transactions of callers', and what the runtime is told when it then asks for the same completion.
 *
 * <p>The caller begins, commits and rolls back; here is one statement in between. Whether it committed is never taken from the
 * caller, nor from what its driver said: the record is read, on a connection of our own.
 */
public final class CallerTransactions {
    private static final int LOOKS = 3;

    private final SqlRunner statements;
    private final RecordReads reads;
    private final RetryLoop attempts;
    private final InFlightCalls inFlight;
    private final PendingCompletions completions;

    /** Which store this is, once it was asked; it changes only when the database is restored or moved. */
    private final AtomicReference<@Nullable String> store = new AtomicReference<>();

    public CallerTransactions(
            SqlRunner statements,
            RecordReads reads,
            RetryLoop attempts,
            InFlightCalls inFlight,
            PendingCompletions completions) {
        this.statements = statements;
        this.reads = reads;
        this.attempts = attempts;
        this.inFlight = inFlight;
        this.completions = completions;
    }

    public TransitionOutcome completeIn(Connection connection, Lease lease, Payload result) {
        inFlight.enter();
        try {
            checkConnection(connection);
            String own = ownStore();
            // One that was remembered before stays so, whatever becomes of this call: its first transaction may be
            // open.
            boolean forgettable = !completions.remembers(lease);
            remember(lease);
            return new OneCompletion(statements.within(connection), lease, RecordMapper.asStored(result), forgettable)
                    .run(own);
        } finally {
            inFlight.exit();
        }
    }

    private void checkConnection(Connection connection) {
        Database database;
        try {
            if (connection.getAutoCommit()) {
                throw new StoreException.Misconfigured(
                        "completeIn was given a connection with autocommit on, so that the"
                                + " result would commit by itself and not together with your rows. Nothing was written. Begin a"
                                + " transaction first (setAutoCommit(false)), or use complete");
            }
            database = Database.of(connection);
        } catch (MigrationException e) {
            throw new StoreException.Misconfigured(String.valueOf(e.getMessage()), e);
        } catch (SQLException e) {
            throw new StoreException.Unavailable(
                    "The connection given to completeIn does not work (" + SqlErrorKind.describe(e)
                            + "). Nothing was written by this call: roll your transaction back",
                    SafeSqlException.of(e));
        }
        if (!database.directory().equals(statements.dialect().folder())) {
            throw new StoreException.Misconfigured("completeIn was given a connection to " + database
                    + ", and this store is on " + statements.dialect()
                    + ". Nothing was written. Give it a connection to the database that holds tg_idempotency");
        }
    }

    private String ownStore() {
        String known = store.get();
        return known == null ? askOwnStore() : known;
    }

    private String askOwnStore() {
        String found = attempts.run(
                "a look at the store's identity",
                OnInterrupt.FINISH,
                () -> identity(statements).store());
        store.set(found);
        return found;
    }

    /** Which store a connection leads to, and whether its commits are flushed. */
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
            sweep();
            if (!completions.remember(lease)) {
                throw new StoreException.Full(
                        "The results of more than " + completions.all().size() + " runs were"
                                + " written in transactions that are open still or were rolled back, and whose runs have not"
                                + " ended. Nothing was written by this call: roll your transaction back, and let runs end");
            }
        }
        if (!completions.awaitEarlierHeartbeats(lease, attempts.budget())) {
            completions.forget(lease);
            throw new StoreException.Unavailable(
                    "A heartbeat of " + lease.id() + " did not end within " + attempts.budget()
                            + ". Nothing was written by this call: roll your transaction back. Look at the database",
                    null);
        }
    }

    /** Forgets those whose records moved on: whoever ends them is answered by the record. */
    private void sweep() {
        List<Lease> all = completions.all();
        Map<RecordId, IdempotencyRecord> found =
                reads.peekAll(all.stream().map(Lease::id).toList());
        for (Lease lease : all) {
            IdempotencyRecord record = found.get(lease.id());
            if (record == null
                    || !record.token().equals(lease.token())
                    || record.state().isEnded()) {
                completions.forget(lease);
            }
        }
    }

    /** Whether the result of {@code lease} was written in a caller's transaction whose end is not known here. */
    public boolean decides(Lease lease) {
        return completions.remembers(lease);
    }

    /** What a completion is answered whose result was written in a caller's transaction: it is confirmed, never written. */
    public TransitionOutcome confirm(Lease lease, Payload result) {
        Payload stored = RecordMapper.asStored(result);
        TransitionOutcome outcome = attempts.run("the completion of " + lease.id(), OnInterrupt.FINISH, () -> {
            IdempotencyRecord current = reads.read(lease.id());
            Instant now = current == null ? Instant.EPOCH : current.readAt();
            Decision<TransitionOutcome> decision = ClaimMachine.complete(current, lease, stored, now);
            if (decision.next().isPresent()) {
                throw new StoreException.RolledBack("The result of attempt " + lease.fence() + " of " + lease.id()
                        + " was written in a transaction of the run's own, and that transaction did not commit, or has"
                        + " not yet: the record is " + (current == null ? "gone" : current.state())
                        + ". The result is not stored apart from the rows that belong to it. Commit before the run"
                        + " returns, and let the run fail if its transaction was rolled back");
            }
            return decision.outcome();
        });
        completions.forget(lease);
        return outcome;
    }

    /** Takes note that the run said how it failed, and what that came to. */
    public void failed(Lease lease, TransitionOutcome outcome) {
        RecordState state = outcome.fold(Applied::current, AlreadyApplied::current, lost -> RecordState.RETRYABLE);
        if (state == RecordState.IN_DOUBT) {
            // Race: the runtime puts a run in doubt that lasts too long, and that run may still say that it is done.
            completions.failed(lease);
        } else {
            completions.forget(lease);
        }
    }

    /** One call. Used by one thread. */
    private final class OneCompletion {
        private final SqlRunner within;
        private final Lease lease;
        private final Payload result;
        private final boolean forgettable;
        private final RecordReads readsWithin;

        OneCompletion(SqlRunner within, Lease lease, Payload result, boolean forgettable) {
            this.within = within;
            this.lease = lease;
            this.result = result;
            this.forgettable = forgettable;
            this.readsWithin = new RecordReads(within, attempts);
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
            for (int look = 0; done == null && look < LOOKS; look++) {
                IdempotencyRecord current = readsWithin.read(lease.id());
                Instant now = current == null ? Instant.EPOCH : current.readAt();
                Decision<TransitionOutcome> decision = ClaimMachine.complete(current, lease, result, now);
                if (current == null || decision.next().isEmpty()) {
                    return settled(decision.outcome());
                }
                // Race: a claim may take the record between the read and this write, and then nothing is written.
                done = write(current.state(), store);
            }
            if (done == null) {
                throw new StoreException.Unavailable(
                        "Others kept moving the record of " + lease.id()
                                + ", or your transaction does not see how it moved. Nothing was written by this call:"
                                + " roll your transaction back and try it again",
                        null);
            }
            return done;
        }

        private @Nullable TransitionOutcome write(RecordState expected, String store) {
            List<TransitionOutcome> applied = within.write(
                    Name.COMPLETE_IN,
                    s -> s.bindNow()
                            .bindEnd(result, null)
                            .bind("id", lease.id().toUuid())
                            .bind("token", lease.token().toUuid())
                            .bind("expected", expected.name())
                            .bind("store", store),
                    row -> {
                        completions.written(lease, String.valueOf(row.getString("writer")));
                        return new Applied(
                                expected,
                                RecordState.COMPLETED,
                                row.getLong("version"),
                                RecordMapper.requireTime(within.dialect().instant(row, "updated_at")));
                    });
            return applied.isEmpty() ? null : applied.get(0);
        }

        /** Refuses a connection to another store, and gives the identity of the one that both connections lead to. */
        private String checkStore(String own) {
            Identity there = identity(within);
            if (!there.durable()) {
                forget();
                throw new StoreException.Misconfigured("completeIn was given a connection whose commits SQLite does not"
                        + " flush to disk, so that a crash could forget the result. Nothing was written by this call:"
                        + " roll back, and open your connections with synchronous=FULL");
            }
            if (there.store().equals(own) || there.store().equals(askOwnStore())) {
                return there.store();
            }
            forget();
            throw new StoreException.Misconfigured("completeIn was given a connection to another store: it leads to "
                    + there.store() + ", and this store is " + own
                    + " (its id, then the database and table, or the file). Nothing was written by this call: roll back,"
                    + " and use a connection to the same database, with the same schema first on its search path, or the"
                    + " same file");
        }

        private void forget() {
            if (forgettable) {
                completions.forget(lease);
            }
        }

        private TransitionOutcome settled(TransitionOutcome outcome) {
            if (outcome instanceof LeaseLost) {
                forget();
            }
            return outcome;
        }

        /** The lease stays remembered: a result must not be stored whose rows are about to be rolled back. */
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
                                    + " tg_store_info, and their schema on its search path",
                            cause);
                case DAMAGED ->
                    new StoreException.Corrupt(
                            what + "The database says that it is damaged: restore it from a backup", cause);
                case ABORTED, NO_ROOM, UNCERTAIN ->
                    new StoreException.Unavailable(
                            what + "Running the transaction again from its beginning is safe once it was rolled back",
                            cause);
            };
        }
    }
}
