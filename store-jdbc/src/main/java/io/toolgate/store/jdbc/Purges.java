package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.Attempts.OnInterrupt;
import io.toolgate.store.jdbc.Sql.Name;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.IntUnaryOperator;

/** Deletes records whose retention is over, with what belongs to them, in small batches. */
final class Purges {
    /** How many records one statement deletes, so that its locks and its WAL come in small portions. */
    static final int BATCH = 500;

    private final Statements statements;
    private final Attempts attempts;
    private final SchemaVersions versions;

    Purges(Statements statements, Attempts attempts, SchemaVersions versions) {
        this.statements = statements;
        this.attempts = attempts;
        this.versions = versions;
    }

    int purge(int limit) {
        int deleted = inBatches(limit, most -> versions.since2(() -> records(most), () -> ofVersion1(most)));
        int unused = inBatches(limit, most -> versions.since2(() -> history(most), () -> 0));
        return deleted;
    }

    private static int inBatches(int limit, IntUnaryOperator batch) {
        int deleted = 0;
        int last;
        do {
            last = batch.applyAsInt(Math.min(BATCH, limit - deleted));
            deleted += last;
            // Not "less than asked for": another purge may have deleted some of those this one had found.
        } while (last > 0 && deleted < limit);
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

    private int recordsAndTheRest(Statements.Transaction transaction, int most) {
        List<UUID> ids = transaction.write(
                Name.PURGE,
                s -> s.bindNow().bind("limit", most),
                row -> Objects.requireNonNull(statements.dialect().uuid(row, "record_id")));
        if (!ids.isEmpty()) {
            String json = Transitions.json(ids);
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
