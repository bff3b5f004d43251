package io.toolgate.store;

import io.toolgate.Failure;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Store of durable records, one per key, that change only as {@link ClaimMachine} decides.
 *
 * <p>Every transition is atomic over all processes that share the store, is decided by the store's own clock, and is
 * durable before the call returns. Before it throws, a store itself retries what is safe to retry (rule 14), within its
 * time limits. Every method is thread-safe, blocks for at most the store's time limits, and holds no connection and no
 * lock after it returned. It throws a {@link StoreException} if the store fails and
 * {@link NullPointerException} if an argument is null. The rules for a store are in {@code SPEC.md};
 * {@code IdempotencyStoreContract}, in this module's test-jar, checks them.
 */
public interface IdempotencyStore extends AutoCloseable {

    /**
     * Claims a key, and stores the {@linkplain ClaimRequest#input input} that the request carries, if it is acquired.
     * After an answer was lost, the same request with the same token gets the same answer again.
     *
     * @throws StoreException.Unavailable if it is unknown whether the claim was made
     */
    ClaimOutcome claim(ClaimRequest request);

    /**
     * Renews leases in one round trip: each that still owns its record now ends {@code lease} after the store's present
     * time. A lease that has ended, but was not taken over, is renewed too. Must wait neither for other calls nor for a
     * record that something else has locked.
     *
     * @return the leases that were renewed; another one is lost for good, or was skipped because its record is locked,
     *     which {@link #peek} tells
     */
    Set<Lease> heartbeat(Collection<Lease> leases, Duration lease);

    /**
     * Completes a run with its result, if {@code lease} still owns the record: it is in progress, or in doubt and not
     * claimed since.
     */
    TransitionOutcome complete(Lease lease, Payload result);

    /**
     * Whether {@link Rows} can be written through connections of this type, in transactions of this store. Default:
     * none are offered, and the methods that take rows or a connection refuse them.
     */
    default boolean offers(Class<?> connection) {
        return false;
    }

