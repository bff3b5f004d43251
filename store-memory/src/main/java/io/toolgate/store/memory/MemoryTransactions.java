package io.toolgate.store.memory;

/**
 * Transactions in which the rows of a result are written; see {@link MemoryIdempotencyStore.Builder#transactions}. What
 * a connection is, is up to the test: a JDBC connection to a database in memory, a mock, or a list.
 *
 * @param <C> the type of the connection
 */
@FunctionalInterface
public interface MemoryTransactions<C> {
    /** Returns a connection with a transaction begun. */
    C begin() throws Exception;

    /** Commits the transaction of {@code connection}, and gives the connection back. Default: does nothing. */
    default void commit(C connection) throws Exception {}

    /** Rolls the transaction of {@code connection} back, and gives the connection back. Default: does nothing. */
    default void rollback(C connection) throws Exception {}
}
