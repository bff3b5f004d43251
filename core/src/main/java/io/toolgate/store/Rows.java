package io.toolgate.store;

import io.toolgate.internal.base.Preconditions;

/**
 * Rows that belong to a result: a store writes them in the very transaction that makes the record COMPLETED, through a
 * connection of that transaction. Immutable.
 *
 * @param <C> the type of the connection
 * @param connection the type of the connection, one that the store {@linkplain IdempotencyStore#offers offers}
 * @param writer writes the rows; a store that repeats a transaction that was rolled back calls it again
 */
public record Rows<C>(Class<C> connection, Writer<? super C> writer) {

    /** Refuses null. */
    public Rows {
        Preconditions.notNull(connection, "connection");
        Preconditions.notNull(writer, "writer");
    }

    /** Writes the rows of one result. */
    @FunctionalInterface
    public interface Writer<C> {
        /**
         * Writes the rows through {@code connection}, and neither commits nor rolls back. An exception rolls back rows
         * and result.
         */
        void write(C connection) throws Exception;
    }
}
