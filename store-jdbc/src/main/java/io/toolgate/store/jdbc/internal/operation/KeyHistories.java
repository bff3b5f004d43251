package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.Failure;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.KeyHistory.Entry;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.JournalEntry;
import io.toolgate.store.jdbc.internal.sql.Dialect;
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

/**
 * Reads the history of a key, that is its checkpoints and decisions, and its journal; each in one statement, without a
 * lock.
 */
public final class KeyHistories {
    private final SqlRunner sql;
    private final RecordMapper mapper;
    private final RetryLoop retries;

    public KeyHistories(SqlRunner sql, RetryLoop retries) {
        this.sql = sql;
        this.mapper = new RecordMapper(sql.dialect());
        this.retries = retries;
    }

    public KeyHistory history(RecordId id, int limit) {
        return retries.run("a read of the history of " + id, OnInterrupt.STOP, () -> {
            Collector collector = new Collector(id);
            List<Boolean> unused = sql.read(
                    Name.HISTORY,
                    s -> s.bind("id", id.toUuid()).bind("limit", limit).bind("retired", Failure.Codes.RETIRED),
                    row -> collector.take(row));
            return collector.history();
        });
    }

    /** Maps a row to a checkpoint, with a value that the caller has read. */
    static Checkpoint checkpoint(ResultSet row, String codec, byte @Nullable [] data, Instant at) throws SQLException {
        return new Checkpoint(
                row.getString("name"),
                data == null ? Payload.ofNull(codec) : Payload.of(codec, data),
                row.getLong("fence"),
                row.getLong("version"),
                at);
    }

    /** Collects the rows of one answer by their kind. Used by one thread. */
    private final class Collector {
        private final RecordId id;
        private final List<Checkpoint> checkpoints = new ArrayList<>();
        private final List<Entry> entries = new ArrayList<>();

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
                            mapper.read(row, id),
                            decision(row.getString("decision")),
                            row.getString("operator"),
                            row.getString("reason"),
                            readAt(row)));
                default -> throw new IllegalStateException("history.sql returned a row of kind " + kind);
            };
        }

        private Instant readAt(ResultSet row) throws SQLException {
            Instant at = sql.dialect().instant(row, "read_at");
            if (at == null) {
                throw new StoreException.Corrupt(
                        "A row of the history or of the checkpoints of " + id + " has no time; inspect the row", null);
            }
            return at;
        }

        KeyHistory history() {
            checkpoints.sort(Comparator.comparingLong(Checkpoint::version));
            entries.sort(Comparator.comparing(Entry::at)
                    .thenComparingLong(entry -> entry.before().version()));
            return new KeyHistory(checkpoints, entries);
        }
    }

    /** The decision of this name; an unknown name is an error, not a guess. */
    static KeyHistory.Decision decision(String name) {
        for (KeyHistory.Decision decision : KeyHistory.Decision.values()) {
            if (decision.name().equals(name)) {
                return decision;
            }
        }
        throw new StoreException.Corrupt(
                "The history holds a decision that this version of ToolGate does not know; a newer one may have written"
                        + " it",
                null);
    }

    /**
     * Reads the journal of a key, oldest entry first. Its rows are written by triggers, which scripts of the migrations
     * make.
     */
    public List<JournalEntry> journal(RecordId id) {
        return retries.run(
                "a read of the journal of " + id,
                OnInterrupt.STOP,
                () -> sql.read(Name.JOURNAL, s -> s.bind("id", id.toUuid()), row -> journalEntry(row)));
    }

    private JournalEntry journalEntry(ResultSet row) throws SQLException {
        Dialect dialect = sql.dialect();
        String from = row.getString("from_status");
        String decision = row.getString("decision");
        return new JournalEntry(
                row.getLong("entry"),
                present(dialect.uuid(row, "record_id")),
                present(dialect.instant(row, "at")),
                row.getLong("fence"),
                row.getLong("version"),
                from == null ? null : state(from),
                state(row.getString("to_status")),
                row.getString("owner"),
                dialect.instant(row, "lease_until"),
                dialect.instant(row, "previous_lease_until"),
                row.getString("failure_code"),
                row.getString("failure_message"),
                row.getString("checkpoint"),
                decision == null ? null : decision(decision),
                row.getString("operator"),
                row.getString("reason"));
    }

    private static RecordState state(String name) {
        for (RecordState state : RecordState.values()) {
            if (state.name().equals(name)) {
                return state;
            }
        }
        throw unreadableJournal();
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw unreadableJournal();
        }
        return value;
    }

    private static StoreException.Corrupt unreadableJournal() {
        return new StoreException.Corrupt(
                "A row of tg_idempotency_journal cannot be read: a column holds a value that this version of ToolGate"
                        + " does not know. It was not changed; inspect the row, which a newer version may have written",
                null);
    }
}
