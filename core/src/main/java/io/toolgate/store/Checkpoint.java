package io.toolgate.store;

import java.time.Instant;

/**
 * How far a run came: a named value that one attempt left durably for those after it. Of each name a record keeps the latest.
 *
 * @param name what it is called; unique in its record
 * @param value what was left
 * @param fence of the attempt that left it
 * @param version of the record that leaving it made
 * @param at when, by the store's clock
 */
public record Checkpoint(String name, Payload value, long fence, long version, Instant at) {}
