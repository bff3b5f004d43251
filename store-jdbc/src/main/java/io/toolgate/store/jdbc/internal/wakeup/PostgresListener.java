package io.toolgate.store.jdbc.internal.wakeup;

import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on the channel of its store, on one connection that it keeps and one thread that begins on demand. A connection that
 * breaks is replaced, after a pause that grows and is drawn anew each time; each outage is warned of once.
 */
public final class PostgresListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PostgresListener.class);
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long PATIENCE_MILLIS = 1000;

    // After so long a silence it is asked whether the server is still there: a network that broke says nothing.
    private static final int SILENCE_MILLIS = 30_000;
    private static final int ANSWER_SECONDS = 5;

    private final DataSource source;
    private final Ear ear;
    private final String channelSql = SqlFiles.load("wakeups/postgresql_channel.sql");
    private final String listenSql = SqlFiles.load("wakeups/postgresql_listen.sql");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock, which is never held during I/O.
    private @Nullable Thread thread;
    private @Nullable Connection connection;
    private boolean closed;

    // Written under the lock; volatile for those who claim, to whom it must cost nothing.
    private volatile boolean started;

    // The thread's own.
    private boolean listening;

    /** Who is told, on the listener's thread. Must not block. */
    interface Ear {
        /** From now on what is sent on {@code channel} is heard; what was sent before may have been missed. */
        void listening(String channel);

        void heard(String text);
    }

    PostgresListener(DataSource source, Ear ear) {
        this.source = source;
        this.ear = ear;
    }

    /** Begins to listen, if that has not been begun. */
    void start() {
        if (started) {
            return;
        }
        lock.lock();
        try {
            if (thread == null && !closed) {
                Thread begun = new Thread(this::run, "toolgate-listener");
                begun.setDaemon(true);
                begun.start();
                thread = begun;
            }
            started = true;
        } catch (OutOfMemoryError e) {
            // No thread is to be had, which must not fail a claim; the next one tries again.
            log.debug("Nothing can be heard from other processes yet", e);
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long pause = FIRST_PAUSE_NANOS;
        boolean warned = false;
        while (!isClosed()) {
            try {
                listen();
            } catch (SQLException | RuntimeException | Error e) {
                if (listening) {
                    pause = FIRST_PAUSE_NANOS;
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
            rest(pause);
            pause = Math.min(LONGEST_PAUSE_NANOS, 2 * pause);
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
        PGConnection notifying = opened.unwrap(PGConnection.class);
        listening = true;
        ear.listening(channel);
        while (!isClosed()) {
            PGNotification[] heard = notifying.getNotifications(SILENCE_MILLIS);
            if (heard.length == 0 && !opened.isValid(ANSWER_SECONDS)) {
                throw new SQLException("the server does not answer any more");
            }
            for (PGNotification each : heard) {
                ear.heard(each.getParameter());
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

    /** Race: it is closed while the connection is being opened. Then there is nobody else who would close that. */
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
                log.debug("The listener's connection did not close cleanly", e);
            }
        }
    }

    private static void report(Throwable e, boolean warned) {
        if (warned) {
            log.debug("Still nothing can be heard from other processes", e);
        } else {
            log.warn(
                    "Nothing can be heard from other processes for now, and is tried again; who waits here finds out by"
                            + " polling, up to a tenth of a second later",
                    e);
        }
    }

    private void rest(long pause) {
        long left = pause / 2 + ThreadLocalRandom.current().nextLong(pause);
        lock.lock();
        try {
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt this thread; to try again too early does no harm.
            log.debug("The listener's thread was interrupted and goes on", e);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread and the connection, and waits a little for both; a connection just being opened is closed when it is. */
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
                // The thread waits in a read, which nothing else ends.
                open.abort(Runnable::run);
            }
            if (ending != null) {
                ending.join(PATIENCE_MILLIS);
            }
        } catch (SQLException e) {
            log.debug("The listener's connection could not be cut; it ends with its thread", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
