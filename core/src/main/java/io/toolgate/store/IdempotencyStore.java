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

    /**
     * Leaves a durable mark of how far a run came, if {@code lease} still owns the record or its record is in doubt and
     * unclaimed since. A mark of the same name takes the place of the one before; the same mark again, by the same lease,
     * writes nothing. Each that is written makes a version of its own.
     *
     * @param name 1 to 255 bytes of UTF-8
     * @param value an available one
     * @return {@code Applied} with the record's state as previous and current one, {@code AlreadyApplied}, or {@code LeaseLost}
     */
    TransitionOutcome checkpoint(Lease lease, String name, Payload value);

    /** Applies somebody's decision about a record of unknown effect, or about a finished one that has served. */
    ResolveOutcome resolve(ResolveRequest request);

    /**
     * Reads what is remembered about a key beside its record: checkpoints that its present record has, and the newest
     * {@code limit} decisions.
     */
    KeyHistory history(RecordId id, int limit);

    /** Reads a record without a lock. */
    Optional<IdempotencyRecord> peek(RecordId id);

    /** Reads many records without a lock, in as few round trips as the store can. Absent ones are absent from the map. */
    Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids);

    /**
     * Registers for a hint, given soon after a record finished, failed, was released or was given a checkpoint; a store that
     * cannot push never gives one, and a hint may be lost, late or wrong. Consumers run on a thread of the store's, must not block, and
     * what they throw is logged and dropped.
     */
    Subscription subscribe(Consumer<RecordId> ended);

    /**
     * Finds records whose effect is unknown: in doubt, or in progress under an ended lease, for {@code olderThan} at
     * least; oldest first, at most {@code limit}.
     */
    List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit);

    /**
     * Walks over all records in parts of bounded size, each read by itself, and gives those of unknown effect: in doubt, or in
     * progress under an ended lease, for {@code olderThan} at least. A record that is of unknown effect and does not move
     * while the whole walk lasts is given, at least once; others may be missed, or have moved since they were read.
     *
     * @param from {@link UnfinishedPage#START}, or the {@code next} of the part before
     */
    UnfinishedPage scanUnfinished(Duration olderThan, long from);

    /** Adds to the counts that the health view shows, where the store keeps any; this one keeps none. */
    default void count(Collection<ActionCounts> counts) {}

    /**
     * Deletes at most {@code limit} ended records whose retention is over, and of whose retirements that may be said too;
     * never a live or doubtful one. Checkpoints go with their record, and so do decisions once they may be forgotten.
     *
     * @return how many were deleted; less than {@code limit} if none is left
     */
    int purge(int limit);

    /** Lets go of what the store holds. Idempotent. Calls that come later throw {@link StoreException.Closed}. */
    @Override
    void close();
}
