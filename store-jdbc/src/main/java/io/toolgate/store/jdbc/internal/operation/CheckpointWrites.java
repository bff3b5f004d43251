package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
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
 * Writes checkpoints: a checkpoint and the record's next version, in one commit.
 *
 * <p>As with {@link RunCompletions}, the token in the statement's condition identifies the owner. Only if nothing was
 * written is the record read, and {@link ClaimMachine} tells a repetition of the same checkpoint from a lost lease.
 *
 * <p>Race: two checkpoints of one run; the second waits for the lock on the record's row, and continues from the
 * version that the first has left. Race: a takeover or a completion comes first; the token and the status in the
 * condition stop the checkpoint. Race: the acknowledgement is lost; the next try finds its own value,
 * and waits until that is replicated ({@code confirm.sql}).
 */
public final class CheckpointWrites {
    private final SqlRunner sql;
    private final RecordReads reads;
    private final RetryLoop retries;

    public CheckpointWrites(SqlRunner sql, RecordReads reads, RetryLoop retries) {
        this.sql = sql;
        this.reads = reads;
        this.retries = retries;
    }

    public TransitionOutcome checkpoint(Lease lease, String name, Payload value) {
        return retries.run("a checkpoint of " + lease.id(), OnInterrupt.FINISH, () -> attempt(lease, name, value));
    }

    private @Nullable TransitionOutcome attempt(Lease lease, String name, Payload value) {
        List<TransitionOutcome> written = sql.dialect() == Dialect.SQLITE
                ? sql.transaction(transaction -> writeBoth(transaction, lease, name, value))
                : sql.write(Name.CHECKPOINT, s -> bindCheckpoint(s, lease, name, value), row -> applied(row));
        if (!written.isEmpty()) {
            return written.get(0);
        }
        IdempotencyRecord current = reads.read(lease.id());
        Checkpoint before = current == null ? null : read(current, name);
        // Without a record the time does not matter.
        Instant now = current == null ? Instant.EPOCH : current.readAt();
        Decision<TransitionOutcome> decision = ClaimMachine.checkpoint(current, before, lease, value, now);
        // Race: another thread of this run replaced the checkpoint that stood in the way; the next try writes again.
        if (decision.next().isPresent()) {
            return null;
        }
        boolean repeated = decision.outcome() instanceof AlreadyApplied;
        return current != null && repeated && !reads.confirm(current) ? null : decision.outcome();
    }

    private List<TransitionOutcome> writeBoth(
            SqlRunner.Transaction transaction, Lease lease, String name, Payload value) {
        boolean written = !transaction
                .write(Name.CHECKPOINT, s -> bindCheckpoint(s, lease, name, value), row -> row.getLong("version"))
                .isEmpty();
        return written
                ? transaction.write(Name.CHECKPOINT_VERSION, s -> bindOwner(s, lease), row -> applied(row))
                : List.of();
    }

    private static Parameters bindOwner(Parameters bindings, Lease lease) {
        return bindings.bindNow()
                .bind("id", lease.id().toUuid())
                .bind("token", lease.token().toUuid());
    }

    private static Parameters bindCheckpoint(Parameters bindings, Lease lease, String name, Payload value) {
        return bindOwner(bindings, lease)
                .bind("name", name)
                .bind("codec", value.codec())
                .bind("data", value.isNull() ? null : value.bytes());
    }

    private Applied applied(ResultSet row) throws SQLException {
        RecordState state = RecordState.valueOf(row.getString("status"));
        return new Applied(state, state, row.getLong("version"), requireTime(row, "at"));
    }

    /** The checkpoint of this name that belongs to the record, and not to an earlier one of the same key. */
    private @Nullable Checkpoint read(IdempotencyRecord record, String name) {
        List<@Nullable Checkpoint> rows = sql.read(
                Name.CHECKPOINT_READ,
                s -> s.bind("id", record.id().toUuid()).bind("name", name),
                row -> requireTime(row, "record_created_at").equals(record.createdAt())
                        ? KeyHistories.checkpoint(
                                row, row.getString("codec"), row.getBytes("data"), requireTime(row, "written_at"))
                        : null);
        return rows.isEmpty() ? null : rows.get(0);
    }

    private Instant requireTime(ResultSet row, String column) throws SQLException {
        Instant at = sql.dialect().instant(row, column);
        if (at == null) {
            throw new IllegalStateException(column + " came back NULL, which the schema does not allow");
        }
        return at;
    }
}
