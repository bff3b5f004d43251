package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.UnfinishedPage;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.Parameters;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
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
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads without locks.
 *
 * <p>A row that cannot be read is an error where one record was asked for. Where many were, it is logged and left out: one
 * bad row must not stop the waiters, or the recovery, of all others. Who goes on to claim its key is refused by that claim.
 */
public final class RecordReads {
    private static final Logger log = LoggerFactory.getLogger(RecordReads.class);

    /** How many records one statement asks for, so that its answer stays small enough to hold. */
    public static final int CHUNK = 1000;

    /** How many blocks of 8 kB one part of a walk reads on PostgreSQL, so that each takes milliseconds. */
    public static final long SCANNED_BLOCKS = 1000;

    /** How many rowids one part of a walk covers on SQLite. */
    static final long SCANNED_ROWIDS = 20_000;

    /** The last number that a block can have; a walk that is told to begin after it finds nothing. */
    private static final long LAST_BLOCK = 0xFFFF_FFFEL;

    private final SqlRunner statements;
    private final RecordMapper reader;
    private final RetryLoop attempts;

    public RecordReads(SqlRunner statements, RetryLoop attempts) {
        this.statements = statements;
        this.reader = new RecordMapper(statements.dialect());
        this.attempts = attempts;
    }

    public Optional<IdempotencyRecord> peek(RecordId id) {
        return attempts.run("a read of " + id, OnInterrupt.STOP, () -> Optional.ofNullable(read(id)));
    }

    /** Reads one record, once; for those that try again themselves. */
    @Nullable
    public IdempotencyRecord read(RecordId id) {
        List<IdempotencyRecord> rows =
                statements.read(Name.PEEK, s -> s.bindNow().bind("id", id.toUuid()), row -> reader.read(row, id));
        return rows.isEmpty() ? null : rows.get(0);
    }

    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        List<RecordId> distinct = new ArrayList<>(new LinkedHashSet<>(ids));
        Map<RecordId, IdempotencyRecord> found = new HashMap<>();
        for (int from = 0; from < distinct.size(); from += CHUNK) {
            List<RecordId> chunk = distinct.subList(from, Math.min(distinct.size(), from + CHUNK));
            List<@Nullable IdempotencyRecord> rows = attempts.run(
                    "a read of " + chunk.size() + " records",
                    OnInterrupt.STOP,
                    () -> statements.read(Name.PEEK_ALL, s -> ids(s.bindNow(), chunk), row -> readOrSkip(row)));
            rows.stream().filter(Objects::nonNull).forEach(record -> found.put(record.id(), record));
        }
        return found;
    }

    private Parameters ids(Parameters bindings, List<RecordId> chunk) {
        if (statements.dialect() == Dialect.POSTGRESQL) {
            return bindings.bind("ids", chunk.stream().map(RecordId::toUuid).toArray(UUID[]::new));
        }
        return bindings.bind(
                "ids", Parameters.json(chunk.stream().map(RecordId::toUuid).toList()));
    }

    public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        List<@Nullable IdempotencyRecord> rows = attempts.run(
                "a search for unfinished records",
                OnInterrupt.STOP,
                () -> statements.read(
                        Name.FIND_UNFINISHED,
                        s -> s.bindNow().bind("olderThan", olderThan).bind("limit", limit),
                        row -> readOrSkip(row)));
        List<IdempotencyRecord> records = new ArrayList<>();
        rows.stream().filter(Objects::nonNull).forEach(records::add);
        return records;
    }

    /** Reads one part of the table in physical order; {@code from} is a block of PostgreSQL's, or a rowid of SQLite's. */
    public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
        boolean blocks = statements.dialect() == Dialect.POSTGRESQL;
        long last = blocks ? LAST_BLOCK : Long.MAX_VALUE;
        if (from > last) {
            return new UnfinishedPage(List.of(), OptionalLong.empty());
        }
        long part = blocks ? SCANNED_BLOCKS : SCANNED_ROWIDS;
        long to = from > last - part ? last : from + part;
        return attempts.run("a part of a search for unfinished records", OnInterrupt.STOP, () -> {
            List<IdempotencyRecord> records = new ArrayList<>();
            List<OptionalLong> next = statements.read(
                    Name.SCAN_UNFINISHED,
                    s -> s.bindNow().bind("from", from).bind("to", to).bind("olderThan", olderThan),
                    row -> {
                        IdempotencyRecord record = row.getString("status") == null ? null : readOrSkip(row);
                        if (record != null) {
                            records.add(record);
                        }
                        long start = row.getLong("next");
                        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(start);
                    });
            return new UnfinishedPage(records, next.isEmpty() ? OptionalLong.empty() : next.get(0));
        });
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
