package io.toolgate.store.jdbc;

import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.Sql.Name;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements of one claim, on whatever connection {@link Statements} gives them; what they mean is decided elsewhere. */
final class ClaimSteps {
    private final Statements statements;
    private final RecordReader reader;
    private final ClaimRequest request;
    private final RecordId id;

    ClaimSteps(Statements statements, ClaimRequest request) {
        this.statements = statements;
        this.reader = new RecordReader(statements.dialect());
        this.request = request;
        this.id = request.id();
    }

    /** What the first statement of a try found: nothing was there and the key is ours now, or this record. */
    record Found(Instant at, @Nullable IdempotencyRecord record) {}

    /** Claims a key that has no record, or reads its record; null if that came or went in between: ask again. */
    @Nullable
    Found insertOrRead() {
        if (!statements.dialect().readsBeforeInsert()) {
            return insert();
        }
        List<Found> rows = statements.read(Name.PEEK, s -> s.bindNow().bind("id", id.toUuid()), row -> found(row));
        return rows.isEmpty() ? insert() : rows.get(0);
    }

    private @Nullable Found insert() {
        List<Found> rows = statements.write(
                Name.CLAIM_INSERT,
                s -> s.bindNow()
                        .bind("id", id.toUuid())
                        .bind("tenant", id.tenant())
                        .bind("action", id.action())
                        .bind("key", id.key())
                        .bind("token", request.token().toUuid())
                        .bind("owner", request.owner())
                        .bind("fingerprint", request.fingerprint().bytes())
                        .bindLease(request.lease())
                        .bind("retention", request.retention()),
                row -> found(row));
        return rows.isEmpty() ? null : rows.get(0);
    }

    private Found found(ResultSet row) throws SQLException {
        Instant at = statements.dialect().instant(row, "read_at");
        if (at == null) {
            throw new StoreException.Corrupt("The database did not tell its time", null);
        }
        return new Found(at, row.getBoolean("inserted") ? null : reader.read(row, id));
    }

    /** Takes {@code current} over, if it still is as it was read. */
    boolean take(IdempotencyRecord current) {
        return !statements
                .write(
                        Name.CLAIM_TAKE,
                        s -> s.bindNow()
                                .bind("restart", ClaimMachine.beginsAnew(current, current.readAt()))
                                .bind("token", request.token().toUuid())
                                .bind("owner", request.owner())
                                .bindLease(request.lease())
                                .bind("fingerprint", request.fingerprint().bytes())
                                .bind("retention", request.retention())
                                .bind("id", id.toUuid())
                                .bind("seenToken", current.token().toUuid())
                                .bind("seenStatus", current.state().name())
                                .bind("seenVersion", current.version()),
                        row -> row.getLong("version"))
                .isEmpty();
    }
}
