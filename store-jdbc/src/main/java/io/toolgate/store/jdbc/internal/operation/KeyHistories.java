package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.KeyHistory.Entry;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what is remembered about a key beside its record, in one statement and without a lock. */
public final class KeyHistories {
    private final SqlRunner statements;
    private final RecordMapper reader;
    private final RetryLoop attempts;

    public KeyHistories(SqlRunner statements, RetryLoop attempts) {
        this.statements = statements;
        this.reader = new RecordMapper(statements.dialect());
        this.attempts = attempts;
    }

    public KeyHistory history(RecordId id, int limit) {
        return attempts.run("a read of the history of " + id, OnInterrupt.STOP, () -> {
            Collector collector = new Collector(id);
            List<Boolean> unused = statements.read(
                    Name.HISTORY, s -> s.bind("id", id.toUuid()).bind("limit", limit), row -> collector.take(row));
            return collector.history();
        });
    }

    /** The mark of a row whose value was read already. */
    static Checkpoint checkpoint(ResultSet row, String codec, byte @Nullable [] data, Instant at) throws SQLException {
        return new Checkpoint(
                row.getString("name"),
                data == null ? Payload.ofNull(codec) : Payload.of(codec, data),
                row.getLong("fence"),
                row.getLong("version"),
                at);
    }

    /** Sorts the rows of one answer, by their kind. Used by one thread. */
    private final class Collector {
        private final RecordId id;
        private final List<Checkpoint> checkpoints = new ArrayList<>();
        private final List<Entry> entries = new ArrayList<>();
        private long retiredFence;

        Collector(RecordId id) {
            this.id = id;
        }

        boolean take(ResultSet row) throws SQLException {
            String kind = row.getString("kind");
            return switch (kind) {
                case "CHECKPOINT" ->
                    checkpoints.add(
                            checkpoint(row, row.getString("result_codec"), row.getBytes("result"), readAt(row)));
                case "DECISION" ->
                    entries.add(new Entry(
                            reader.read(row, id),
                            decision(row.getString("decision")),
                            row.getString("operator"),
                            row.getString("reason"),
                            readAt(row)));
                default -> {
                    retiredFence = row.getLong("fence");
                    yield true;
                }
            };
        }

        private Instant readAt(ResultSet row) throws SQLException {
            Instant at = statements.dialect().instant(row, "read_at");
            if (at == null) {
                throw new StoreException.Corrupt("A row of the history or of the checkpoints has no time", null);
            }
            return at;
        }

        KeyHistory history() {
            checkpoints.sort(Comparator.comparingLong(Checkpoint::version));
            entries.sort(Comparator.comparing(Entry::at)
                    .thenComparingLong(entry -> entry.before().version()));
            return new KeyHistory(retiredFence, checkpoints, entries);
        }
    }

    /** The decision of this name; one that only a newer version knows is an error, not a guess. */
    static KeyHistory.Decision decision(String name) {
        for (KeyHistory.Decision decision : KeyHistory.Decision.values()) {
            if (decision.name().equals(name)) {
                return decision;
            }
        }
        throw new StoreException.Corrupt(
                "The history holds a decision that this version does not know; was it written by a newer one?", null);
    }
}
