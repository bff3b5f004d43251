package io.toolgate.store.jdbc.internal.wakeup;

import io.toolgate.store.RecordId;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import java.util.Collection;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The way between stores, of other processes or of this one, by which those who wait for a record learn sooner than by their
 * next poll that it moved. Only ever a hint: it may be lost, late or wrong. Every method returns at once, may be called by many
 * threads, and throws nothing.
 */
public interface Wakeups extends AutoCloseable {
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

    /**
     * How the stores on one database wake one another, as far as they can.
     *
     * @param writer where notifications are sent from
     * @param direct connections past the pools, to be notified on; null for a store that is not
     */
    static Maker of(Dialect dialect, DataSource writer, @Nullable DataSource direct) {
        if (direct == null) {
            return hint -> new None();
        }
        return dialect == Dialect.POSTGRESQL
                ? hint -> PostgresWakeups.on(writer, direct, hint)
                : hint -> new SqliteWakeups(direct, hint);
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
