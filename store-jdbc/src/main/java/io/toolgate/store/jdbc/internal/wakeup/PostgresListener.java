package io.toolgate.store.jdbc.internal.wakeup;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.jdbc.internal.sql.Backoff;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on the store's channel, on one connection that it keeps and one thread that starts on demand. Replaces a
 * broken connection after a randomised backoff, and warns once per outage.
 */
public final class PostgresListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PostgresListener.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final long PATIENCE_MILLIS = 1000;

    /** After such a silence the connection is validated: a broken network reports nothing. */
    private static final int SILENCE_MILLIS = 30_000;

    private static final int ANSWER_SECONDS = 5;

    private final DataSource source;
    private final Receiver receiver;
    private final String channelSql = SqlFiles.load("wakeups/postgresql_channel.sql");
    private final String listenSql = SqlFiles.load("wakeups/postgresql_listen.sql");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private @Nullable Thread thread;

    @GuardedBy("lock")
    private @Nullable Connection connection;

    @GuardedBy("lock")
    private boolean closed;

    /** Written under the lock; volatile, because every claim reads it. */
    private volatile boolean started;

    /** Used by the listener's thread only. */
    private boolean listening;

    /** Receives notifications, on the listener's thread; must not block. */
    interface Receiver {
        /** Notifications on {@code channel} are received from now on; earlier ones may have been missed. */
        void listening(String channel);

        void received(String text);
    }

    PostgresListener(DataSource source, Receiver receiver) {
        this.source = source;
        this.receiver = receiver;
    }

    /** Starts to listen, if it has not yet. */
    void start() {
        if (started) {
            return;
        }
        lock.lock();
        try {
            if (thread == null && !closed) {
                Thread created = new Thread(this::run, "toolgate-listener");
                created.setDaemon(true);
                created.start();
                thread = created;
            }
            started = true;
        } catch (OutOfMemoryError e) {
            // No thread can be created, which must not fail a claim; the next claim tries again.
            log.debug("Cannot start to listen for notifications yet", e);
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        boolean warned = false;
        while (!isClosed()) {
            try {
                listen();
            } catch (SQLException | RuntimeException | Error e) {
                if (listening) {
                    backoff.reset();
                    warned = false;
                }
                listening = false;
                if (!isClosed()) {
                    report(e, warned);
                    warned = true;
                }
            } finally {
                forget();
            }
            rest(backoff.nextNanos());
        }
    }

    private void listen() throws SQLException {
        Connection opened = source.getConnection();
        if (!keep(opened)) {
            opened.close();
            return;
        }
        opened.setAutoCommit(true);
        String channel = text(opened, channelSql);
        try (Statement statement = opened.createStatement()) {
            boolean unused = statement.execute(listenSql.replace("toolgate", channel));
        }
        PGConnection listenConnection = opened.unwrap(PGConnection.class);
        listening = true;
        receiver.listening(channel);
        while (!isClosed()) {
            PGNotification[] notifications = listenConnection.getNotifications(SILENCE_MILLIS);
            if (notifications.length == 0 && !opened.isValid(ANSWER_SECONDS)) {
                throw new SQLException("the server does not respond to validation");
            }
            for (PGNotification each : notifications) {
                receiver.received(each.getParameter());
            }
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                throw new SQLException("tg_store_info has no row");
            }
            return row.getString(1);
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Race: the store is closed while the connection is being opened. Then the listener's thread has to close it. */
    private boolean keep(Connection opened) {
        lock.lock();
        try {
            if (!closed) {
                connection = opened;
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void forget() {
        Connection kept;
        lock.lock();
        try {
            kept = connection;
            connection = null;
        } finally {
            lock.unlock();
        }
        if (kept != null) {
            try {
                kept.close();
            } catch (SQLException e) {
                log.debug("Closing the listener's connection failed", e);
            }
        }
    }

    private static void report(Throwable e, boolean warned) {
        if (warned) {
            log.debug("Still cannot receive notifications from other processes", e);
        } else {
            log.warn(
                    "Cannot receive notifications from other processes; will retry. Until then waiters here find out by"
                            + " polling, up to a tenth of a second later",
                    e);
        }
    }

    private void rest(long nanos) {
        long left = nanos;
        lock.lock();
        try {
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            // Not expected, and to retry too early does no harm.
            log.debug("The listener's thread was interrupted; it goes on", e);
        } finally {
            lock.unlock();
        }
    }

    /** Ends connection and thread, and waits a little for both; a connection being opened is closed by the thread. */
    @Override
    public void close() {
        Thread ending;
        Connection open;
        lock.lock();
        try {
            closed = true;
            ending = thread;
            open = connection;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (open != null) {
                // The thread waits in a socket read, which only this ends.
                open.abort(Runnable::run);
            }
            if (ending != null) {
                ending.join(PATIENCE_MILLIS);
            }
        } catch (SQLException e) {
            log.debug("Aborting the listener's connection failed; it ends with its thread", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
