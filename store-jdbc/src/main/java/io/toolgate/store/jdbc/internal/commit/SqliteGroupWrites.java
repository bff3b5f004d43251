package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.SqlErrorKind;
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
 * SQLite's writes. Those that share a commit are a transaction on the one connection that writes: each its own statement, which
 * SQLite undoes by itself if it breaks a rule of the schema, so that the others go on.
 */
public final class SqliteGroupWrites implements WriteBackend {
    /**
     * How long a turn is kept over several commits. Handing it over to another process takes as long as several of them; a round of
     * many processes must be over within the patience of a turn.
     */
    private static final long KEPT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final SqlRunner statements;
    private final SingleStatementWrites single;

    // Of the thread that writes together.
    private boolean kept;
    private long keptSince;

    SqliteGroupWrites(SqlRunner statements) {
        this.statements = statements;
        this.single = new SingleStatementWrites(statements);
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
        if (!kept) {
            statements.turn().enter();
            kept = true;
            keptSince = System.nanoTime();
        }
        try {
            writeTogether(writes);
        } finally {
            if (System.nanoTime() - keptSince >= KEPT_NANOS) {
                pause();
            }
        }
    }

    @Override
    public void pause() {
        if (kept) {
            kept = false;
            statements.turn().exit();
        }
    }

    private void writeTogether(List<PendingWrite<?>> writes) {
        List<Runnable> answers;
        try {
            answers = statements.transaction(
                    transaction -> writeAll(new SingleStatementWrites(transaction.statements()), writes));
        } catch (StatementFailed e) {
            SQLException cause = RetryLoop.sqlCause(e);
            if (cause == null || !SqlErrorKind.isCollision(cause)) {
                throw e;
            }
            // Somebody outside has the file, so alone all of them would wait for it one after the other. Each tries
            // again after a pause of its own, and finds the others here.
            writes.forEach(shared -> shared.fail(cause));
            return;
        }
        answers.forEach(Runnable::run);
    }

    private static List<Runnable> writeAll(SingleStatementWrites within, List<PendingWrite<?>> writes) {
        List<Runnable> answers = new ArrayList<>(writes.size());
        for (PendingWrite<?> shared : writes) {
            answers.add(write(within, shared));
        }
        return answers;
    }

    /** Writes one of them, and says what to do once it is committed. */
    private static <A> Runnable write(SingleStatementWrites within, PendingWrite<A> shared) {
        try {
            A answer = within.write(shared.write());
            return () -> shared.answer(answer);
        } catch (StatementFailed e) {
            SQLException cause = RetryLoop.sqlCause(e);
            if (cause == null || !endsStatementOnly(cause)) {
                throw e;
            }
            return () -> shared.fail(cause);
        }
    }

    /**
     * Whether {@code e} undid the statement that it broke, and left the transaction as it was before that. What else goes wrong may
     * have ended the transaction, and the next statement would commit by itself; so does what a trigger of somebody else's
     * raises.
     */
    private static boolean endsStatementOnly(SQLException e) {
        return e instanceof SQLiteException sqlite
                && sqlite.getResultCode() != SQLiteErrorCode.SQLITE_CONSTRAINT_TRIGGER
                && SqlErrorKind.of(e) == SqlErrorKind.REFUSED;
    }
}
