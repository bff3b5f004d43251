package io.toolgate.store.jdbc.internal.open;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that a store keeps for the renewals of leases: they wait for no pool, however busy the application is
 * (rule 8 of SPEC.md). Lent to one thread at a time, replaced when it breaks, and returned to its source at close.
 *
 * <p>Race: the source gives no other connection at once, because the server is down or the application holds all of a
 * pool. A thread of its own waits for it, for as long as the source makes it wait; a renewal waits a moment for that
 * thread and then fails, and the next one finds what the thread has opened meanwhile.
 */
public final class KeptConnection implements SqlRunner.Source, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KeptConnection.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int ANSWER_SECONDS = 1;

    /** After such a rest the connection is validated before it is lent: a broken network reports nothing. */
    private static final long TRUSTED_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final DataSource source;
    private final boolean readCommitted;

    /** Held by the thread that the connection is lent to, also while that waits for it to be opened. */
    private final ReentrantLock lent = new ReentrantLock();

    @GuardedBy("lent")
    private @Nullable Connection connection;

    @GuardedBy("lent")
    private long usedNanos;

    /** The connection that is being opened, until a renewal has taken it, or the error that it ended with. */
    @GuardedBy("lent")
    private @Nullable CompletableFuture<Connection> opening;

    private volatile boolean begun;
    private volatile boolean closed;

    /**
     * A connection from {@code source}, which is not taken yet.
     *
     * @param readCommitted whether to set the isolation level, as on connections that are the store's own
     */
    KeptConnection(DataSource source, boolean readCommitted) {
        this.source = source;
        this.readCommitted = readCommitted;
    }

    /** Begins to open the connection, if that has not begun; does not wait for it. */
    public void begin() {
        // Whoever it is lent to opens it.
        if (begun || !lent.tryLock()) {
            return;
        }
        try {
            var unused = open();
        } catch (SQLException | OutOfMemoryError e) {
            log.debug("The connection for heartbeats cannot be opened yet; the first heartbeat opens it", e);
        } finally {
            lent.unlock();
            closeIfDue();
        }
    }

    @Override
    public Connection take() throws SQLException {
        return take(PATIENCE);
    }

    /** Lends the connection, which is waited for so long at most; to be released by the same thread. */
    Connection take(Duration patience) throws SQLException {
        boolean taken = false;
        lend(patience);
        try {
            Connection current = connection;
            if (current != null && System.nanoTime() - usedNanos > TRUSTED_NANOS && !current.isValid(ANSWER_SECONDS)) {
                discard(current);
                current = null;
            }
            if (current == null) {
                current = await(open(), patience);
            }
            taken = true;
            return current;
        } finally {
            if (!taken) {
                lent.unlock();
                closeIfDue();
            }
        }
    }

    private void lend(Duration patience) throws SQLException {
        try {
            if (!lent.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new SQLTransientConnectionException(
                        "the connection for heartbeats was in use for " + patience + " by an earlier heartbeat");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException("the thread was interrupted", e);
        }
    }

    @Override
    public void release(Connection released, @Nullable Throwable thrown) {
        try {
            usedNanos = System.nanoTime();
            if (isBroken(thrown)) {
                discard(released);
            }
        } finally {
            lent.unlock();
            closeIfDue();
        }
    }

    /** Whether an error says that the connection may be broken, or that a failover left it on a standby. */
    private static boolean isBroken(@Nullable Throwable thrown) {
        SQLException cause = RetryLoop.sqlCause(thrown);
        return cause != null
                && ((SqlErrorKind.of(cause) == SqlErrorKind.UNCERTAIN
                                && !SqlErrorKind.UNREPLICATED.equals(cause.getSQLState()))
                        || SqlErrorKind.READ_ONLY_SQL_TRANSACTION.equals(cause.getSQLState()));
    }

    @GuardedBy("lent")
    private void discard(Connection broken) {
        connection = null;
        close(broken);
    }

    /** The connection that is being opened. */
    @GuardedBy("lent")
    private CompletableFuture<Connection> open() throws SQLException {
        if (closed) {
            throw new SQLTransientConnectionException("the store is closed");
        }
        CompletableFuture<Connection> present = opening;
        if (present != null) {
            return present;
        }
        CompletableFuture<Connection> started = new CompletableFuture<>();
        Thread thread = new Thread(() -> openInto(started), "toolgate-heartbeat-connect");
        thread.setDaemon(true);
        // Assigned only once it has started: if it cannot, the next renewal tries again.
        thread.start();
        opening = started;
        begun = true;
        return started;
    }

    private void openInto(CompletableFuture<Connection> future) {
        try {
            Connection opened = SqlRunner.connect(source);
            try {
                if (readCommitted) {
                    opened.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
                }
            } catch (Throwable e) {
                close(opened);
                throw e;
            }
            future.complete(opened);
        } catch (Throwable e) {
            future.completeExceptionally(e);
        }
    }

    @GuardedBy("lent")
    private Connection await(CompletableFuture<Connection> opened, Duration patience) throws SQLException {
        try {
            Connection answer = opened.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            connection = answer;
            opening = null;
            return answer;
        } catch (TimeoutException e) {
            throw new SQLTransientConnectionException(
                    "no connection for heartbeats was handed out within " + patience, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException("the thread was interrupted", e);
        } catch (ExecutionException e) {
            opening = null;
            Throwable cause = e.getCause();
            if (cause instanceof SQLException sql) {
                throw sql;
            } else if (cause instanceof RuntimeException unexpected) {
                throw unexpected;
            }
            throw new SQLTransientConnectionException("the connection for heartbeats could not be opened", e);
        }
    }

    /** Returns the connection to its source; one that is lent, or being opened, as soon as it is back. */
    @Override
    public void close() {
        closed = true;
        closeIfDue();
    }

    /**
     * Race: it is closed while it is lent. So this is called after {@code closed} was set, and again after each unlock:
     * one of the two finds the lock free and the flag set.
     */
    private void closeIfDue() {
        if (!closed || !lent.tryLock()) {
            return;
        }
        try {
            Connection kept = connection;
            if (kept != null) {
                discard(kept);
            }
            CompletableFuture<Connection> arriving = opening;
            opening = null;
            if (arriving != null) {
                var unused = arriving.whenComplete((opened, thrown) -> {
                    if (opened != null) {
                        close(opened);
                    }
                });
            }
        } finally {
            lent.unlock();
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            log.debug("The connection for heartbeats did not close cleanly", e);
        }
    }
}
