package io.toolgate.store.jdbc.internal.wakeup;

import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifications with LISTEN and NOTIFY, sent only where they are of use: a store with waiters announces their records
 * to all stores, each remembers that for ten seconds, and a store that changes such a record notifies all. Without
 * waiters nothing is sent.
 *
 * <p>Race: a record changes before its owner has received the announcement. Therefore a store that receives its own
 * announcement, which is when the others do, has its waiters poll once. If the owner receives it later than that,
 * their next poll finds out. A store that could not listen for a while has its waiters poll, and announces them again,
 * as soon as it listens again.
 */
public final class PostgresWakeups implements Wakeups, PostgresListener.Receiver {
    private static final Logger log = LoggerFactory.getLogger(PostgresWakeups.class);

    private final long self;
    private final Consumer<RecordId> hint;
    private final ExpiringIds<RecordId> localWaiters;
    private final ExpiringIds<Boolean> remoteWaiters;
    private final NotifyQueue notifier;
    private final PostgresListener listener;
    private final Consumer<Notification> send;

    /** Written by the listener's thread; null until it listens for the first time. */
    private volatile @Nullable String channel;

    /** The payloads that one statement sends on a channel. */
    record Notification(String channel, List<String> payloads) {}

    PostgresWakeups(
            long self,
            LongSupplier nanoTime,
            DataSource listenSource,
            Consumer<Notification> send,
            Consumer<RecordId> hint) {
        this.self = self;
        this.hint = hint;
        this.send = send;
        this.localWaiters = new ExpiringIds<>(nanoTime);
        this.remoteWaiters = new ExpiringIds<>(nanoTime);
        this.notifier = new NotifyQueue(self, this::sendNow);
        this.listener = new PostgresListener(listenSource, this);
    }

    /** Sends on connections of {@code notifySource}, and listens on connections of {@code listenSource}. */
    static Wakeups on(DataSource notifySource, DataSource listenSource, Consumer<RecordId> hint) {
        String sql = SqlFiles.load("wakeups/postgresql_notify.sql").replaceAll(":(channel|payloads)", "?");
        return new PostgresWakeups(
                new SecureRandom().nextLong(),
                System::nanoTime,
                listenSource,
                notification -> notify(notifySource, sql, notification),
                hint);
    }

    /** Plain JDBC: this runs too seldom for the JVM to compile Jdbi's longer path to a statement. */
    private static void notify(DataSource notifySource, String sql, Notification notification) {
        try (Connection connection = notifySource.getConnection()) {
            if (!connection.getAutoCommit()) {
                throw new StoreException.Misconfigured(
                        "The data source returns connections with autocommit off, so that a notification would wait for"
                                + " a caller's commit. Give the store a data source of its own");
            }
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, notification.channel());
                statement.setArray(
                        2,
                        connection.createArrayOf("text", notification.payloads().toArray(String[]::new)));
                statement.executeQuery().close();
            }
        } catch (SQLException e) {
            throw new StoreException.Unavailable("Cannot notify other processes", e);
        }
    }

    private void sendNow(List<String> payloads) {
        String name = channel;
        if (name != null) {
            send.accept(new Notification(name, payloads));
        }
    }

    @Override
    public void begin() {
        listener.start();
    }

    @Override
    public void announce(Collection<RecordId> ids) {
        begin();
        Map<UUID, RecordId> announced = new LinkedHashMap<>();
        ids.forEach(id -> announced.put(id.toUuid(), id));
        announced.forEach(localWaiters::put);
        // Race: if it starts to listen at this moment, listening(…) finds these ids and announces them.
        if (channel != null) {
            notifier.send(NotifyPayload.Kind.WAITS, announced.keySet());
        }
    }

    @Override
    public void moved(RecordId id, boolean ended) {
        if (remoteWaiters.seemsEmpty() || remoteWaiters.get(id.toUuid()) == null) {
            return;
        }
        if (ended) {
            remoteWaiters.remove(id.toUuid());
        }
        notifier.send(NotifyPayload.Kind.MOVED, List.of(id.toUuid()));
    }

    @Override
    public void listening(String name) {
        channel = name;
        Map<UUID, RecordId> here = localWaiters.all();
        if (!here.isEmpty()) {
            notifier.send(NotifyPayload.Kind.WAITS, here.keySet());
            here.values().forEach(hint);
        }
    }

    @Override
    public void received(String text) {
        NotifyPayload payload = NotifyPayload.read(text).orElse(null);
        if (payload == null) {
            log.debug("Ignoring a notification of {} characters that is not in ToolGate's format", text.length());
            return;
        }
        boolean own = payload.sender() == self;
        if (payload.kind() == NotifyPayload.Kind.WAITS && !own) {
            payload.ids().forEach(id -> remoteWaiters.put(id, true));
        } else if (payload.kind() == NotifyPayload.Kind.WAITS || !own) {
            // Our own announcement has reached all stores, or another store has changed these records.
            payload.ids().forEach(this::wake);
        }
    }

    private void wake(UUID id) {
        RecordId waitedFor = localWaiters.get(id);
        if (waitedFor != null) {
            hint.accept(waitedFor);
        }
    }

    @Override
    public void close() {
        listener.close();
        notifier.close();
    }
}
