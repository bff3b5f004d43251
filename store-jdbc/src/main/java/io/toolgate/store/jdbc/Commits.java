package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.GroupCommit.Limits;

/**
 * The shared commits of one store.
 *
 * @param runs those of claims and ends of runs
 * @param heartbeats those of heartbeats: on PostgreSQL others, so that leases are never kept waiting by work (rule 8 of SPEC.md);
 *     on SQLite, which has one writer, the same
 */
record Commits(GroupCommit runs, GroupCommit heartbeats) implements AutoCloseable {
    /** Any process has fewer threads than this; a queue of that length means that the database does not answer. */
    private static final int CAPACITY = 20_000;

    // A shared statement of PostgreSQL's is dear to set up, so a lane waits for more to share it. On SQLite to wait for
    // all who were there before took a seventh of the rate of 64 callers.
    private static final int SQLITES_ENOUGH = 8;
    private static final int POSTGRESQLS_ENOUGH = 32;

    static Commits of(Statements statements, StoreSettings settings) {
        if (statements.dialect() == Dialect.SQLITE) {
            Limits limits = limits(settings, 256, SQLITES_ENOUGH, 1);
            GroupCommit single = new GroupCommit("toolgate-commit", new SqliteWrites(statements), limits);
            return new Commits(single, single);
        }
        Writes writes = new PostgresWrites(statements);
        GroupCommit runs = new GroupCommit("toolgate-commit", writes, limits(settings, 128, POSTGRESQLS_ENOUGH, 2));
        GroupCommit heartbeats =
                new GroupCommit("toolgate-heartbeat-commit", writes, limits(settings, 128, POSTGRESQLS_ENOUGH, 1));
        return new Commits(runs, heartbeats);
    }

    private static Limits limits(StoreSettings settings, int batch, int enough, int lanes) {
        int few = switch (settings.sharing()) {
            case NONE -> Integer.MAX_VALUE;
            case ADAPTIVE -> 1;
            case ALL -> 0;
        };
        return new Limits(few, batch, enough, lanes, CAPACITY, settings.attemptBudget());
    }

    @Override
    public void close() {
        runs.close();
        heartbeats.close();
    }
}
