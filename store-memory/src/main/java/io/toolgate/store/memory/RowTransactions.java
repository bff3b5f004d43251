package io.toolgate.store.memory;

import io.toolgate.Failure;
import io.toolgate.store.Rows;
import io.toolgate.store.StoreException;

/**
 * The transactions in which rows are written beside a record of this store. Immutable.
 *
 * @param type the type of the connections
 */
record RowTransactions<C>(Class<C> type, MemoryTransactions<C> source) {

    /** Transactions that are all the one that is open on {@code connection}, and ended by its owner. */
    RowTransactions<C> within(Object connection) {
        C open = type.cast(connection);
        return new RowTransactions<>(type, () -> open);
    }

    /** Whether {@code rows} are written through such connections. */
    boolean fit(Rows<?> rows) {
        return rows.connection() == type;
    }

    /**
     * Begins a transaction and writes {@code rows}, which {@link #fit}.
     *
     * @throws StoreException.RowsFailed if they cannot be written; the transaction is rolled back
     */
    @SuppressWarnings("unchecked") // Of this type: they fit.
    Open write(Rows<?> rows) {
        try {
            Open open = new Open(source.begin());
            try {
                ((Rows<C>) rows).writer().write(open.connection);
            } catch (Throwable e) {
                try {
                    open.rollBack();
                } catch (RuntimeException failed) {
                    e.addSuppressed(failed);
                }
                throw e;
            }
            return open;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static StoreException.RowsFailed failed(Throwable thrown) {
        if (thrown instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return new StoreException.RowsFailed(
                "The rows of the result could not be written (" + Failure.describe(thrown)
                        + "). Neither they nor the result are stored",
                thrown);
    }

    /** A transaction with rows in it. Used by one thread. */
    final class Open {
        private final C connection;

        private Open(C connection) {
            this.connection = connection;
        }

        void commit() {
            try {
                source.commit(connection);
            } catch (Throwable e) {
                throw failed(e);
            }
        }

        void rollBack() {
            try {
                source.rollback(connection);
            } catch (Throwable e) {
                throw failed(e);
            }
        }
    }
}
