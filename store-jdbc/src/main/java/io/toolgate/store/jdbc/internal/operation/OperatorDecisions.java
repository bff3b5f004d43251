package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.Parameters;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people and programs decide about records: {@link ClaimMachine} says on the row as it was read whether the decision
 * fits, and a compare-and-set applies it to that very row or to none, and keeps the row as it stood in the same commit.
 *
 * <p>Races, and what ends each: two decisions, or one against a takeover or a late completion, token, status and version in
 * the condition; one against a heartbeat of an owner that was believed gone, the lease in that condition, asked by the
 * database's clock; one against its own lost acknowledgement, its token, by which the next try recognises itself.
 */
public final class OperatorDecisions {
    private final SqlRunner statements;
    private final RecordReads reads;
    private final RetryLoop attempts;

    public OperatorDecisions(SqlRunner statements, RecordReads reads, RetryLoop attempts) {
        this.statements = statements;
        this.reads = reads;
        this.attempts = attempts;
    }

    public ResolveOutcome resolve(ResolveRequest request) {
        return attempts.run("the resolution of " + request.id(), OnInterrupt.FINISH, () -> attempt(request));
    }

    private @Nullable ResolveOutcome attempt(ResolveRequest request) {
        IdempotencyRecord current = reads.read(request.id());
        // Without a record the time decides nothing.
        Instant now = current == null ? Instant.EPOCH : current.readAt();
        Decision<ResolveOutcome> decision = ClaimMachine.resolve(current, request, now);
        if (current == null || decision.next().isEmpty()) {
            return decision.outcome();
        }
        List<ResolveOutcome> applied = statements.dialect() == Dialect.SQLITE
                ? statements.transaction(transaction -> writeBoth(transaction, current, request))
                : statements.write(
                        Name.RESOLVE,
                        s -> decided(keep(s, current, request), request),
                        row -> resolved(row, current, request));
        return applied.isEmpty() ? null : applied.get(0);
    }

    private List<ResolveOutcome> writeBoth(
            SqlRunner.Transaction transaction, IdempotencyRecord current, ResolveRequest request) {
        boolean kept = !transaction
                .write(Name.RESOLVE, s -> keep(s, current, request), row -> row.getLong("version"))
                .isEmpty();
        return kept
                ? transaction.write(
                        Name.RESOLVE_RECORD,
                        s -> decided(s.bindNow().bind("id", request.id().toUuid()), request),
                        row -> resolved(row, current, request))
                : List.of();
    }

    private static Parameters keep(Parameters bindings, IdempotencyRecord seen, ResolveRequest request) {
        return bindings.bindNow()
                .bind("decision", KeyHistory.Decision.of(request.verdict()).name())
                .bind("operator", request.operator())
                .bind("reason", request.reason())
                .bind("id", request.id().toUuid())
                .bind("seenToken", seen.token().toUuid())
                .bind("seenStatus", seen.state().name())
                .bind("seenVersion", seen.version());
    }

    private static Parameters decided(Parameters bindings, ResolveRequest request) {
        return bindings.bind("status", request.target().name())
                .bind("token", request.token().toUuid())
                .bindEnd(request.result(), request.failure());
    }

    private Resolved resolved(ResultSet row, IdempotencyRecord seen, ResolveRequest request) throws SQLException {
        Instant at = statements.dialect().instant(row, "updated_at");
        if (at == null) {
            throw new IllegalStateException("updated_at came back NULL, which the schema does not allow");
        }
        return new Resolved(seen.state(), request.target(), row.getLong("version"), at);
    }
}
