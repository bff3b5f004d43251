package io.toolgate.store.jdbc;

import io.toolgate.store.KeyHistory;
import io.toolgate.store.RecordState;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the journal: one transition of a record, written in the transition's own commit.
 *
 * @param entry its number; later transitions of a record have greater ones, with gaps
 * @param recordId the record, as {@link io.toolgate.store.RecordId#toUuid} gives it
 * @param at the time of the transition, by the database's clock
 * @param fence of the record after the transition
 * @param version of the record after the transition
 * @param from the state before; null for the first claim of a key
 * @param to the state after; the same for a checkpoint
 * @param owner the owner of the latest claim
 * @param leaseUntil when the lease ends, for a transition to IN_PROGRESS or within it
 * @param previousLeaseUntil the end of the lease before the transition, which is later than it was claimed for if it
 *     was renewed; null for the first claim of a key
 * @param failureCode the reason why it is rejected, released, in doubt, or completed without a result
 * @param failureMessage the reason in words
 * @param checkpoint the name of the checkpoint, for a checkpoint
 * @param decision the operator's decision, for a decision
 * @param operator the name of the operator, for a decision
 * @param reason the operator's reason, for a decision
 */
public record JournalEntry(
        long entry,
        UUID recordId,
        Instant at,
        long fence,
        long version,
        @Nullable RecordState from,
        RecordState to,
        String owner,
        @Nullable Instant leaseUntil,
        @Nullable Instant previousLeaseUntil,
        @Nullable String failureCode,
        @Nullable String failureMessage,
        @Nullable String checkpoint,
        KeyHistory.@Nullable Decision decision,
        @Nullable String operator,
        @Nullable String reason) {}
