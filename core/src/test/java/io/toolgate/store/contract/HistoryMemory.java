package io.toolgate.store.contract;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.KeyHistory.Decision;
import io.toolgate.store.KeyHistory.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Expected checkpoints and decisions of one key in a {@link History}. Events are recorded in order, so that it tells
 * the lives of the key apart without comparing times.
 */
final class HistoryMemory {
    private final Map<String, Checkpoint> checkpoints = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();

    @Nullable
    Checkpoint checkpoint(String name) {
        return checkpoints.get(name);
    }

    void marked(Checkpoint checkpoint) {
        checkpoints.put(checkpoint.name(), checkpoint);
    }

    /** A claim took the key for a new record. */
    void begunAnew() {
        checkpoints.clear();
    }

    void decided(Entry entry) {
        entries.add(entry);
        if (entry.decision() == Decision.RETIRED) {
            checkpoints.clear();
        }
    }

    /** A purge found no record of the key, or left none. */
    void purged(Instant now, boolean remembersLonger) {
        checkpoints.clear();
        entries.removeIf(entry -> !remembersLonger || !now.isBefore(ClaimMachine.purgeableFrom(entry)));
    }

    KeyHistory history(int limit) {
        List<Checkpoint> inOrder = checkpoints.values().stream()
                .sorted(Comparator.comparingLong(Checkpoint::version))
                .toList();
        return new KeyHistory(inOrder, entries.subList(Math.max(0, entries.size() - limit), entries.size()));
    }

    /** Moves every time back. */
    void shift(Duration step) {
        checkpoints.replaceAll((name, checkpoint) -> new Checkpoint(
                name,
                checkpoint.value(),
                checkpoint.fence(),
                checkpoint.version(),
                checkpoint.at().minus(step)));
        entries.replaceAll(entry -> new Entry(
                shifted(entry.before(), step),
                entry.decision(),
                entry.operator(),
                entry.reason(),
                entry.at().minus(step)));
    }

    static IdempotencyRecord shifted(IdempotencyRecord r, Duration step) {
        return Records.with(r, values -> {
            values.leaseUntil = r.leaseUntil().minus(step);
            values.createdAt = r.createdAt().minus(step);
            values.updatedAt = r.updatedAt().minus(step);
            values.expiresAt = r.expiresAt().minus(step);
        });
    }
}
