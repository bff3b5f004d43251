package io.toolgate.store.jdbc.internal.wakeup;

import io.toolgate.store.RecordId;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import java.util.Collection;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Notifications between stores, in this process and in others, by which a waiter learns of a change to its record
 * before its next poll. A notification is only a hint: it may be lost, late, repeated or wrong. Every method returns
 * at once, is safe for use by many threads, and throws nothing.
 */
public interface Wakeups extends AutoCloseable {
    /** Creates the notifications of one store; those it receives go to {@code hint}, on a thread of their own. */
    @FunctionalInterface
    interface Maker {
        Wakeups make(Consumer<RecordId> hint);
    }

    /** Starts to listen, if it has not yet: a record that is claimed here may get waiters elsewhere. */
    void begin();

    /** Announces that these records have waiters here, for the next ten seconds at most. */
    void announce(Collection<RecordId> ids);

    /** Reports a durable change that was made here; {@code ended} if the record is finished and keeps no waiter. */
    void moved(RecordId id, boolean ended);

    /** Ends its threads and connections. Idempotent. */
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

    /** No notifications: waiters only poll. */
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
