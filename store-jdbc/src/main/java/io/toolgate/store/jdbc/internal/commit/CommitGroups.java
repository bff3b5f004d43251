package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.jdbc.internal.commit.GroupCommit.Limits;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.time.Duration;

/**
 * The shared commits of one store.
 *
 * @param runs those of claims and ends of runs
 * @param heartbeats those of heartbeats: on PostgreSQL others, so that leases are never kept waiting by work (rule 8 of SPEC.md);
 *     on SQLite, which has one writer, the same
 */
public record CommitGroups(GroupCommit runs, GroupCommit heartbeats) implements AutoCloseable {
    /** Any process has fewer threads than this; a queue of that length means that the database does not answer. */
    private static final int CAPACITY = 20_000;

    // A shared statement of PostgreSQL's is dear to set up, so a lane waits for more to share it. On SQLite to wait for
    // all who were there before took a seventh of the rate of 64 callers.
    private static final int SQLITES_ENOUGH = 8;
    private static final int POSTGRESQLS_ENOUGH = 32;

    /** Which writes share commits with those of other callers. */
    public enum Sharing {
        /** None. */
        NONE,
        /** Those that come while others are in flight. */
        ADAPTIVE,
        /** All that can, were they the only ones; for tests. */
        ALL
    }

    public static CommitGroups of(SqlRunner statements, Sharing sharing, Duration patience) {
        if (statements.dialect() == Dialect.SQLITE) {
            Limits limits = limits(sharing, patience, 256, SQLITES_ENOUGH, 1);
            GroupCommit single = new GroupCommit("toolgate-commit", new SqliteGroupWrites(statements), limits);
            return new CommitGroups(single, single);
        }
        WriteBackend writes = new PostgresGroupWrites(statements);
        GroupCommit runs =
                new GroupCommit("toolgate-commit", writes, limits(sharing, patience, 128, POSTGRESQLS_ENOUGH, 2));
        GroupCommit heartbeats = new GroupCommit(
                "toolgate-heartbeat-commit", writes, limits(sharing, patience, 128, POSTGRESQLS_ENOUGH, 1));
        return new CommitGroups(runs, heartbeats);
    }

    private static Limits limits(Sharing sharing, Duration patience, int batch, int enough, int lanes) {
        int few = switch (sharing) {
            case NONE -> Integer.MAX_VALUE;
            case ADAPTIVE -> 1;
            case ALL -> 0;
        };
        return new Limits(few, batch, enough, lanes, CAPACITY, patience);
    }

    @Override
    public void close() {
        runs.close();
        heartbeats.close();
    }
}
