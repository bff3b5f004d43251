package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.util.List;
import java.util.function.Supplier;

/**
 * Runs operations that need version 2 of the schema, with a fallback for databases that still have version 1.
 *
 * <p>The version is not cached: the operation is tried first, and only if the database refuses it is the version read.
 * So a migration takes effect at the next call, in every process, and later calls pay nothing for the fallback.
 */
public final class SchemaFallback {
    private final SqlRunner sql;
    private final RetryLoop retries;

    public SchemaFallback(SqlRunner sql, RetryLoop retries) {
        this.sql = sql;
        this.retries = retries;
    }

    /** Runs {@code operation}, or, where the schema has version 1, {@code instead}. */
    public <T> T since2(Supplier<T> operation, Supplier<T> instead) {
        try {
            return operation.get();
        } catch (StoreException.Misconfigured e) {
            if (version() < SqlFiles.CHECKPOINTS_AND_DECISIONS) {
                return instead.get();
            }
            // Race: the migration committed between the statement and the read of the version.
            return again(operation, e);
        }
    }

    /**
     * Runs {@code operation}, called {@code what} in messages.
     *
     * @throws StoreException.Misconfigured if the schema has version 1
     */
    public <T> T since2(String what, Supplier<T> operation) {
        return since2(operation, () -> {
            throw new StoreException.Misconfigured(what + " needs schema version 2, and the database has version 1."
                    + " Nothing was written. Let the store upgrade it, with builder(...).migrate(true), or have a DBA"
                    + " run V2__history_and_journal.sql and grants.sql of the SQL bundle; no service needs to be"
                    + " stopped for that");
        });
    }

    private static <T> T again(Supplier<T> operation, StoreException.Misconfigured first) {
        try {
            return operation.get();
        } catch (StoreException.Misconfigured e) {
            e.addSuppressed(first);
            throw e;
        }
    }

    private int version() {
        List<Integer> versions = retries.run(
                "a read of the schema's version",
                OnInterrupt.STOP,
                () -> sql.read(Name.SCHEMA_VERSION, s -> s, row -> row.getInt("schema_version")));
        return versions.isEmpty() ? 0 : versions.get(0);
    }
}
