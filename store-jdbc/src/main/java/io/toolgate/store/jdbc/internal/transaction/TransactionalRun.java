package io.toolgate.store.jdbc.internal.transaction;

import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TransactionBody;
import io.toolgate.store.jdbc.TransactionOutcome;
import io.toolgate.store.jdbc.internal.commit.ClaimStatements;
import io.toolgate.store.jdbc.internal.commit.Write.ClaimAnswer;
import io.toolgate.store.jdbc.internal.error.SafeSqlException;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.operation.RecordReads;
import io.toolgate.store.jdbc.internal.operation.RunCompletions;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.NotCommitted;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sql.SqlRunner.StatementFailed;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of {@link JdbcIdempotencyStore#runInTransaction}, in as many tries as it takes, all with one token. Used by
 * one thread.
 *
 * <p>A try is:
 * <ol>
 *   <li>begin and claim. Race: of two calls for one key the second waits at the index, or at the row, and then finds
 *       the result or nothing.
 *   <li>run the body, and complete. The completion comes last, so that the database refuses it if a statement of the
 *       body failed and the body ignored that.
 *   <li>commit. A failure before the commit was sent means that nothing happened.
 * </ol>
 *
 * <p>Race: the answer to the commit is lost, and the old transaction may still be ending. The next try has the same
 * token, so its claim waits for that transaction and then finds either its own result, and waits until that is
 * replicated ({@code confirm.sql}), or nothing; only then does it run the body again.
 */
public final class TransactionalRun {
    private static final Logger log = LoggerFactory.getLogger(TransactionalRun.class);

    private final SqlRunner sql;
    private final Runnable guard;
    private final ClaimRequest request;
    private final long deadlineNanos;
    private final TransactionBody<Payload, ?> body;
    private final TransactionalRuns runs;

    /** The result of the latest try whose commit was not answered, and what that took over; null if there is none. */
    private @Nullable Pending pending;

    /** Whether the commit of the current try was answered, so that there is nothing to roll back. */
    private boolean committed;

    /** A result, and the claim that its try took over; null if there was no record. */
    private record Pending(Payload result, @Nullable ClaimToken overToken, long overVersion) {
        boolean tookOver(IdempotencyRecord record) {
            return record.token().equals(overToken) && record.version() == overVersion;
        }
    }

    /** Result of a try. */
    sealed interface Answer {
        /** The outcome of the call. */
        record Decided(TransactionOutcome outcome) implements Answer {}

        /** The body threw this, and everything was rolled back. */
        record Thrown(Throwable thrown) implements Answer {}

        /** The commit was sent and not answered. */
        record CommitUnknown(SQLException cause) implements Answer {}
    }

    TransactionalRun(
            SqlRunner sql,
            Runnable guard,
            ClaimRequest request,
            long deadlineNanos,
            TransactionBody<Payload, ?> body,
            TransactionalRuns runs) {
        this.sql = sql;
        this.guard = guard;
        this.request = request;
        this.deadlineNanos = deadlineNanos;
        this.body = body;
        this.runs = runs;
    }

    RecordId id() {
        return request.id();
    }

    /** Returns the outcome that {@code record} already decides; empty if it may be claimed, or there is none. */
    static Optional<TransactionOutcome> decided(@Nullable IdempotencyRecord record, ClaimRequest request) {
        if (record == null) {
            return Optional.empty();
        }
        return decided(ClaimMachine.claim(record, request, record.readAt()).outcome());
    }

    private static Optional<TransactionOutcome> decided(ClaimOutcome claim) {
        return claim.fold(
                acquired -> Optional.empty(),
                busy -> Optional.of(new TransactionOutcome.Busy(busy.expected())),
                paused -> Optional.of(new TransactionOutcome.Busy(paused.remaining())),
                finished -> Optional.of(finished(finished.record())),
                // Also if the lease has expired and the record is not marked yet: this call does not mark it.
                inDoubt -> Optional.of(new TransactionOutcome.InDoubt(
                        Objects.requireNonNull(inDoubt.record().failure()),
                        inDoubt.record().updatedAt(),
                        inDoubt.record().numbers().attempt())),
                mismatched -> Optional.of(new TransactionOutcome.Mismatched(mismatched.record())));
    }

    private static TransactionOutcome finished(IdempotencyRecord record) {
        return record.state() == RecordState.COMPLETED
                ? new TransactionOutcome.Replayed(Objects.requireNonNull(record.result()))
                : new TransactionOutcome.Rejected(Objects.requireNonNull(record.failure()));
    }

    /** One try; null if the record changed meanwhile. */
    @Nullable
    Answer attempt() {
        guard.run();
        Connection connection = sql.open();
        committed = false;
        try {
            connection.setAutoCommit(false);
            return attempt(connection);
        } catch (SQLException e) {
            throw new NotCommitted(e);
        } finally {
            release(sql, connection, committed);
        }
    }

    private @Nullable Answer attempt(Connection connection) throws SQLException {
        SqlRunner within = sql.within(connection);
        ClaimStatements steps = new ClaimStatements(within, request);
        ClaimAnswer found;
        try {
            found = steps.insertOrRead();
        } catch (RuntimeException e) {
            return busyOr(e);
        }
        if (found == null) {
            return null;
        }
        IdempotencyRecord current = found.record();
        if (current == null) {
            return runAndCommit(connection, within, new Lease(id(), request.token(), 1), null);
        }
        if (current.token().equals(request.token())) {
            return own(connection, within, current);
        }
        Decision<ClaimOutcome> decision = ClaimMachine.claim(current, request, current.readAt());
        Optional<TransactionOutcome> decided = decided(decision.outcome());
        IdempotencyRecord next = decision.write();
        if (decided.isPresent() || next == null) {
            return mayBeShown(connection, within, current) ? new Answer.Decided(decided.orElseThrow()) : null;
        }
        if (pending != null && !pending.tookOver(current)) {
            // The earlier try may have committed and been retired since: running again is an operator's decision.
            throw new StoreException.Unavailable(
                    "The answer to the commit of " + id()
                            + " was lost, and its record was released or retired since: it"
                            + " is unknown whether it happened. Call again with the same key, or read its history",
                    null);
        }
        try {
            if (!steps.take(current, next)) {
                return null;
            }
        } catch (RuntimeException e) {
            return busyOr(e);
        }
        return runAndCommit(connection, within, new Lease(id(), request.token(), current.fence() + 1), current);
    }

    /** The answer for a claim that failed, perhaps because another transaction held the key until the deadline. */
    private Answer busyOr(RuntimeException e) {
        SQLException cause = RetryLoop.sqlCause(e);
        String state = cause == null ? null : cause.getSQLState();
        boolean waited = SqlErrorKind.LOCK_NOT_AVAILABLE.equals(state) || SqlErrorKind.QUERY_CANCELED.equals(state);
        if (waited && pending == null && System.nanoTime() - deadlineNanos >= 0) {
            return new Answer.Decided(new TransactionOutcome.Busy(Duration.ZERO));
        }
        throw cause == null ? e : new NotCommitted(e);
    }

    /** The record shows the token of this call: an earlier try committed, which a failover must not forget. */
    private @Nullable Answer own(Connection connection, SqlRunner within, IdempotencyRecord current) {
        if (pending == null || current.state() != RecordState.COMPLETED) {
            throw bodyEndedTransaction();
        }
        if (!RecordReads.confirm(within, id(), current.token(), current.version())) {
            return null;
        }
        try {
            sql.commit(connection);
            committed = true;
        } catch (SQLException e) {
            throw new StatementFailed(e);
        }
        return new Answer.Decided(new TransactionOutcome.Executed(pending.result()));
    }

    /** As {@link RecordReads} has it of what callers may be shown, in this transaction, which then is committed. */
    private boolean mayBeShown(Connection connection, SqlRunner within, IdempotencyRecord read) throws SQLException {
        long unreplicated = sql.unreplicated();
        if (unreplicated == 0 || !read.state().isFinished()) {
            return true;
        }
        if (!RecordReads.confirm(within, id(), read.token(), read.version())) {
            return false;
        }
        sql.commit(connection);
        committed = true;
        sql.replicated(unreplicated);
        return true;
    }

    private Answer runAndCommit(
            Connection connection, SqlRunner within, Lease lease, @Nullable IdempotencyRecord over) {
        // This claim succeeded on what the previous try had claimed, so the previous try did not commit.
        pending = null;
        BodyConnection guarded = new BodyConnection(connection, "The body of runInTransaction");
        Payload result;
        try {
            result = runBody(guarded);
        } catch (Throwable e) {
            SQLException cause = e instanceof Exception ? RetryLoop.sqlCause(e) : null;
            if (cause != null && SqlErrorKind.isCollision(cause)) {
                throw new NotCommitted(e);
            }
            return new Answer.Thrown(e);
        }
        refuseIfEnded(guarded);
        complete(within, lease, result);
        try {
            sql.commit(connection);
            committed = true;
        } catch (SQLException e) {
            return notCommittedOrUnknown(
                    e,
                    new Pending(
                            RecordMapper.asStored(result),
                            over == null ? null : over.token(),
                            over == null ? 0 : over.version()));
        }
        return new Answer.Decided(new TransactionOutcome.Executed(RecordMapper.asStored(result)));
    }

    private void refuseIfEnded(BodyConnection guarded) {
        try {
            if (guarded.endedByBody()) {
                throw bodyEndedTransaction();
            }
        } catch (SQLException e) {
            // Of a transaction that a failed statement has aborted, the completion tells.
            if (!SqlErrorKind.IN_FAILED_SQL_TRANSACTION.equals(e.getSQLState())) {
                throw new NotCommitted(e);
            }
        }
    }

    private Payload runBody(BodyConnection guarded) throws Exception {
        RecordId outer = runs.enter(id());
        try (Handle handle = RowWriting.handle(guarded.proxy())) {
            return Objects.requireNonNull(
                    body.run(handle), "the result of the body of runInTransaction is null; pass a value");
        } finally {
            runs.exit(outer);
        }
    }

    private void complete(SqlRunner within, Lease lease, Payload result) {
        boolean done;
        try {
            done = RunCompletions.completeOnce(within, lease, result) != null;
        } catch (RuntimeException e) {
            SQLException cause = RetryLoop.sqlCause(e);
            if (cause != null && SqlErrorKind.IN_FAILED_SQL_TRANSACTION.equals(cause.getSQLState())) {
                throw new StoreException.Refused(
                        "A statement of the body of " + id() + " failed, and the body ignored that. The database has"
                                + " aborted the transaction, and all of it was rolled back. Let the body rethrow the"
                                + " exceptions of its statements, or put a savepoint around those that may fail",
                        SafeSqlException.of(cause));
            }
            throw cause == null ? e : new NotCommitted(e);
        }
        if (!done) {
            throw bodyEndedTransaction();
        }
    }

    private StoreException bodyEndedTransaction() {
        return new StoreException.Refused(
                "The transaction of " + id() + " was ended while its body ran, by a statement of the body, or by the"
                        + " database after one that failed. What the body wrote may be there, without its result: check"
                        + " it, and leave ending the transaction to the store",
                null);
    }

    private Answer notCommittedOrUnknown(SQLException e, Pending unanswered) {
        if (SqlErrorKind.isCollision(e)) {
            throw new NotCommitted(e);
        }
        if (SqlErrorKind.of(e) == SqlErrorKind.REFUSED) {
            throw new StoreException.Refused(
                    "The database refused to commit " + id() + " (" + SqlErrorKind.describe(e)
                            + "): a deferred constraint was violated. Nothing was written",
                    SafeSqlException.of(e));
        }
        log.debug("The commit of {} was not answered; the next try looks for its result", id(), e);
        pending = unanswered;
        return new Answer.CommitUnknown(SafeSqlException.of(e));
    }

    /**
     * Rolls back what was not committed, and returns the connection. A failure here changes no answer. If the rollback
     * fails, autocommit stays off: switching it on would commit, and a pool rolls back a connection that is returned
     * like that. SQLite's connection is the only writer, and is repaired by {@link SqlRunner#rollBack}.
     */
    static void release(SqlRunner sql, Connection connection, boolean committed) {
        try {
            try {
                if (sql.dialect() == Dialect.SQLITE) {
                    if (!committed) {
                        rollBackSqlite(connection);
                    }
                } else if (!connection.getAutoCommit()) {
                    connection.rollback();
                    connection.setAutoCommit(true);
                }
            } finally {
                sql.close(connection);
            }
        } catch (Exception e) {
            log.debug("Returned a broken connection to the pool", e);
        }
    }

    private static void rollBackSqlite(Connection connection) {
        SQLException errors = new SQLException("errors of the rollback; there may have been nothing to roll back");
        SqlRunner.rollBack(connection, errors);
        if (errors.getSuppressed().length > 0) {
            log.debug("A transaction was ended despite errors", errors);
        }
    }
}
