package io.toolgate.store.jdbc;

import io.toolgate.store.KeyHistory;
import io.toolgate.store.RecordState;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A transition of a record as the journal tells it, written in the transition's own commit.
 *
 * @param entry its number; later transitions of a record have greater ones, with gaps
 * @param recordId the record, as {@link io.toolgate.store.RecordId#toUuid} gives it
 * @param at when, by the database's clock
 * @param fence of the record after the transition
 * @param version of the record after the transition
 * @param from where it was; null for the first claim of a key
 * @param to where it is; the same for a checkpoint
 * @param owner who made the latest claim
 * @param leaseUntil when the lease ends, for a transition to IN_PROGRESS or within it
 * @param previousLeaseUntil where the lease of the record stood before: later than it was claimed for, it was renewed; null for
 *     the first claim of a key
 * @param failureCode why it is rejected, released, in doubt, or completed without a result
 * @param failureMessage that in words
 * @param checkpoint the name of the mark that was left, for a checkpoint
 * @param decision what somebody decided, for a decision
 * @param operator who decided it
 * @param reason why
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
