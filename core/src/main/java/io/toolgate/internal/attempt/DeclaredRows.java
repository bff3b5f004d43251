package io.toolgate.internal.attempt;

import io.toolgate.Completion;
import io.toolgate.Completion.By;
import io.toolgate.PaidAction;
import io.toolgate.PaidAction.StoredRows;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.Rows;
import io.toolgate.store.StoreException;
import org.jspecify.annotations.Nullable;

/** The rows that an action declares to be stored with its results. */
public final class DeclaredRows {
    private DeclaredRows() {}

    /**
     * The rows of a completion; null if the action declares none.
     *
     * @param input the stored input, if there is one. Decoded where the rows are written: one that cannot be decoded
     *     is a failure of the rows
     */
    public static <I extends @Nullable Object, R extends @Nullable Object> @Nullable Rows<?> of(
            PaidAction<I, R> action, RecordId id, long number, @Nullable Payload input, R result, By by) {
        StoredRows<?, I, R> declared = action.rows().orElse(null);
        return declared == null ? null : bind(action, declared, id, number, input, result, by);
    }

    private static <C, I extends @Nullable Object, R extends @Nullable Object> Rows<C> bind(
            PaidAction<I, R> action,
            StoredRows<C, I, R> declared,
            RecordId id,
            long number,
            @Nullable Payload input,
            R result,
            By by) {
        return new Rows<>(declared.connection(), connection -> {
            I decoded = input == null ? null : RememberedInput.decode(action, id, input);
            declared.writer().write(connection, new Completion<>(id, number, decoded, result, by));
        });
    }

    /**
     * Refuses an action whose rows {@code store} cannot write: found out after the effect, it would be too late.
     *
     * @throws StoreException.Misconfigured if it cannot
     */
    public static void ensureOffered(IdempotencyStore store, PaidAction<?, ?> action) {
        StoredRows<?, ?, ?> declared = action.rows().orElse(null);
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
