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

/** What a {@link ModelDatabase} remembers about one key beside its record. Guarded by the database's monitor. */
final class ModelMemory {
    /** Of each name the latest, of whatever life of the key. */
    private final Map<String, Mark> marks = new LinkedHashMap<>();

    private final List<Entry> entries = new ArrayList<>();

    /** A checkpoint, and when the record that it was left for was created. */
    record Mark(Checkpoint checkpoint, Instant recordCreatedAt) {}

    @Nullable
    Mark mark(String name) {
        return marks.get(name);
    }

    void put(Mark mark) {
        marks.put(mark.checkpoint().name(), mark);
    }

    List<Mark> marks() {
        return marks.values().stream()
                .sorted(Comparator.comparingLong(mark -> mark.checkpoint().version()))
                .toList();
    }

    void forgetMarks() {
        marks.clear();
    }

    /** Oldest first. */
    List<Entry> entries() {
        return entries;
    }

    boolean isEmpty() {
        return marks.isEmpty() && entries.isEmpty();
    }
}
