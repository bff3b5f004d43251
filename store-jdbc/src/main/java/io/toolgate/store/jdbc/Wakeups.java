package io.toolgate.store.jdbc;

import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import java.util.Collection;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The way between stores, of other processes or of this one, by which those who wait for a record learn sooner than by their
 * next poll that it moved. Only ever a hint: it may be lost, late or wrong. Every method returns at once, may be called by many
 * threads, and throws nothing.
 */
interface Wakeups extends AutoCloseable {
    /** Makes the way of one store, which gives what it hears to {@code hint}, on a thread of its own. */
    @FunctionalInterface
    interface Maker {
        Wakeups make(Consumer<RecordId> hint);
    }

    /** Listens from now on, if it does not yet: whoever claims a record may be waited for. */
    void begin();

    /** Somebody here waits for these records, for the next ten seconds at most. */
    void announce(Collection<RecordId> ids);

    /** This record moved here, durably; {@code ended} if it is finished, so that whoever waits now will not go on waiting. */
    void moved(RecordId id, boolean ended);

    /** Ends what it began, threads and connections included. Idempotent. */
    @Override
    void close();

    /** How the stores on {@code database}, which is closed if this throws, wake one another, as far as they can. */
    static Maker of(OpenedDatabase database, boolean wanted, @Nullable DataSource given) {
        if (given != null) {
            try {
                checkListener(database, given);
            } catch (RuntimeException e) {
                database.close();
                throw e;
            }
        }
        DataSource direct = given == null ? database.direct() : given;
        if (!wanted || direct == null) {
            return hint -> new None();
        }
        return database.dialect() == Dialect.POSTGRESQL
                ? hint -> PostgresWakeups.on(database.writer(), direct, hint)
                : hint -> new SqliteWakeups(direct, hint);
    }

    private static void checkListener(OpenedDatabase database, DataSource given) {
        if (database.dialect() != Dialect.POSTGRESQL) {
            throw new StoreException.Misconfigured(
                    "A SQLite store has nothing to listen to, since it looks at its file."
                            + " Open it without listener(…)");
        }
        PostgresListener.check(given, database.writer());
    }

    /** Where there is no way: everybody polls. */
    final class None implements Wakeups {
        @Override
        public void begin() {}

        @Override
        public void announce(Collection<RecordId> ids) {}

        @Override
        public void moved(RecordId id, boolean ended) {}

        @Override
        public void close() {}
    }
}
