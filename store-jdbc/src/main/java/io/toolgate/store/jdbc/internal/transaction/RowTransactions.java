package io.toolgate.store.jdbc.internal.transaction;

import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.Rows;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.jdbc.internal.error.SafeSqlException;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.operation.OperatorDecisions;
import io.toolgate.store.jdbc.internal.operation.PendingCompletions;
import io.toolgate.store.jdbc.internal.operation.RecordReads;
import io.toolgate.store.jdbc.internal.operation.RunCompletions;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.NotCommitted;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sql.SqlRunner.StatementFailed;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transitions to COMPLETED with the rows that belong to the result, in one transaction of the store's. They never share
 * a commit with other callers, whose writes would wait for the rows.
 *
 * <p>A try is:
 * <ol>
 *   <li>begin, and complete the record as without rows. That comes first: it locks the record, and a repetition finds
 *       there that an earlier try committed, before any row is written twice.
 *   <li>write the rows. A collision with another transaction, or a broken connection, ends the try, and another one
 *       begins from the start; any other error is the writer's.
 *   <li>check that the record is completed in this very transaction: a writer that ignores a failed statement, or ends
 *       the transaction, has lost it.
 *   <li>commit. Race: the answer is lost. The next try waits for the lock of the old transaction, and finds the record
 *       completed under its own token, and waits until that is replicated ({@code confirm.sql}); or not, and only then
 *       does it write rows again.
 * </ol>
 *
 * <p>Race: a heartbeat of the lease meets the lock on the record, and skips it. {@link PendingCompletions} knows the
 * lease meanwhile, so that it is not taken for lost.
 */
public final class RowTransactions {
    private static final Logger log = LoggerFactory.getLogger(RowTransactions.class);

    /** SQLSTATE "transaction resolution unknown". */
    private static final String RESOLUTION_UNKNOWN = "08007";

    private final SqlRunner sql;
    private final RetryLoop retries;
    private final PendingCompletions completions;
    private final TransactionalRuns transactions;

    public RowTransactions(
            SqlRunner sql, RetryLoop retries, PendingCompletions completions, TransactionalRuns transactions) {
        this.sql = sql;
        this.retries = retries;
        this.completions = completions;
        this.transactions = transactions;
    }

