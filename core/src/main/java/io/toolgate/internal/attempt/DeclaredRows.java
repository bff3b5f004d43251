package io.toolgate.internal.attempt;

import io.toolgate.Completion;
import io.toolgate.PaidAction;
import io.toolgate.PaidAction.StoredRows;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Rows;
import io.toolgate.store.StoreException;
import org.jspecify.annotations.Nullable;

/** The rows that an action declares to be stored with its results. */
public final class DeclaredRows {
    private DeclaredRows() {}

    /** The rows of {@code completion}; null if the action declares none. */
    public static <R extends @Nullable Object> @Nullable Rows<?> of(PaidAction<?, R> action, Completion<R> completion) {
        StoredRows<?, R> declared = action.rows().orElse(null);
        return declared == null ? null : bind(declared, completion);
    }

    private static <C, R extends @Nullable Object> Rows<C> bind(StoredRows<C, R> declared, Completion<R> completion) {
        return new Rows<>(declared.connection(), connection -> declared.writer().write(connection, completion));
    }

    /**
     * Refuses an action whose rows {@code store} cannot write: found out after the effect, it would be too late.
     *
     * @throws StoreException.Misconfigured if it cannot
     */
    public static void ensureOffered(IdempotencyStore store, PaidAction<?, ?> action) {
        StoredRows<?, ?> declared = action.rows().orElse(null);
        if (declared != null && !store.offers(declared.connection())) {
            throw new StoreException.Misconfigured(action + " stores rows with its results through a "
                    + declared.connection().getName() + ", which the gate's store, "
                    + store.getClass().getName()
                    + ", does not offer. Nothing was run by this call: use a store that does (the JDBC store offers"
                    + " java.sql.Connection and Jdbi's Handle; a memory store offers what its builder is given), or"
                    + " declare storing(…) with another type");
        }
    }
}
