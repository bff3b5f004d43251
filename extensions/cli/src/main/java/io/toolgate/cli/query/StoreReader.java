package io.toolgate.cli.query;

import io.toolgate.migrations.Database;
import io.toolgate.store.jdbc.StoreAccess;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/** Read-only access to a store's tables. Each read has a connection and a transaction of its own. */
public final class StoreReader {
    private final StoreAccess access;
    private final Jdbi jdbi;

    /** A reader of the database behind {@code access}. */
    public StoreReader(StoreAccess access) {
        this.access = access;
        this.jdbi = access.jdbi();
    }

    /** The kind of database. */
    public Database database() {
        return access.database();
    }

    /**
     * Runs {@code read} on a snapshot of the database, in a transaction that cannot write and is rolled back.
     *
     * @throws io.toolgate.store.StoreException if the database fails; its message says what to do
     */
    public <T> T read(Function<StoreView, T> read) {
        try (Handle handle = jdbi.open()) {
            handle.begin();
            try {
                int unused = handle.execute(SqlFiles.load(database(), "snapshot"));
                return read.apply(new StoreView(access, handle));
            } finally {
                handle.rollback();
            }
        } catch (JdbiException e) {
            throw access.explain(e);
        }
    }
}
