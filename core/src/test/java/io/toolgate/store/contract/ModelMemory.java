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
    private final Map<String, Mark> marks = new LinkedHashMap<>();

    private final List<Entry> entries = new ArrayList<>();

    /** A checkpoint, and when its record was created. */
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
