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
 * Wakes by NOTIFY, and only whom it is of use to: a store that waits says so to all; each remembers that for a while; and the one
 * that moves such a record tells all. Where nobody waits, nothing is sent.
 *
 * <p>Race: a record moves before its owner has heard that somebody waits. So a store that hears its own announcement, which is
 * when the others do, too, has its waiters look once. Where the owner hears it later than that, their next poll finds out. A
 * store that could not listen for a while has its waiters look, and announces them anew, when it can again.
 */
public final class PostgresWakeups implements Wakeups, PostgresListener.Ear {
    private static final Logger log = LoggerFactory.getLogger(PostgresWakeups.class);

    private final long self;
    private final Consumer<RecordId> hint;
    private final ExpiringIds<RecordId> waitedForHere;
    private final ExpiringIds<Boolean> waitedForElsewhere;
    private final NotifyQueue notifier;
    private final PostgresListener listener;
    private final Consumer<Lot> send;

    // Written by the listener's thread. Null until it has listened for the first time: until then nobody has heard
    // anything.
    private volatile @Nullable String channel;

    /** Texts to be sent on a channel. */
    record Lot(String channel, List<String> texts) {}

    PostgresWakeups(long self, LongSupplier nanoTime, DataSource ears, Consumer<Lot> send, Consumer<RecordId> hint) {
        this.self = self;
        this.hint = hint;
        this.send = send;
        this.waitedForHere = new ExpiringIds<>(nanoTime);
        this.waitedForElsewhere = new ExpiringIds<>(nanoTime);
        this.notifier = new NotifyQueue(self, this::sendNow);
        this.listener = new PostgresListener(ears, this);
    }

    /** Sends through {@code mouth}, and listens on connections of {@code ears}. */
    static Wakeups on(DataSource mouth, DataSource ears, Consumer<RecordId> hint) {
        String sql = SqlFiles.load("wakeups/postgresql_notify.sql").replaceAll(":(channel|payloads)", "?");
        return new PostgresWakeups(
                new SecureRandom().nextLong(), System::nanoTime, ears, lot -> notify(mouth, sql, lot), hint);
    }

    /** Without Jdbi, whose long way to a statement is too seldom gone here to be a quick one. */
    private static void notify(DataSource mouth, String sql, Lot lot) {
        try (Connection connection = mouth.getConnection()) {
            if (!connection.getAutoCommit()) {
                throw new StoreException.Misconfigured(
                        "The data source hands out connections with autocommit off, where a"
                                + " notice would wait for somebody's commit. Give the store a data source of its own");
            }
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, lot.channel());
                statement.setArray(
                        2, connection.createArrayOf("text", lot.texts().toArray(String[]::new)));
                statement.executeQuery().close();
            }
        } catch (SQLException e) {
            throw new StoreException.Unavailable("A notice could not be sent", e);
        }
    }

    private void sendNow(List<String> texts) {
        String name = channel;
        if (name != null) {
            send.accept(new Lot(name, texts));
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
        announced.forEach(waitedForHere::put);
        // Race: it begins to listen just now. Then it finds them here, and announces them itself.
        if (channel != null) {
            notifier.send(NotifyPayload.Kind.WAITS, announced.keySet());
        }
    }

    @Override
    public void moved(RecordId id, boolean ended) {
        if (waitedForElsewhere.seemsEmpty() || waitedForElsewhere.get(id.toUuid()) == null) {
            return;
        }
        if (ended) {
            waitedForElsewhere.remove(id.toUuid());
        }
        notifier.send(NotifyPayload.Kind.MOVED, List.of(id.toUuid()));
    }

    @Override
    public void listening(String name) {
        channel = name;
        Map<UUID, RecordId> here = waitedForHere.all();
        if (!here.isEmpty()) {
            notifier.send(NotifyPayload.Kind.WAITS, here.keySet());
            here.values().forEach(hint);
        }
    }

    @Override
    public void heard(String text) {
        NotifyPayload notice = NotifyPayload.read(text).orElse(null);
        if (notice == null) {
            log.debug("Somebody sent {} characters that are no notice of ours; they are ignored", text.length());
            return;
        }
        boolean own = notice.sender() == self;
        if (notice.kind() == NotifyPayload.Kind.WAITS && !own) {
            notice.ids().forEach(id -> waitedForElsewhere.put(id, true));
        } else if (notice.kind() == NotifyPayload.Kind.WAITS || !own) {
            // Our own announcement has taken effect, or somebody else moved what we may wait for.
            notice.ids().forEach(this::wake);
        }
    }

    private void wake(UUID id) {
        RecordId waitedFor = waitedForHere.get(id);
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
