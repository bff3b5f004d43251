package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordId;
import io.toolgate.store.jdbc.internal.commit.Write.ClaimAnswer;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements of one claim, on a connection of a {@link SqlRunner}. The caller decides by {@link ClaimMachine}. */
public final class ClaimStatements {
    private final SqlRunner sql;
    private final SingleStatementWrites single;
    private final ClaimRequest request;
    private final RecordId id;

    /** The statements of {@code request} within a transaction, which {@code sql} runs on. */
    public ClaimStatements(SqlRunner sql, ClaimRequest request) {
        this(sql, new SingleStatementWrites(sql), request);
    }

    /** The statements of {@code request}. */
    public ClaimStatements(SqlRunner sql, SingleStatementWrites single, ClaimRequest request) {
        this.sql = sql;
        this.single = single;
        this.request = request;
        this.id = request.id();
    }

    /**
     * Claims a key that has no record, or reads its record; null if that came or went in between, so that the caller
     * retries.
     */
    @Nullable
    public ClaimAnswer insertOrRead(Write.Sender sender) {
        // A replay of a claim with an input must not pay for a transaction.
        if (sql.dialect().readsBeforeInsert() || request.input() != null) {
            List<ClaimAnswer> rows =
                    sql.read(Name.PEEK, s -> s.bindNow().bind("id", id.toUuid()), row -> single.found(row, request));
            if (!rows.isEmpty()) {
                return rows.get(0);
            }
        }
        return insert(sender);
    }

    /** Claims a key that has no record; otherwise reads the record on PostgreSQL, and returns null on SQLite. */
    @Nullable
    public ClaimAnswer insert(Write.Sender sender) {
        return sender.send(new Write.Claim(request));
    }

    /** As {@link #insertOrRead(Write.Sender)}, with a statement on the connection of the runner. */
    @Nullable
    public ClaimAnswer insertOrRead() {
        return insertOrRead(single::write);
    }

    /** Takes {@code current} over, if it is still as it was read, and makes it {@code next}. */
    public boolean take(IdempotencyRecord current, IdempotencyRecord next) {
        if (request.input() == null) {
            return take(sql, current, next);
        }
        return sql.inTransaction(within -> {
            boolean taken = take(within, current, next);
            if (taken) {
                SingleStatementWrites.rememberInput(within, request);
            }
            return taken;
        });
    }

    private boolean take(SqlRunner on, IdempotencyRecord current, IdempotencyRecord next) {
        return !on.write(
                        Name.CLAIM_TAKE,
                        s -> s.bindNow()
                                .bind("restart", ClaimMachine.isReplaceable(current, current.readAt()))
                                .bind("token", request.token().toUuid())
                                .bind("owner", request.owner())
                                .bindLease(request.lease())
                                .bind("fingerprint", request.fingerprint().bytes())
                                .bind("storesRows", request.storesRows())
                                .bind("retention", request.retention())
                                .bindNumbers(next.numbers())
                                .bind("id", id.toUuid())
                                .bind("seenToken", current.token().toUuid())
                                .bind("seenStatus", current.state().name())
                                .bind("seenVersion", current.version()),
                        row -> row.getLong("version"))
                .isEmpty();
    }
}
