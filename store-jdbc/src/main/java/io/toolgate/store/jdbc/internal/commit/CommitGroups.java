package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.jdbc.internal.commit.GroupCommit.Limits;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.time.Duration;

/**
 * The commit groups of one store.
 *
 * @param runs for claims and completions
 * @param heartbeats for heartbeats: on PostgreSQL a group of its own on a connection of its own, so that work never
 *     delays leases (rule 8 of SPEC.md); on SQLite, which has one writer, the same group
 */
public record CommitGroups(GroupCommit runs, GroupCommit heartbeats) implements AutoCloseable {
    /** More callers than a process has threads: a queue of this length means that the database does not answer. */
    private static final int CAPACITY = 20_000;

    // A shared statement of PostgreSQL costs more to set up, so its lanes gather more writes
    // for one. On SQLite gathering as many as the last commit had costs throughput.
    private static final int SQLITES_ENOUGH = 8;
    private static final int POSTGRESQLS_ENOUGH = 32;

    /** Policy on which writes share commits with writes of other callers. */
    public enum Sharing {
        /** None. */
        NONE,
        /** Those that arrive while others are in flight. */
        ADAPTIVE,
        /** All that can, even a single one; for tests. */
        ALL
    }

    /**
     * Groups in which a write waits in the queue for {@code patience} at most.
     *
     * @param sql writes claims and completions
     * @param renewals writes heartbeats; the same for SQLite
     */
    public static CommitGroups of(
            SqlRunner sql, SingleStatementWrites single, SqlRunner renewals, Sharing sharing, Duration patience) {
        if (sql.dialect() == Dialect.SQLITE) {
            Limits limits = limits(sharing, patience, 256, SQLITES_ENOUGH, 1);
            GroupCommit group = new GroupCommit("toolgate-commit", new SqliteGroupWrites(sql, single), limits);
            return new CommitGroups(group, group);
        }
        GroupCommit runs = new GroupCommit(
                "toolgate-commit",
                new PostgresGroupWrites(sql, single),
                limits(sharing, patience, 128, POSTGRESQLS_ENOUGH, 2));
        GroupCommit heartbeats = new GroupCommit(
                "toolgate-heartbeat-commit",
                new PostgresGroupWrites(renewals, new SingleStatementWrites(renewals)),
                limits(sharing, patience, 128, POSTGRESQLS_ENOUGH, 1));
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
