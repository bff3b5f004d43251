package io.toolgate.store.jdbc;

import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * An effect that consists only of rows in the store's own database, and its result.
 *
 * <p>It may run several times, each time after all that the time before wrote was rolled back; so it must do nothing
 * that a rollback does not undo. It works on the handle it is given and on no other connection, leaves beginning and
 * ending transactions to the store (it may use savepoints), and throws database errors on. While it runs, it holds a
 * connection, its key and every row it wrote: keep it short.
 *
 * @param <T> the type of its result
 * @param <X> the type of its exceptions, which are thrown on to the caller unchanged
 */
@FunctionalInterface
public interface TransactionBody<T extends @Nullable Object, X extends Exception> {
    /** Executes the effect, and returns its result. */
    T run(Handle handle) throws X;
}
