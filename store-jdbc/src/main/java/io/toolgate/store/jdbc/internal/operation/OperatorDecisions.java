package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveOutcome.AlreadyResolved;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.Parameters;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Applies operators' decisions about records. {@link ClaimMachine} judges the decision on the record as it was read; a
 * compare-and-set then applies it to that state of the record or changes nothing, and keeps the former state in the
 * same commit.
 *
 * <p>Race: another decision, a takeover or a late result comes first; token, status and version in the condition stop
 * this one. Race: an owner that seemed gone renews its lease; the condition also requires that the lease has ended, by
 * the database's clock. Race: the acknowledgement is lost; the next try recognises its own token, and waits
 * until the decision is replicated ({@code confirm.sql}).
 */
public final class OperatorDecisions {
    private final SqlRunner sql;
    private final RecordReads reads;
    private final RetryLoop retries;

    public OperatorDecisions(SqlRunner sql, RecordReads reads, RetryLoop retries) {
        this.sql = sql;
        this.reads = reads;
        this.retries = retries;
    }

    public ResolveOutcome resolve(ResolveRequest request) {
        return retries.run("the resolution of " + request.id(), OnInterrupt.FINISH, () -> {
            ResolveOutcome outcome = attempt(request);
            return outcome instanceof AlreadyResolved repeated
                            && !RecordReads.confirm(sql, request.id(), request.token(), repeated.version())
                    ? null
                    : outcome;
        });
    }

    /**
     * One try of a decision inside a transaction of the store's; null if the record moved meanwhile. One that an
     * earlier try has written is still to be {@linkplain RecordReads#confirm confirmed}.
     */
    public static @Nullable ResolveOutcome resolveWithin(SqlRunner within, ResolveRequest request) {
        return attempt(
                RecordReads.read(within, request.id()),
                request,
                (current, next) -> within.dialect() == Dialect.SQLITE
                        ? writeBoth(within, current, next, request)
                        : writeAtOnce(within, current, next, request));
    }

    private @Nullable ResolveOutcome attempt(ResolveRequest request) {
        return attempt(
                reads.read(request.id()),
                request,
                (current, next) -> sql.dialect() == Dialect.SQLITE
                        ? sql.transaction(transaction -> writeBoth(transaction.runner(), current, next, request))
                        : writeAtOnce(sql, current, next, request));
    }

    private static @Nullable ResolveOutcome attempt(
            @Nullable IdempotencyRecord current,
            ResolveRequest request,
            BiFunction<IdempotencyRecord, IdempotencyRecord, List<ResolveOutcome>> writer) {
        // Without a record the time does not matter.
        Instant now = current == null ? Instant.EPOCH : current.readAt();
        Decision<ResolveOutcome> decision = ClaimMachine.resolve(current, request, now);
        IdempotencyRecord next = decision.write();
        if (current == null || next == null) {
            return decision.outcome();
        }
        List<ResolveOutcome> applied = writer.apply(current, next);
        return applied.isEmpty() ? null : applied.get(0);
    }

    private static List<ResolveOutcome> writeAtOnce(
            SqlRunner on, IdempotencyRecord current, IdempotencyRecord next, ResolveRequest request) {
        return on.write(
                Name.RESOLVE,
                s -> bindDecision(bindKept(s, current, request), next, request),
                row -> resolved(on.dialect(), row, current, request));
    }

    private static List<ResolveOutcome> writeBoth(
            SqlRunner within, IdempotencyRecord current, IdempotencyRecord next, ResolveRequest request) {
        boolean kept = !within.write(Name.RESOLVE, s -> bindKept(s, current, request), row -> row.getLong("version"))
                .isEmpty();
        return kept
                ? within.write(
                        Name.RESOLVE_RECORD,
                        s -> bindDecision(s.bindNow().bind("id", request.id().toUuid()), next, request),
                        row -> resolved(within.dialect(), row, current, request))
                : List.of();
    }

    private static Parameters bindKept(Parameters bindings, IdempotencyRecord seen, ResolveRequest request) {
        return bindings.bindNow()
                .bind("decision", KeyHistory.Decision.of(request.verdict()).name())
                .bind("operator", request.operator())
                .bind("reason", request.reason())
                .bind("id", request.id().toUuid())
                .bind("seenToken", seen.token().toUuid())
                .bind("seenStatus", seen.state().name())
                .bind("seenVersion", seen.version());
    }

    private static Parameters bindDecision(Parameters bindings, IdempotencyRecord next, ResolveRequest request) {
        return bindings.bind("status", request.target().name())
                .bindNumbers(next.numbers())
                .bind("token", request.token().toUuid())
                .bindCompletion(request.result(), request.failure());
    }

    private static Resolved resolved(Dialect dialect, ResultSet row, IdempotencyRecord seen, ResolveRequest request)
            throws SQLException {
        Instant at = RecordMapper.requireTime(dialect.instant(row, "updated_at"));
        return new Resolved(seen.state(), request.target(), row.getLong("version"), at);
    }
}
