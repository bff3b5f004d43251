package io.toolgate.store.contract;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.KeyHistory.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checkpoints and decisions of one key in a {@link ModelDatabase}. Used under the database's monitor only. */
final class ModelMemory {
    /** The latest checkpoint of each name, of any life of the key. */
    private final Map<String, Stored> checkpoints = new LinkedHashMap<>();

    private final List<Entry> entries = new ArrayList<>();

    /** A checkpoint, the life of the key that its record was, and when that was created. */
    record Stored(Checkpoint checkpoint, int life, Instant recordCreatedAt) {}

    @Nullable
    Stored checkpoint(String name) {
        return checkpoints.get(name);
    }

    void put(Stored checkpoint) {
        checkpoints.put(checkpoint.checkpoint().name(), checkpoint);
    }

    List<Stored> checkpoints() {
        return checkpoints.values().stream()
                .sorted(Comparator.comparingLong(
                        checkpoint -> checkpoint.checkpoint().version()))
                .toList();
    }

    void forgetCheckpoints() {
        checkpoints.clear();
    }

    /** Oldest first. */
    List<Entry> entries() {
        return entries;
    }

    boolean isEmpty() {
        return checkpoints.isEmpty() && entries.isEmpty();
    }
}
