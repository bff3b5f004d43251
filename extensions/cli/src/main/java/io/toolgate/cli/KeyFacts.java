package io.toolgate.cli;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that a store knows about a key at one moment.
 *
 * @param id of its record
 * @param record as it stands, or null
 * @param history the decisions about it, oldest first
 * @param checkpoints of the present record
 * @param journal its entries, oldest first; empty too where the journal was never on
 * @param now that moment
 */
record KeyFacts(
        UUID id, @Nullable Row record, List<Row> history, List<Row> checkpoints, List<Row> journal, Instant now) {

    static KeyFacts read(Reader.View view, UUID id) {
        Map<String, String> parameters = Map.of("id", Row.digits(id));
        List<Row> records = view.rows("record", parameters);
        return new KeyFacts(
                id,
                records.isEmpty() ? null : records.get(0),
                view.rows("history", parameters),
                view.rows("checkpoints", parameters),
                view.rows("journal", parameters),
                view.now());
    }

    boolean isUnheardOf() {
        return record == null && history.isEmpty() && journal.isEmpty();
    }

    /** The checkpoints, by the version of the record that each made. */
    Map<Long, Row> checkpointsByVersion() {
        Map<Long, Row> byVersion = new HashMap<>();
        checkpoints.forEach(row -> byVersion.put(row.number("version"), row));
        return byVersion;
    }

    /** What a probe answered, if the row of a checkpoint holds that. */
    static @Nullable String answer(@Nullable Row checkpoint) {
        byte[] bytes = checkpoint == null ? null : checkpoint.bytes("answer");
        return bytes == null ? null : Texts.utf8(bytes);
    }

    /** The fence of the latest record that was retired before version {@code version}; attempts count from it. */
    long retiredFence(long version) {
        long fence = 0;
        for (Row row : history) {
            if (row.text("decision").equals("RETIRED") && row.number("version") < version) {
                fence = row.number("fence");
            }
        }
        return fence;
    }
}
