package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.ClaimToken;
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
 * Reads records, without locks.
 *
 * <p>A row that cannot be read fails a read of that one record. In a read of many it is logged and skipped: one bad row
 * must not stop the waiters, or the recovery, of all other keys. A claim of its key is refused.
 */
public final class RecordReads {
    private static final Logger log = LoggerFactory.getLogger(RecordReads.class);

    /** The most records of one statement, so that its answer fits into memory. */
    public static final int CHUNK = 1000;

    /** The blocks of 8 kB that one page of a scan reads on PostgreSQL, so that each takes milliseconds. */
    public static final long SCANNED_BLOCKS = 1000;

    /** The rowids that one page of a scan covers on SQLite. */
    static final long SCANNED_ROWIDS = 20_000;

    /** The last number that a block can have; a scan that begins after it finds nothing. */
    private static final long LAST_BLOCK = 0xFFFF_FFFEL;

    private final SqlRunner sql;
    private final RecordMapper mapper;
    private final RetryLoop retries;

    public RecordReads(SqlRunner sql, RetryLoop retries) {
        this.sql = sql;
        this.mapper = new RecordMapper(sql.dialect());
        this.retries = retries;
    }

    public Optional<IdempotencyRecord> peek(RecordId id) {
        return retries.run("a read of " + id, OnInterrupt.STOP, () -> {
            IdempotencyRecord record = read(id);
            return mayBeShown(sql, record) ? Optional.ofNullable(record) : null;
        });
    }

    /** Reads one record in one try, for callers with a retry loop of their own. */
    @Nullable
    public IdempotencyRecord read(RecordId id) {
        return read(sql, mapper, id);
    }

    /** Reads one record inside the transaction of {@code within}. */
    @Nullable
    static IdempotencyRecord read(SqlRunner within, RecordId id) {
        return read(within, new RecordMapper(within.dialect()), id);
    }

    private static @Nullable IdempotencyRecord read(SqlRunner on, RecordMapper mapper, RecordId id) {
        List<IdempotencyRecord> rows =
                on.read(Name.PEEK, s -> s.bindNow().bind("id", id.toUuid()), row -> mapper.read(row, id));
        return rows.isEmpty() ? null : rows.get(0);
    }

    /**
     * Whether a record that was read survives a failover, for a caller that recognised its own write in it: the write's
     * commit was not acknowledged, and a read does not wait for a standby. False if the record is another by now.
     */
    public boolean confirm(IdempotencyRecord read) {
        return confirm(sql, read.id(), read.token(), read.version());
    }

    /** As {@link #confirm(IdempotencyRecord)}, with the version under which {@code token} was found. */
    public static boolean confirm(SqlRunner on, RecordId id, ClaimToken token, long version) {
        return on.dialect() == Dialect.SQLITE
                || !on.write(
                                Name.CONFIRM,
                                s -> s.bind("id", id.toUuid())
                                        .bind("token", token.toUuid())
                                        .bind("version", version),
                                row -> row.getLong("version"))
                        .isEmpty();
    }

    /**
     * Whether callers may be shown a record that was read. Race: this process completed it, and was not acknowledged,
     * because the server stopped waiting for its standby; another of its callers reads it, and would be told a result
     * that a failover forgets. Until a later write is replicated, and all before it, a finished record is confirmed
     * first. False if it is another by now.
     */
    static boolean mayBeShown(SqlRunner on, @Nullable IdempotencyRecord read) {
        long unreplicated = on.unreplicated();
        if (unreplicated == 0 || read == null || !read.state().isFinished()) {
            return true;
        }
        boolean confirmed = confirm(on, read.id(), read.token(), read.version());
        if (confirmed) {
            on.replicated(unreplicated);
        }
        return confirmed;
    }

    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
        List<RecordId> distinct = new ArrayList<>(new LinkedHashSet<>(ids));
        Map<RecordId, IdempotencyRecord> found = new HashMap<>();
        for (int from = 0; from < distinct.size(); from += CHUNK) {
            List<RecordId> chunk = distinct.subList(from, Math.min(distinct.size(), from + CHUNK));
            List<@Nullable IdempotencyRecord> rows =
                    retries.run("a read of " + chunk.size() + " records", OnInterrupt.STOP, () -> {
                        List<@Nullable IdempotencyRecord> read =
                                sql.read(Name.PEEK_ALL, s -> ids(s.bindNow(), chunk), row -> readOrSkip(row));
                        return read.stream().allMatch(each -> mayBeShown(sql, each)) ? read : null;
                    });
            rows.stream().filter(Objects::nonNull).forEach(record -> found.put(record.id(), record));
        }
        return found;
    }

    private Parameters ids(Parameters bindings, List<RecordId> chunk) {
        if (sql.dialect() == Dialect.POSTGRESQL) {
            return bindings.bind("ids", chunk.stream().map(RecordId::toUuid).toArray(UUID[]::new));
        }
        return bindings.bind(
                "ids", Parameters.json(chunk.stream().map(RecordId::toUuid).toList()));
    }

    public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
        List<@Nullable IdempotencyRecord> rows = retries.run(
                "a search for unfinished records",
                OnInterrupt.STOP,
                () -> sql.read(
                        Name.FIND_UNFINISHED,
                        s -> s.bindNow().bind("olderThan", olderThan).bind("limit", limit),
                        row -> readOrSkip(row)));
        List<IdempotencyRecord> records = new ArrayList<>();
        rows.stream().filter(Objects::nonNull).forEach(records::add);
        return records;
    }

    /** Scans one page of the table in physical order; {@code from} is a block on PostgreSQL, a rowid on SQLite. */
    public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
        boolean blocks = sql.dialect() == Dialect.POSTGRESQL;
        long last = blocks ? LAST_BLOCK : Long.MAX_VALUE;
        if (from > last) {
            return new UnfinishedPage(List.of(), OptionalLong.empty());
        }
        long part = blocks ? SCANNED_BLOCKS : SCANNED_ROWIDS;
        long to = from > last - part ? last : from + part;
        return retries.run("a page of a scan for unfinished records", OnInterrupt.STOP, () -> {
            List<IdempotencyRecord> records = new ArrayList<>();
            List<OptionalLong> next = sql.read(
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
            return mapper.read(row);
        } catch (StoreException.Corrupt e) {
            log.error("Skipped a record that cannot be read; claims of its key fail until it is repaired by hand", e);
            return null;
        }
    }
}
