package io.toolgate.cli.explain;

import io.toolgate.cli.output.Texts;
import io.toolgate.cli.query.Row;
import io.toolgate.cli.query.StoreView;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All rows that a store has about a key at one moment.
 *
 * @param id of its record
 * @param record its record, or null if there is none
 * @param history the decisions about it, oldest first
 * @param checkpoints of the present record
 * @param journal its journal entries, oldest first; empty if the journal was never on
 * @param now that moment
 */
public record KeyFacts(
        UUID id, @Nullable Row record, List<Row> history, List<Row> checkpoints, List<Row> journal, Instant now) {

    /** Reads the rows of the key whose record has {@code id}. */
    public static KeyFacts read(StoreView view, UUID id) {
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

    /** Whether the store has no row about the key. */
    public boolean isEmpty() {
        return record == null && history.isEmpty() && journal.isEmpty();
    }

    /** The status of the record, or null without one. */
    public @Nullable String status() {
        return record == null ? null : record.text("status");
    }

    /** Whether {@code row}, of a record, is in progress under an expired lease. */
    boolean isExpired(Row row) {
        return row.text("status").equals("IN_PROGRESS") && !now.isBefore(row.time("lease_until"));
    }

    /** The checkpoints, by the version of the record that each made. */
    Map<Long, Row> checkpointsByVersion() {
        Map<Long, Row> byVersion = new HashMap<>();
        checkpoints.forEach(row -> byVersion.put(row.number("version"), row));
        return byVersion;
    }

    /** The probe's answer that a checkpoint's row holds, or null. */
    static @Nullable String probeAnswer(@Nullable Row checkpoint) {
        byte[] bytes = checkpoint == null ? null : checkpoint.bytes("answer");
        return bytes == null ? null : Texts.utf8(bytes);
    }
}
