package io.toolgate.race.database;

import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.support.DatabaseLogin;

/** Opens ToolGate's store on a database that has its schema. */
public final class Stores {
    private Stores() {}

    /**
     * A store with at most {@code connections} connections; close it.
     */
    public static IdempotencyStore open(DatabaseLogin database, int connections) {
        return builder(database).poolSize(connections).migrate(false).open();
    }

    /**
     * The same; close it.
     *
     * @param groupCommit whether concurrent callers share commits
     */
    public static IdempotencyStore open(DatabaseLogin database, int connections, boolean groupCommit) {
        return builder(database)
                .poolSize(connections)
                .migrate(false)
                .groupCommit(groupCommit)
                .open();
    }

    static JdbcIdempotencyStore.Builder builder(DatabaseLogin database) {
        JdbcIdempotencyStore.Builder builder = JdbcIdempotencyStore.builder(database.url());
        if (database.user() != null) {
            builder.user(database.user());
        }
        if (database.password() != null) {
            builder.password(database.password());
        }
        return builder;
    }
}
