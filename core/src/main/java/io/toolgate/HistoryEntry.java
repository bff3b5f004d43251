package io.toolgate;

import io.toolgate.store.KeyHistory.Decision;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A former record of a key, and the decision that made it history. Times are the store's.
 *
 * @param outcome what the record said
 * @param number of its latest attempt
 * @param createdAt when the key was first claimed in that life
 * @param endedAt when the record last moved before the decision
 * @param decision what was decided
 * @param operator who decided; for a retirement by {@link ToolGate#retire} the gate's owner
 * @param reason why
 * @param decidedAt when
 */
public record HistoryEntry<R extends @Nullable Object>(
        Outcome<R> outcome,
        long number,
        Instant createdAt,
        Instant endedAt,
        Decision decision,
        String operator,
        String reason,
        Instant decidedAt) {}
