package io.toolgate.store.memory;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.KeyHistory.Decision;
import io.toolgate.store.KeyHistory.Entry;
import io.toolgate.store.Payload;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything stored for one key: its record, and the history of checkpoints and decisions, as one value that changes in
 * one step. Immutable. Compared by identity, so that a decision is applied only to the very value that it was made on.
 */
final class StoredKey {
    /** The number of decisions kept for one key; a newer one replaces the oldest. */
    static final int MAX_ENTRIES = 100;

    private final IdempotencyRecord record;
    private final KeyHistory history;

    private final Instant purgeableFrom;

    private StoredKey(IdempotencyRecord record, KeyHistory history) {
        this.record = record;
        this.history = history;
        this.purgeableFrom = ClaimMachine.purgeableFrom(record);
    }

    /** Returns a new key without history. */
    static StoredKey of(IdempotencyRecord record) {
        return new StoredKey(record, KeyHistory.EMPTY);
    }

    IdempotencyRecord record() {
        return record;
    }

    /** When the retention of the record ends, provided that its effect is known. */
    Instant purgeableFrom() {
        return purgeableFrom;
    }

    /** Whether this key may be deleted. */
    boolean isPurgeable(Instant now) {
        return record.state().isOutcomeKnown() && !now.isBefore(purgeableFrom);
    }

    /** The checkpoint of this name, or null. */
    @Nullable
    Checkpoint checkpoint(String name) {
        for (Checkpoint each : history.checkpoints()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        return null;
    }

    /** The history with the newest {@code limit} decisions. */
    KeyHistory history(int limit) {
        List<Entry> entries = history.entries();
        return limit >= entries.size() ? history : new KeyHistory(history.checkpoints(), newest(entries, limit));
    }

    /** This key after a transition of its record. A record that replaces another does not inherit its checkpoints. */
    StoredKey withRecord(IdempotencyRecord next) {
        return next.numbers().life() == record.numbers().life()
                ? new StoredKey(next, history)
                : new StoredKey(next, new KeyHistory(List.of(), history.entries()));
    }

    /** This key after a claim that carries {@code input}: it is kept, unless this life of the key has one. */
    StoredKey withInput(Payload input) {
        return checkpoint(Checkpoint.INPUT) != null
                ? this
                : withCheckpoint(
                        record,
                        new Checkpoint(Checkpoint.INPUT, input, record.fence(), record.version(), record.updatedAt()));
    }

    /** This key after a checkpoint was written, the latest of the record's versions. */
    StoredKey withCheckpoint(IdempotencyRecord next, Checkpoint written) {
        Stream<Checkpoint> others =
                history.checkpoints().stream().filter(each -> !each.name().equals(written.name()));
        List<Checkpoint> checkpoints = Stream.concat(others, Stream.of(written)).toList();
        return new StoredKey(next, new KeyHistory(checkpoints, history.entries()));
    }

    /** This key after a decision about its record. A retirement ends a life of the key: its checkpoints are dropped. */
    StoredKey withDecision(IdempotencyRecord next, Entry entry) {
        List<Entry> entries =
                Stream.concat(history.entries().stream(), Stream.of(entry)).toList();
        boolean retired = entry.decision() == Decision.RETIRED;
        return new StoredKey(
                next, new KeyHistory(retired ? List.of() : history.checkpoints(), newest(entries, MAX_ENTRIES)));
    }

    private static List<Entry> newest(List<Entry> entries, int limit) {
        return entries.subList(Math.max(0, entries.size() - limit), entries.size());
    }
}
