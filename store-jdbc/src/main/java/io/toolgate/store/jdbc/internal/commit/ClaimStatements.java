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

/** The statements of one claim, on whatever connection {@link SqlRunner} gives them; what they mean is decided elsewhere. */
public final class ClaimStatements {
    private final SqlRunner statements;
    private final SingleStatementWrites single;
    private final ClaimRequest request;
    private final RecordId id;

    public ClaimStatements(SqlRunner statements, ClaimRequest request) {
        this.statements = statements;
        this.single = new SingleStatementWrites(statements);
        this.request = request;
        this.id = request.id();
    }

    /** Claims a key that has no record, or reads its record; null if that came or went in between: ask again. */
    @Nullable
    public ClaimAnswer insertOrRead(Write.Sender sender) {
        if (statements.dialect().readsBeforeInsert()) {
            List<ClaimAnswer> rows = statements.read(
                    Name.PEEK, s -> s.bindNow().bind("id", id.toUuid()), row -> single.found(row, request));
            if (!rows.isEmpty()) {
                return rows.get(0);
            }
        }
        return insert(sender);
    }

    /** Claims a key that has no record; on PostgreSQL it reads the record else. Null if there is one that was not read. */
    @Nullable
    public ClaimAnswer insert(Write.Sender sender) {
        return sender.send(new Write.Claim(request));
    }

    /** As above, with a statement of its own on the connection of these very statements. */
    @Nullable
    public ClaimAnswer insertOrRead() {
        return insertOrRead(single::write);
    }

    /** Takes {@code current} over, if it still is as it was read. */
    public boolean take(IdempotencyRecord current) {
        return !statements
                .write(
                        Name.CLAIM_TAKE,
                        s -> s.bindNow()
                                .bind("restart", ClaimMachine.isReplaceable(current, current.readAt()))
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