    /**
     * Completes a run with its result and the rows that belong to it, in one transaction, under the condition of
     * {@link #complete(Lease, Payload)}. Where that does not hold, or the result is stored already, no row is written.
     *
     * <p>A transaction that was certainly rolled back by a collision, or whose commit is found not to have happened, is
     * repeated from its beginning, rows included: they are committed exactly once, or not at all.
     *
     * @throws StoreException.RowsFailed if the rows could not be written: nothing was
     * @throws StoreException.Misconfigured if the store does not {@linkplain #offers offer} such a connection
     */
    default TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
        throw withoutConnection(rows.connection());
    }

    /**
     * Completes a run, and writes its rows, inside the open transaction of a caller, which the caller commits or rolls
     * back; under the condition of {@link #complete(Lease, Payload)}. The outcome holds once that transaction has
     * committed. A later {@link #complete(Lease, Payload)} of the same lease confirms what committed, and never stores
     * the result alone.
     *
     * @param connection the caller's connection, of an {@linkplain #offers offered} type, with its transaction open; it
     *     is neither committed, rolled back nor closed
     * @param rows the rows of the result; null for none. Written only if the outcome is {@code Applied}
     * @throws StoreException.Misconfigured if the connection is none that this store can use
     * @throws StoreException.RowsFailed if the rows could not be written; the caller must roll back
     * @throws StoreException.Unavailable if the statement failed; the caller must roll back, and may run the
     *     transaction again
     */
    default TransitionOutcome completeIn(Object connection, Lease lease, Payload result, @Nullable Rows<?> rows) {
        throw withoutConnection(connection.getClass());
    }

    private StoreException.Misconfigured withoutConnection(Class<?> connection) {
        return new StoreException.Misconfigured("The store " + getClass().getName() + " offers no transaction on a "
                + connection.getName() + "; nothing was written. Use a store that does, as the JDBC store does on"
                + " java.sql.Connection");
    }

    /**
     * Completes a run with a failure, under the condition of {@link #complete(Lease, Payload)}. The record becomes
     * {@link RecordState#REJECTED}, {@link RecordState#RETRYABLE} or {@link RecordState#IN_DOUBT}, by the failure's
     * kind.
     */
    default TransitionOutcome fail(Lease lease, Failure failure) {
        return fail(lease, failure, RunEffect.of(failure));
    }

    /**
     * Completes a run with a failure, as {@link #fail(Lease, Failure)}, where the run's own effect is not what the kind
     * of the failure says.
     *
     * @param effect what is known about the effect of this claim's run alone
     */
    TransitionOutcome fail(Lease lease, Failure failure, RunEffect effect);

    /**
     * Writes a durable checkpoint of a run, under the condition of {@link #complete(Lease, Payload)}. It replaces an
     * earlier one of the same name and creates a version of the record. The same value again, by the same lease, writes
     * nothing.
     *
     * @param name 1 to 255 bytes of UTF-8
     * @param value the value, which must be available
     * @return {@code Applied} with the record's state as both previous and current, {@code AlreadyApplied}, or
     *     {@code LeaseLost}
     */
    TransitionOutcome checkpoint(Lease lease, String name, Payload value);

    /**
     * Applies an operator's decision about a record whose effect is unknown, supplies the result of a completed record
     * that lacks it, or retires a finished one.
     */
    ResolveOutcome resolve(ResolveRequest request);

    /**
     * Applies an operator's decision that the effect happened, and writes the rows that belong to the result, in one
     * transaction, as {@link #complete(Lease, Payload, Rows)} does. Where the decision is refused, or was applied
     * before, no row is written; nor where it {@linkplain ResolveOutcome.Resolved#isCompletion only supplies} the
     * result of a completed record, whose rows were written by its completion.
     *
     * @throws StoreException.RowsFailed if the rows could not be written: nothing was
     * @throws StoreException.Misconfigured if the store does not {@linkplain #offers offer} such a connection
     */
    default ResolveOutcome resolve(ResolveRequest request, Rows<?> rows) {
        throw withoutConnection(rows.connection());
    }

    /** Reads the history of a key: the checkpoints of its present record, and its newest {@code limit} decisions. */
    KeyHistory history(RecordId id, int limit);

    /** Reads a record without a lock. */
    Optional<IdempotencyRecord> peek(RecordId id);

    /**
     * Reads many records without a lock, in as few round trips as the store can. Absent ones are absent from the map.
     */
    Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids);

    /**
     * Subscribes to hints: a hint names a record that has just been completed, has failed, was released, decided on or
     * given a checkpoint, and should be read again. Hints may be lost, late, repeated or wrong, and a store without
     * push never gives one, so callers must also poll. The consumer runs on a thread of the store and must not block;
     * what it throws is logged and dropped.
     */
    Subscription subscribe(Consumer<RecordId> consumer);

    /**
     * Finds records whose effect has been unknown for {@code olderThan} at least, in doubt or in progress under an
     * ended lease; oldest first, at most {@code limit}.
     */
    List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit);

    /**
     * Scans all records page by page for those that {@link #findUnfinished} would find. Pages have a bounded size and
     * are read independently. A record whose effect is unknown, and which does not change during the whole scan, is
     * returned at least once; others may be missed, or have changed since they were read.
     *
     * @param from {@link UnfinishedPage#START}, or the {@code next} of the page before
     */
    UnfinishedPage scanUnfinished(Duration olderThan, long from);

    /** Adds to the counts of the health view, if the store keeps any. Default: none, does nothing. */
    default void count(Collection<ActionCounts> counts) {}

    /**
     * Deletes at most {@code limit} records whose retention has ended; never one that is live or in doubt. Checkpoints
     * are deleted with their record, and decisions once {@link ClaimMachine#purgeableFrom(KeyHistory.Entry) their own
     * retention} has ended too.
     *
     * @return the number of deleted records; less than {@code limit} if no more can be deleted
     */
    int purge(int limit);

    /** Releases the store's resources. Idempotent. Later calls throw {@link StoreException.Closed}. */
    @Override
    void close();
}
