package io.toolgate.store.contract;

import io.toolgate.store.ActionCounts;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordId;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Database of several {@link ModelStore}s, as processes share one: records, checkpoints, decisions, counts and the
 * clock. Its content is read and written under its monitor only.
 */
public final class ModelDatabase {
    private final InstantSource clock;
    private int numbers;
    final Map<RecordId, IdempotencyRecord> rows = new LinkedHashMap<>();
    final Map<RecordId, ModelMemory> memories = new LinkedHashMap<>();
    final List<String> written = new ArrayList<>();
    final List<ActionCounts> counts = new ArrayList<>();

    /** An empty database with a clock of its own that stands still. */
    public ModelDatabase() {
        this(new ManualClock());
    }

    /** An empty database with {@code clock} as its clock. */
    public ModelDatabase(InstantSource clock) {
        this.clock = clock;
    }

    /** The clock that decides every lease. */
    public InstantSource clock() {
        return clock;
    }

    /** 0, 1, 2 …: tells apart the stores that are opened on it. */
    public synchronized int nextNumber() {
        return numbers++;
    }

    /** All records as they stand, in no particular order. */
    public synchronized List<IdempotencyRecord> dump() {
        return new ArrayList<>(rows.values());
    }

    /** All rows that were committed with results, in the order of their commits. */
    public synchronized List<String> written() {
        return new ArrayList<>(written);
    }

    /** All counts, in the order of the reports. */
    public synchronized List<ActionCounts> counts() {
        return new ArrayList<>(counts);
    }

    /** Puts {@code record} in the place of what is stored under its id, whatever the rules say. */
    public synchronized void put(IdempotencyRecord record) {
        rows.put(record.id(), record);
    }

    /** Deletes a record, whatever the rules say. */
    public synchronized void remove(RecordId id) {
        rows.remove(id);
    }
}
