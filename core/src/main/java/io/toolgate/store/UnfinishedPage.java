package io.toolgate.store;

import java.util.List;
import java.util.OptionalLong;

/**
 * One page of a scan for records whose effect is unknown; a page may be empty although more follow. Immutable.
 *
 * @param records the records found on this page, in no particular order
 * @param next the position of the next page; empty after the last one
 */
public record UnfinishedPage(List<IdempotencyRecord> records, OptionalLong next) {
    /** The position of the first page. */
    public static final long START = 0;

    /** Copies the list. */
    public UnfinishedPage {
        records = List.copyOf(records);
    }
}
