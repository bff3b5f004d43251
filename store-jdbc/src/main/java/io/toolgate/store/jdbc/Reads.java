package io.toolgate.store.jdbc;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.Attempts.OnInterrupt;
import io.toolgate.store.jdbc.Sql.Name;
import io.toolgate.store.jdbc.Statements.Bindings;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads without locks, and the purge.
 *
 * <p>A row that cannot be read is an error where one record was asked for. Where many were, it is logged and left out: one
 * bad row must not stop the waiters, or the recovery, of all others. Who goes on to claim its key is refused by that claim.
 */
final class Reads {
    private static final Logger log = LoggerFactory.getLogger(Reads.class);

    /** How many records one statement asks for, so that its answer stays small enough to hold. */
    static final int CHUNK = 1000;

    /** How many records one statement deletes, so that its locks and its WAL come in small portions. */
    static final int PURGE_BATCH = 500;

    private final Statements statements;
    private final RecordReader reader;
    private final Attempts attempts;

    Reads(Statements statements, Attempts attempts) {
        this.statements = statements;
        this.reader = new RecordReader(statements.dialect());
        this.attempts = attempts;
    }

    Optional<IdempotencyRecord> peek(RecordId id) {
        return attempts.run("a read of " + id, OnInterrupt.STOP, () -> Optional.ofNullable(read(id)));
    }

    /** Reads one record, once; for those that try again themselves. */
    @Nullable
    IdempotencyRecord read(RecordId id) {
        List<IdempotencyRecord> rows = statements.read(
                Name.PEEK, s -> s.bindNow().bind("id", id.toUuid()), (row, context) -> reader.read(row, id));
        return rows.isEmpty() ? null : rows.get(0);
    }

    Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        List<RecordId> distinct = new ArrayList<>(new LinkedHashSet<>(ids));
        Map<RecordId, IdempotencyRecord> found = new HashMap<>();
        for (int from = 0; from < distinct.size(); from += CHUNK) {
            List<RecordId> chunk = distinct.subList(from, Math.min(distinct.size(), from + CHUNK));
            List<@Nullable IdempotencyRecord> rows = attempts.run(
                    "a read of " + chunk.size() + " records",
                    OnInterrupt.STOP,
                    () -> statements.read(
                            Name.PEEK_ALL, s -> ids(s.bindNow(), chunk), (row, context) -> readOrSkip(row)));
            rows.stream().filter(Objects::nonNull).forEach(record -> found.put(record.id(), record));
        }
        return found;
    }

    private Bindings ids(Bindings bindings, List<RecordId> chunk) {
        if (statements.dialect() == Dialect.POSTGRESQL) {
            return bindings.bind("ids", chunk.stream().map(RecordId::toUuid).toArray(UUID[]::new));
        }
        return bindings.bind(
                "ids",
                chunk.stream()
                        .map(id -> "\"" + Transitions.hex(id.toUuid()) + "\"")
                        .collect(Collectors.joining(",", "[", "]")));
    }

    List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        List<@Nullable IdempotencyRecord> rows = attempts.run(
                "a search for unfinished records",
                OnInterrupt.STOP,
                () -> statements.read(
                        Name.FIND_UNFINISHED,
                        s -> s.bindNow().bind("olderThan", olderThan).bind("limit", limit),
                        (row, context) -> readOrSkip(row)));
        List<IdempotencyRecord> records = new ArrayList<>();
        rows.stream().filter(Objects::nonNull).forEach(records::add);
        return records;
    }

    int purge(int limit) {
        int deleted = 0;
        int batch;
        do {
            int most = Math.min(PURGE_BATCH, limit - deleted);
            batch = attempts.run(
                    "a purge",
                    OnInterrupt.STOP,
                    () -> statements.update(Name.PURGE, s -> s.bindNow().bind("limit", most)));
            deleted += batch;
            // Not "less than asked for": another purge may have deleted some of those this one had found.
        } while (batch > 0 && deleted < limit);
        return deleted;
    }

    private @Nullable IdempotencyRecord readOrSkip(ResultSet row) throws SQLException {
        try {
            return reader.read(row);
        } catch (StoreException.Corrupt e) {
            log.error("A record was left out of a list because it cannot be read", e);
            return null;
        }
    }
}
