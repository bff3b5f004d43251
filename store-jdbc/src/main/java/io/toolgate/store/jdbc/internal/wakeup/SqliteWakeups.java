package io.toolgate.store.jdbc.internal.wakeup;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.RecordId;
import io.toolgate.store.jdbc.internal.sql.Backoff;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls a SQLite file for changes while there are waiters, and only then: a thread asks SQLite every millisecond
 * whether another connection has committed, and if so, which of the records with waiters have changed. The process
 * that changes a record has nothing to do for it. The thread starts on demand, ends when there have been no waiters
 * for a while, and holds no transaction between polls. It asks SQLite only, never the {@code -wal} or {@code -shm}
 * file: closing one of those would drop SQLite's own locks.
 *
 * <p>Race: a record changes before its announcement. The first poll after it therefore always notifies.
 */
public final class SqliteWakeups implements Wakeups {
    private static final Logger log = LoggerFactory.getLogger(SqliteWakeups.class);

    /** Such a wait lasts nearly a millisecond: Linux ends it late, and then the thread has to be scheduled. */
    private static final long TICK_NANOS = TimeUnit.MICROSECONDS.toNanos(800);

    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final long PATIENCE_MILLIS = 1000;
    private static final Long ABSENT = -1L;

    private final DataSource source;
    private final Consumer<RecordId> hint;
    private final long lingerNanos;
    private final ExpiringIds<RecordId> waiters;
    private final String readOnlySql = SqlFiles.load("sqlite_file/reader_only.sql");
    private final String dataVersionSql = SqlFiles.load("wakeups/sqlite_data_version.sql");
    private final String versionsSql =
            SqlFiles.load("wakeups/sqlite_versions.sql").replace(":ids", "?");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Ids announced since the latest poll. */
    @GuardedBy("lock")
    private final Set<UUID> announced = new HashSet<>();

    @GuardedBy("lock")
    private @Nullable Thread thread;

    @GuardedBy("lock")
    private boolean closed;

    /** Polls on connections of {@code source}. */
    SqliteWakeups(DataSource source, Consumer<RecordId> hint) {
        this(source, hint, System::nanoTime, LINGER_NANOS);
    }

    /** As above; announcements expire by {@code nanoTime}, the thread after {@code lingerNanos} without waiters. */
    SqliteWakeups(DataSource source, Consumer<RecordId> hint, LongSupplier nanoTime, long lingerNanos) {
        this.source = source;
        this.hint = hint;
        this.waiters = new ExpiringIds<>(nanoTime);
        this.lingerNanos = lingerNanos;
    }

    @Override
    public void begin() {}

    @Override
    public void moved(RecordId id, boolean ended) {}

    @Override
    public void announce(Collection<RecordId> ids) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            for (RecordId id : ids) {
                waiters.put(id.toUuid(), id);
                announced.add(id.toUuid());
            }
            changed.signalAll();
            if (thread == null) {
                Thread created = new Thread(this::run, "toolgate-changes");
                created.setDaemon(true);
                created.start();
                thread = created;
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        boolean warned = false;
        do {
            try (PollingConnection polling = new PollingConnection()) {
                while (awaitPoll()) {
                    polling.poll();
                    backoff.reset();
                    warned = false;
                }
                return;
            } catch (SQLException | RuntimeException | Error e) {
                report(e, warned);
                warned = true;
            }
        } while (rest(backoff.nextNanos()));
    }

    private static void report(Throwable e, boolean warned) {
        if (warned) {
            log.debug("Still cannot poll the SQLite file for changes", e);
        } else {
            log.warn(
                    "Cannot poll the SQLite file for changes by other processes; will retry. Until then waiters here"
                            + " find out by polling their records, up to a tenth of a second later",
                    e);
        }
    }

