package io.toolgate.store.contract;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.KeyHistory.Decision;
import io.toolgate.store.KeyHistory.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a {@link ModelDatabase} remembers about one key beside its record. Guarded by the database's monitor. */
final class ModelMemory {
    private final Map<String, Checkpoint> checkpoints = new LinkedHashMap<>();
    private @Nullable Instant checkpointsOf;
    private final List<Entry> entries = new ArrayList<>();

    @Nullable
    Checkpoint checkpoint(IdempotencyRecord record, String name) {
        return record.createdAt().equals(checkpointsOf) ? checkpoints.get(name) : null;
    }

    void put(IdempotencyRecord record, Checkpoint checkpoint) {
        if (!record.createdAt().equals(checkpointsOf)) {
            checkpoints.clear();
            checkpointsOf = record.createdAt();
        }
        checkpoints.put(checkpoint.name(), checkpoint);
    }

    void add(Entry entry) {
        entries.add(entry);
    }

    /** Forgets what may be forgotten of a key that has no record, and returns whether nothing is left. */
    boolean forget(Instant now) {
        checkpoints.clear();
        entries.removeIf(entry -> !now.isBefore(ClaimMachine.forgettableFrom(entry)));
        return entries.isEmpty();
    }

    /** A clock is coarse: the next life of a retired key may begin in the very instant in which the one before did. */
    private boolean isOfARetired(IdempotencyRecord record, Checkpoint checkpoint) {
        return entries.stream()
                .anyMatch(entry -> entry.decision() == Decision.RETIRED
                        && entry.before().createdAt().equals(record.createdAt())
                        && checkpoint.fence() <= entry.before().fence());
    }

    KeyHistory history(@Nullable IdempotencyRecord record, int limit) {
        boolean mine = record != null && record.createdAt().equals(checkpointsOf);
        long retiredFence = entries.stream()
                .filter(entry -> entry.decision() == Decision.RETIRED)
                .mapToLong(entry -> entry.before().fence())
                .reduce(0, (earlier, later) -> later);
        List<Checkpoint> latest = mine
                ? checkpoints.values().stream()
                        .filter(checkpoint -> !isOfARetired(record, checkpoint))
                        .sorted(Comparator.comparingLong(Checkpoint::version))
                        .toList()
                : List.of();
        return new KeyHistory(
                retiredFence, latest, entries.subList(Math.max(0, entries.size() - limit), entries.size()));
    }
}
