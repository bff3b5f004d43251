package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.jdbc.internal.sql.SqlRunner.StatementFailed;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a database is written to: one write in a commit of its own, or many that share one. */
public interface WriteBackend {
    /**
     * Writes in a commit of its own, on the caller's thread.
     *
     * @return the answer after the commit; null as the kind of write says
     * @throws StatementFailed or {@link org.jdbi.v3.core.ConnectionException} with the error of the driver's
     */
    <A> @Nullable A alone(Write<A> write);

    /** Whether {@code write} can share a commit at all. */
    boolean canShare(Write<?> write);

    /**
     * Writes what is given in one commit, on the thread of a {@link GroupCommit}. Answers nobody before that commit succeeded.
     * The writes are about different records. A write that breaks its statement, and not the transaction, is
     * {@linkplain PendingWrite#fail failed} alone.
     *
     * @throws SQLException if nothing was answered: the commit did not happen, or is not known to have happened
     * @throws RuntimeException likewise
     */
    void together(List<PendingWrite<?>> writes) throws SQLException;

    /** There is nothing to write for now: gives back what was kept for the next commit. On the thread that writes together. */
    default void pause() {}
}
