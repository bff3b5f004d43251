package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.jdbc.internal.sql.SqlRunner.StatementFailed;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Executes writes on one kind of database: one write in a commit of its own, or many in a shared commit. */
public interface WriteBackend {
    /**
     * Writes in a commit of its own, on the caller's thread.
     *
     * @return the answer after the commit; null as the kind of write says
     * @throws StatementFailed or {@link org.jdbi.v3.core.ConnectionException} with the driver's error
     */
    <A> @Nullable A alone(Write<A> write);

    /** Whether {@code write} can share a commit at all. */
    boolean canShare(Write<?> write);

    /**
     * Executes {@code writes}, which are about different records, in one commit on the thread of a commit lane, and
     * answers them after it. A write whose statement fails without ending the transaction is
     * {@linkplain PendingWrite#fail failed} alone.
     *
     * @throws SQLException if no write was answered: the commit did not happen, or its result is unknown
     * @throws RuntimeException likewise
     */
    void together(List<PendingWrite<?>> writes) throws SQLException;

    /** The lane has nothing to write: releases what was held for the next commit. Called on the thread of the lane. */
    default void pause() {}
}
