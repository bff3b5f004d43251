package io.toolgate;

import io.toolgate.store.KeyHistory.Decision;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A decision about a key, with the record as it was before. Times are by the store's clock. Immutable.
 *
 * @param outcome the record's outcome before the decision
 * @param number the number of its latest attempt
 * @param createdAt when the record was first claimed
 * @param updatedAt when the record last changed state before the decision
 * @param decision the decision
 * @param operator the person or program that decided; for {@link ToolGate#retire} the gate's owner
 * @param reason the operator's reason
 * @param decidedAt when the decision was applied
 */
public record HistoryEntry<R extends @Nullable Object>(
        Outcome<R> outcome,
        long number,
        Instant createdAt,
        Instant updatedAt,
        Decision decision,
        String operator,
        String reason,
        Instant decidedAt) {}
