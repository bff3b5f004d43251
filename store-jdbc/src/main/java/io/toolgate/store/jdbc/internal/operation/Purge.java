package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.Parameters;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/** Deletes records whose retention is over, with what belongs to them, in small batches with rests in between. */
public final class Purge {
    private final SqlRunner statements;
    private final RetryLoop attempts;
    private final SchemaFallback versions;
    private final Batches batches;

    public Purge(SqlRunner statements, RetryLoop attempts, SchemaFallback versions) {
        this.statements = statements;
        this.attempts = attempts;
        this.versions = versions;
        this.batches = Batches.of(statements.dialect(), System::nanoTime, LockSupport::parkNanos);
    }

    public int purge(int limit) {
        int deleted = batches.run(limit, most -> versions.since2(() -> records(most), () -> ofVersion1(most)));
        int unused = batches.run(limit, most -> versions.since2(() -> history(most), () -> 0));
        return deleted;
    }

    private int records(int most) {
        return attempts.run("a purge", OnInterrupt.STOP, () -> {
            if (statements.dialect() == Dialect.SQLITE) {
                return statements.transaction(transaction -> recordsAndTheRest(transaction, most));
            }
            return statements
                    .write(Name.PURGE, s -> s.bind("limit", most), row -> row.getInt("purged"))
                    .get(0);
        });
    }

    private int recordsAndTheRest(SqlRunner.Transaction transaction, int most) {
        List<UUID> ids = transaction.write(
                Name.PURGE,
                s -> s.bindNow().bind("limit", most),
                row -> Objects.requireNonNull(statements.dialect().uuid(row, "record_id")));
        if (!ids.isEmpty()) {
            String json = Parameters.json(ids);
            transaction.update(Name.PURGE_CHECKPOINTS, s -> s.bind("ids", json));
            transaction.update(Name.PURGE_DECISIONS, s -> s.bindNow().bind("ids", json));
        }
        return ids.size();
    }

    private int ofVersion1(int most) {
        return update(Name.PURGE_VERSION_1, most);
    }

    private int history(int most) {
        return update(Name.PURGE_HISTORY, most);
    }

    private int update(Name name, int most) {
        return attempts.run(
                "a purge",
                OnInterrupt.STOP,
                () -> statements.update(name, s -> s.bindNow().bind("limit", most)));
    }
}
