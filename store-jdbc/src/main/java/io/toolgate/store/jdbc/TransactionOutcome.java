package io.toolgate.store.jdbc;

import io.toolgate.Failure;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/**
 * Outcome of {@link JdbcIdempotencyStore#runInTransaction}. In every case but {@link Executed}, the call changed
 * nothing.
 */
public sealed interface TransactionOutcome {
    /** This call's effect and {@code result} were committed, together. */
    record Executed(Payload result) implements TransactionOutcome {}

    /** The key was completed before, or by another call that this one waited for; this is the stored result. */
    record Replayed(Payload result) implements TransactionOutcome {}

    /** The key was rejected for good. */
    record Rejected(Failure failure) implements TransactionOutcome {}

    /**
     * Another run is in progress: one of a gate under a live lease, or a transaction that did not end while this call
     * waited. Or the latest runs of a gate had no effect, and the pause after them has not ended.
     *
     * @param retryAfter a hint for the client: how long that run will probably go on, or the rest of the pause; zero
     *     for a transaction, of which nothing is known
     */
    record Busy(Duration retryAfter) implements TransactionOutcome {}

    /**
     * It is unknown whether the effect happened: the run of a gate failed with an unknown result, or its owner
     * vanished. The action's recovery or an operator has to decide.
     *
     * @param failure the failure of that run
     * @param since the time at which the record was put in doubt, by the store's clock
     * @param attempts the number of attempts whose effect is unknown
     */
    record InDoubt(Failure failure, Instant since, int attempts) implements TransactionOutcome {}

    /** The key belongs to another input. */
    record Mismatched(IdempotencyRecord record) implements TransactionOutcome {}

    /** Calls the function of this outcome's type. */
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
