package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.Applied;
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
 * Checkpoints: a mark and the version that it makes, in one commit.
 *
 * <p>As with {@link RunCompletions}, the token in the statement's condition says who may, and only where there was nothing to
 * write is the record read, and {@link ClaimMachine} says whether it is the repetition of what was left or somebody else's.
 *
 * <p>Races, and what ends each: marks of one run, the lock on the record's row, behind which the next one finds the version
 * that the other left; a mark against a takeover or a completion, the token and the status in the condition; a mark against
 * its own lost acknowledgement, its value.
 */
public final class CheckpointWrites {
    private final SqlRunner statements;
    private final RecordReads reads;
    private final RetryLoop attempts;

    public CheckpointWrites(SqlRunner statements, RecordReads reads, RetryLoop attempts) {
        this.statements = statements;
        this.reads = reads;
        this.attempts = attempts;
    }

    public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
        return attempts.run("a checkpoint of " + lease.id(), OnInterrupt.FINISH, () -> attempt(lease, name, value));
    }

    private @Nullable TransitionOutcome attempt(Lease lease, String name, Payload value) {
        List<TransitionOutcome> written = statements.dialect() == Dialect.SQLITE
                ? statements.transaction(transaction -> writeBoth(transaction, lease, name, value))
                : statements.write(Name.CHECKPOINT, s -> mark(s, lease, name, value), row -> applied(row));
        if (!written.isEmpty()) {
            return written.get(0);
        }
        IdempotencyRecord current = reads.read(lease.id());
        Checkpoint before = current == null ? null : mark(current, name);
        // Without a record the time decides nothing.
        Instant now = current == null ? Instant.EPOCH : current.readAt();
        Decision<TransitionOutcome> decision = ClaimMachine.checkpoint(current, before, lease, value, now);
        // Race: the mark that stood in the way was replaced meanwhile, by another thread of this run: write it again.
        return decision.next().isEmpty() ? decision.outcome() : null;
    }

    private List<TransitionOutcome> writeBoth(
            SqlRunner.Transaction transaction, Lease lease, String name, Payload value) {
        boolean marked = !transaction
                .write(Name.CHECKPOINT, s -> mark(s, lease, name, value), row -> row.getLong("version"))
                .isEmpty();
        return marked
                ? transaction.write(Name.CHECKPOINT_VERSION, s -> owner(s, lease), row -> applied(row))
                : List.of();
    }

    private static Parameters owner(Parameters bindings, Lease lease) {
        return bindings.bindNow()
                .bind("id", lease.id().toUuid())
                .bind("token", lease.token().toUuid());
    }

    private static Parameters mark(Parameters bindings, Lease lease, String name, Payload value) {
        return owner(bindings, lease)
                .bind("name", name)
                .bind("codec", value.codec())
                .bind("data", value.isNull() ? null : value.bytes());
    }

    private Applied applied(ResultSet row) throws SQLException {
        RecordState state = RecordState.valueOf(row.getString("status"));
        return new Applied(state, state, row.getLong("version"), requireTime(row, "at"));
    }

    /** The mark of this name in the record's present life. */
    private @Nullable Checkpoint mark(IdempotencyRecord record, String name) {
        List<@Nullable Checkpoint> rows = statements.read(
                Name.CHECKPOINT_READ,
                s -> s.bind("id", record.id().toUuid()).bind("name", name),
                row -> requireTime(row, "record_created_at").equals(record.createdAt())
                        ? KeyHistories.checkpoint(
                                row, row.getString("codec"), row.getBytes("data"), requireTime(row, "written_at"))
                        : null);
        return rows.isEmpty() ? null : rows.get(0);
    }

    private Instant requireTime(ResultSet row, String column) throws SQLException {
        Instant at = statements.dialect().instant(row, column);
        if (at == null) {
            throw new IllegalStateException(column + " came back NULL, which the schema does not allow");
        }
        return at;
    }
}
