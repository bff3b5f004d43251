package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sql.SqlRunner.StatementFailed;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Group commit on SQLite: one transaction on the writing connection, one statement for each write. A statement that
 * violates a constraint is undone by SQLite alone, so that the others of its commit go on.
 */
public final class SqliteGroupWrites implements WriteBackend {
    /**
     * How long the position at the head of the queue is held over several commits. Handing over to another process
     * takes as long as several commits; a round of many processes must fit into the time that a writer waits in the
     * queue.
     */
    private static final long HELD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final SqlRunner sql;
    private final SingleStatementWrites single;

    // Only touched by the thread of the commit lane.
    private boolean held;
    private long heldSince;

    SqliteGroupWrites(SqlRunner sql, SingleStatementWrites single) {
        this.sql = sql;
        this.single = single;
    }

    @Override
    public <A> @Nullable A alone(Write<A> write) {
        return single.write(write);
    }

    @Override
    public boolean canShare(Write<?> write) {
        return true;
    }

    @Override
    public void together(List<PendingWrite<?>> writes) throws SQLException {
        if (!held) {
            sql.queue().enter();
            held = true;
            heldSince = System.nanoTime();
        }
        try {
            writeTogether(writes);
        } finally {
            if (System.nanoTime() - heldSince >= HELD_NANOS) {
                pause();
            }
        }
    }

    @Override
    public void pause() {
        if (held) {
            held = false;
            sql.queue().exit();
        }
    }

    private void writeTogether(List<PendingWrite<?>> writes) {
        List<Runnable> answers;
        try {
            answers = sql.transaction(transaction -> writeAll(new SingleStatementWrites(transaction.runner()), writes));
        } catch (StatementFailed e) {
            SQLException cause = RetryLoop.sqlCause(e);
            if (cause == null || !SqlErrorKind.isCollision(cause)) {
                throw e;
            }
            // Race: another process has locked the file. Written alone, the writes would wait for it one after another;
            // each caller retries after a pause of its own instead, and they share a commit again.
            writes.forEach(pending -> pending.fail(cause));
            return;
        }
        answers.forEach(Runnable::run);
    }

    private static List<Runnable> writeAll(SingleStatementWrites within, List<PendingWrite<?>> writes) {
        List<Runnable> answers = new ArrayList<>(writes.size());
        for (PendingWrite<?> pending : writes) {
            answers.add(write(within, pending));
        }
        return answers;
    }

    /** Executes one write; the returned action answers it after the commit. */
    private static <A> Runnable write(SingleStatementWrites within, PendingWrite<A> pending) {
        try {
            A answer = within.write(pending.write());
            return () -> pending.answer(answer);
        } catch (StatementFailed e) {
            SQLException cause = RetryLoop.sqlCause(e);
            if (cause == null || takesSeveral(pending.write()) || !endsStatementOnly(cause)) {
                throw e;
            }
            return () -> pending.fail(cause);
        }
    }

    /** Whether statements of the write stand in the transaction that must not be committed without the failed one. */
    private static boolean takesSeveral(Write<?> write) {
        return write instanceof Write.Claim claim && claim.request().input() != null;
    }

    /**
     * Whether the failed statement was undone, and the transaction stands as before it. Any other error may have ended
     * the transaction, so that the next statement would commit by itself; so may an error that a foreign trigger
     * raises.
     */
    private static boolean endsStatementOnly(SQLException e) {
        return e instanceof SQLiteException sqlite
                && sqlite.getResultCode() != SQLiteErrorCode.SQLITE_CONSTRAINT_TRIGGER
                && SqlErrorKind.of(e) == SqlErrorKind.REFUSED;
    }
}