    /** Completes a run with its rows. */
    public TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
        Transition<TransitionOutcome> transition = new Transition<>(
                lease.id(),
                lease.token(),
                within -> RunCompletions.completeWithin(within, lease, result),
                outcome -> outcome instanceof TransitionOutcome.Applied applied ? applied.version() : 0,
                outcome -> repeated(outcome, lease),
                outcome -> true);
        completions.begin(lease);
        try {
            return run("the completion of " + lease.id() + " with its rows", transition, rows);
        } finally {
            completions.end(lease);
        }
    }

    /** Applies a decision with its rows. */
    public ResolveOutcome resolve(ResolveRequest request, Rows<?> rows) {
        Transition<ResolveOutcome> transition = new Transition<>(
                request.id(),
                request.token(),
                within -> OperatorDecisions.resolveWithin(within, request),
                outcome -> outcome instanceof ResolveOutcome.Resolved resolved ? resolved.version() : 0,
                outcome -> outcome instanceof ResolveOutcome.AlreadyResolved repeated ? repeated.version() : 0,
                outcome -> outcome instanceof ResolveOutcome.Resolved resolved && resolved.isCompletion());
        return run("the resolution of " + request.id() + " with its rows", transition, rows);
    }

    /**
     * A transition that completes a record.
     *
     * @param token the record's token after it
     * @param step makes it inside a transaction; null if the record moved meanwhile
     * @param version the record's version after an outcome that has just been written; 0 for any other
     * @param repeated the record's version of an outcome that an earlier try has written; 0 for any other
     * @param completes whether an outcome that has just been written completed the record, so that its rows are due;
     *     those of one that was completed before are written (rule 18)
     */
    private record Transition<T>(
            RecordId id,
            ClaimToken token,
            Function<SqlRunner, @Nullable T> step,
            ToLongFunction<T> version,
            ToLongFunction<T> repeated,
            Predicate<T> completes) {}

    private <T> T run(String what, Transition<T> transition, Rows<?> rows) {
        return retries.run(what, OnInterrupt.FINISH, () -> attempt(transition, rows));
    }

    private <T> @Nullable T attempt(Transition<T> transition, Rows<?> rows) {
        T outcome = inTransaction(transition, rows);
        long repeated = outcome == null ? 0 : transition.repeated().applyAsLong(outcome);
        return repeated > 0 && !RecordReads.confirm(sql, transition.id(), transition.token(), repeated)
                ? null
                : outcome;
    }

    /** The version of the record if {@code lease} has completed it before, whatever its result; else 0. */
    private static long repeated(TransitionOutcome outcome, Lease lease) {
        return outcome.fold(
                applied -> 0L,
                AlreadyApplied::version,
                lost -> lost.current()
                        .filter(record -> record.token().equals(lease.token()))
                        .map(IdempotencyRecord::version)
                        .orElse(0L));
    }

    private <T> @Nullable T inTransaction(Transition<T> transition, Rows<?> rows) {
        Connection connection = sql.open();
        boolean committed = false;
        try {
            T outcome = write(connection, transition, rows);
            if (outcome != null && transition.version().applyAsLong(outcome) > 0) {
                commit(connection);
                committed = true;
            }
            return outcome;
        } finally {
            TransactionalRun.release(sql, connection, committed);
        }
    }

    /** All of a try but its commit. */
    private <T> @Nullable T write(Connection connection, Transition<T> transition, Rows<?> rows) {
        try {
            connection.setAutoCommit(false);
            SqlRunner within = sql.withinAtOneTime(connection);
            T outcome = transition.step().apply(within);
            long version = outcome == null ? 0 : transition.version().applyAsLong(outcome);
            if (version > 0 && transition.completes().test(outcome)) {
                RecordId outer = transactions.enter(transition.id());
                try {
                    RowWriting.write(connection, rows);
                } finally {
                    transactions.exit(outer);
                }
                ensureCompletedHere(within, transition, version);
            }
            return outcome;
        } catch (SQLException | StatementFailed e) {
            throw new NotCommitted(e);
        }
    }

    private static <T> void ensureCompletedHere(SqlRunner within, Transition<T> transition, long version) {
        boolean here;
        Throwable cause = null;
        try {
            here = !within.read(
                            Name.COMPLETED_HERE,
                            s -> s.bind("id", transition.id().toUuid())
                                    .bind("token", transition.token().toUuid())
                                    .bind("version", version),
                            row -> row.getLong("version"))
                    .isEmpty();
        } catch (StatementFailed e) {
            SQLException failed = RetryLoop.sqlCause(e);
            if (failed == null || !SqlErrorKind.IN_FAILED_SQL_TRANSACTION.equals(failed.getSQLState())) {
                throw e;
            }
            here = false;
            cause = SafeSqlException.of(failed);
        }
        if (!here) {
            throw RowWriting.ended(cause);
        }
    }

    private void commit(Connection connection) {
        try {
            sql.commit(connection);
        } catch (SQLException e) {
            if (SqlErrorKind.UNREPLICATED.equals(e.getSQLState())) {
                throw new StatementFailed(e);
            }
            if (SqlErrorKind.isCollision(e)) {
                throw new NotCommitted(e);
            }
            if (SqlErrorKind.of(e) == SqlErrorKind.REFUSED) {
                throw RowWriting.failed(e);
            }
            log.debug("The commit of a result with its rows was not answered; the next try looks for it", e);
            throw new StatementFailed(
                    new SQLException("the commit was not answered", RESOLUTION_UNKNOWN, SafeSqlException.of(e)));
        }
    }
}
