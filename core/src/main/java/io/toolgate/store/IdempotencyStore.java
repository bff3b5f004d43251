package io.toolgate.store;

import io.toolgate.Failure;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Durable records, one for each key, that move only as {@link ClaimMachine} says.
 *
 * <p>Every transition is atomic over all processes that share the store, is decided by the store's own clock, and is
 * durable before the call returns. A store retries by itself, within its time limits, what is sound to retry (rule 14); what
 * it throws is its last word. Every method is safe for use by many threads, blocks its caller for at most the
 * store's own time limits, holds nothing (no connection, no lock) after it returned, and throws a {@link StoreException}
 * on trouble and {@link NullPointerException} on null arguments. The rules that a store must keep are in {@code SPEC.md};
 * {@code IdempotencyStoreContract}, in this module's test-jar, checks them.
 */
public interface IdempotencyStore extends AutoCloseable {

    /**
     * Asks to own a key. Asking again with the same token, after an answer was lost, gives the answer again.
     *
     * @throws StoreException.Unavailable if it is unknown whether the claim was made
     */
    ClaimOutcome claim(ClaimRequest request);

    /**
     * Renews leases in one round trip: each that still owns its record now ends {@code lease} from the store's now. A
     * lease that has ended, but that nobody has taken over, is renewed too.
     *
     * @return those that still own their records; the others are lost for good
     */
    Set<Lease> heartbeat(Collection<Lease> leases, Duration lease);

    /** Stores the result of a run, if {@code lease} still owns the record or its record is in doubt and unclaimed since. */
    TransitionOutcome complete(Lease lease, Payload result);

    /**
     * Ends a run without a result: {@link RecordState#REJECTED}, {@link RecordState#RETRYABLE} or
     * {@link RecordState#IN_DOUBT}, by the failure's kind, under the condition of {@link #complete}.
     */
    TransitionOutcome fail(Lease lease, Failure failure);

    /** Reads a record without a lock. */
    Optional<IdempotencyRecord> peek(RecordId id);

    /** Reads many records without a lock, in as few round trips as the store can. Absent ones are absent from the map. */
    Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids);

    /**
     * Registers for a hint, given soon after a record finished, failed or was released; a store that cannot push never
     * gives one, and a hint may be lost, late or wrong. Consumers run on a thread of the store's, must not block, and
     * what they throw is logged and dropped.
     */
    Subscription subscribe(Consumer<RecordId> ended);

    /**
     * Finds records whose effect is unknown: in doubt, or in progress under an ended lease, for {@code olderThan} at
     * least; oldest first, at most {@code limit}.
     */
    List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit);

    /**
     * Deletes at most {@code limit} ended records whose retention is over; never a live or doubtful one.
     *
     * @return how many were deleted; less than {@code limit} if none is left
     */
    int purge(int limit);

    /** Lets go of what the store holds. Idempotent. Calls that come later throw {@link StoreException.Closed}. */
    @Override
    void close();
}