    /** Waits until the next poll; false if the thread is to end. */
    private boolean awaitPoll() {
        lock.lock();
        try {
            boolean idle = waiters.isEmpty() && announced.isEmpty();
            long left = idle ? lingerNanos : TICK_NANOS;
            while (!closed && announced.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            // Race: an announcement while the thread ends. Decided under the lock: a later one starts another thread.
            boolean over = closed || (idle && announced.isEmpty());
            if (over) {
                thread = null;
            }
            return !over;
        } catch (InterruptedException e) {
            // Not expected, and to poll too early does no harm.
            log.debug("The polling thread was interrupted; it goes on", e);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits before the next try after a failure; false if the thread is to end, because there are no waiters any more.
     */
    private boolean rest(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            // The first poll of a new connection notifies all waiters anyway.
            announced.clear();
            boolean over = closed || waiters.isEmpty();
            if (over) {
                thread = null;
            }
            return !over;
        } catch (InterruptedException e) {
            log.debug("The polling thread was interrupted; it goes on", e);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Race: the id is announced again while its record is read as finished. Then it stays for another poll. */
    private void forget(UUID id) {
        lock.lock();
        try {
            if (!announced.contains(id)) {
                waiters.remove(id);
            }
        } finally {
            lock.unlock();
        }
    }

    private Set<UUID> takeAnnounced() {
        lock.lock();
        try {
            Set<UUID> taken = new HashSet<>(announced);
            announced.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** A connection and the versions read on it so far. Used by the polling thread only. */
    private final class PollingConnection implements AutoCloseable {
        private final Connection connection;
        private final PreparedStatement dataVersion;
        private final PreparedStatement versions;
        private final Set<UUID> unreported = new HashSet<>();
        private final Map<UUID, Long> reported = new HashMap<>();
        private long lastDataVersion = -1;

        PollingConnection() throws SQLException {
            connection = source.getConnection();
            try (Statement statement = connection.createStatement()) {
                boolean unused = statement.execute(readOnlySql);
                dataVersion = connection.prepareStatement(dataVersionSql);
                versions = connection.prepareStatement(versionsSql);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        }

        void poll() throws SQLException {
            unreported.addAll(takeAnnounced());
            // Race: a commit between the two reads. The counter is read first, so that the next poll sees the commit.
            long version = dataVersion();
            if (version == lastDataVersion && unreported.isEmpty()) {
                return;
            }
            notifyWaiters(waiters.all());
            lastDataVersion = version;
            unreported.clear();
        }

        private long dataVersion() throws SQLException {
            try (ResultSet row = dataVersion.executeQuery()) {
                return row.next() ? row.getLong(1) : -1;
            }
        }

        private void notifyWaiters(Map<UUID, RecordId> all) throws SQLException {
            Map<UUID, Long> found = read(all);
            all.forEach((id, record) -> {
                Long version = found.getOrDefault(id, ABSENT);
                if (!version.equals(reported.put(id, version)) || unreported.contains(id)) {
                    hint.accept(record);
                }
            });
            reported.keySet().retainAll(all.keySet());
        }

        /** Reads the versions of existing records. A finished one is reported once more, and not polled again. */
        private Map<UUID, Long> read(Map<UUID, RecordId> all) throws SQLException {
            versions.setString(
                    1,
                    all.keySet().stream()
                            .map(id -> '"' + HexFormat.of().formatHex(Dialect.bytes(id)) + '"')
                            .collect(Collectors.joining(",", "[", "]")));
            Map<UUID, Long> found = new HashMap<>();
            try (ResultSet row = versions.executeQuery()) {
                while (row.next()) {
                    UUID id = Dialect.SQLITE.uuid(row, "record_id");
                    if (id != null) {
                        found.put(id, row.getLong("version"));
                        if (row.getBoolean("ended")) {
                            forget(id);
                        }
                    }
                }
            }
            return found;
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                log.debug("Closing the polling connection failed", e);
            }
        }
    }

    @Override
    public void close() {
        Thread ending;
        lock.lock();
        try {
            closed = true;
            ending = thread;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (ending != null) {
                ending.join(PATIENCE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
