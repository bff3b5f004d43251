package io.toolgate.store;

import java.util.List;
import java.util.OptionalLong;

/**
 * A part of a walk over all records, which may be empty although more follow.
 *
 * @param records those of unknown effect in this part, in no particular order
 * @param next where the next part begins; empty after the last one
 */
public record UnfinishedPage(List<IdempotencyRecord> records, OptionalLong next) {
    /** Where a walk begins. */
    public static final long START = 0;

    /** Takes a copy. */
    public UnfinishedPage {
        records = List.copyOf(records);
    }
}
