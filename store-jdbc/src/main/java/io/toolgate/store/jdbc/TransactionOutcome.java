package io.toolgate.store.jdbc;

import io.toolgate.Failure;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/** What came of {@link JdbcIdempotencyStore#runInTransaction}. In every case but the first, this call changed nothing. */
public sealed interface TransactionOutcome {
    /** This call's effect and {@code result} were committed, together. */
    record Executed(Payload result) implements TransactionOutcome {}

    /** The key was done before, or by another call that this one waited for, and this is what is stored. */
    record Replayed(Payload result) implements TransactionOutcome {}

    /** The key was rejected for good. */
    record Rejected(Failure failure) implements TransactionOutcome {}

    /**
     * Somebody else is at it: a run of a gate's under a live lease, or a transaction that did not end while this call waited.
     *
     * @param remaining of that lease; zero for a transaction, whose end cannot be told
     */
    record Busy(Duration remaining) implements TransactionOutcome {}

    /**
     * Nobody knows whether the effect happened: a run of a gate's failed without knowing, or its owner vanished. That is for
     * the action's recovery, or for a person, to settle.
     *
     * @param failure what is known about it
     * @param since when it fell into doubt, or was found to have, by the store's clock
     */
    record InDoubt(Failure failure, Instant since) implements TransactionOutcome {}

    /** The key belongs to another input. */
    record Mismatched(IdempotencyRecord record) implements TransactionOutcome {}

    /** Calls the one function that fits. */
    default <T> T fold(
            Function<Executed, T> executed,
            Function<Replayed, T> replayed,
            Function<Rejected, T> rejected,
            Function<Busy, T> busy,
            Function<InDoubt, T> inDoubt,
            Function<Mismatched, T> mismatched) {
        if (this instanceof Executed o) {
            return executed.apply(o);
        } else if (this instanceof Replayed o) {
            return replayed.apply(o);
        } else if (this instanceof Rejected o) {
            return rejected.apply(o);
        } else if (this instanceof Busy o) {
            return busy.apply(o);
        } else if (this instanceof InDoubt o) {
            return inDoubt.apply(o);
        }
        return mismatched.apply((Mismatched) this);
    }
}
