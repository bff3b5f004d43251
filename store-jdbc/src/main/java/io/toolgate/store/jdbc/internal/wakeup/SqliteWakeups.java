package io.toolgate.store.jdbc.internal.wakeup;

import io.toolgate.store.RecordId;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
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
 * Wakes by looking: while somebody waits, and only then, a thread asks SQLite every millisecond whether another connection has
 * committed, and if so, which of the records that are waited for moved. Who moves them has nothing to do for it. The thread
 * begins on demand and ends when nobody has waited for a while; it holds no transaction between two looks.
 *
 * <p>Race: a record moves before its announcement. Its first look tells the waiter whatever it finds.
 */
public final class SqliteWakeups implements Wakeups {
    private static final Logger log = LoggerFactory.getLogger(SqliteWakeups.class);

    // A wait of so long lasts nearly a millisecond: Linux ends it late, and then the thread has to wake.
    private static final long TICK_NANOS = TimeUnit.MICROSECONDS.toNanos(800);

    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PATIENCE_MILLIS = 1000;
    private static final Long ABSENT = -1L;

    private final DataSource source;
    private final Consumer<RecordId> hint;
    private final long lingerNanos;
    private final ExpiringIds<RecordId> waitedFor;
    private final String readOnlySql = SqlFiles.load("sqlite_file/reader_only.sql");
    private final String dataVersionSql = SqlFiles.load("wakeups/sqlite_data_version.sql");
    private final String versionsSql =
            SqlFiles.load("wakeups/sqlite_versions.sql").replace(":ids", "?");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock, which is never held during I/O.
    private final Set<UUID> newcomers = new HashSet<>();
    private @Nullable Thread thread;
    private boolean closed;

    /** Looks by connections of {@code source}. */
    SqliteWakeups(DataSource source, Consumer<RecordId> hint) {
        this(source, hint, System::nanoTime, LINGER_NANOS);
    }

    /** As said, where announcements expire by {@code nanoTime}, and the thread ends when nobody has waited for so long. */
    SqliteWakeups(DataSource source, Consumer<RecordId> hint, LongSupplier nanoTime, long lingerNanos) {
        this.source = source;
        this.hint = hint;
        this.waitedFor = new ExpiringIds<>(nanoTime);
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
                waitedFor.put(id.toUuid(), id);
                newcomers.add(id.toUuid());
            }
            changed.signalAll();
            if (thread == null) {
                Thread begun = new Thread(this::run, "toolgate-changes");
                begun.setDaemon(true);
                begun.start();
                thread = begun;
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long pause = FIRST_PAUSE_NANOS;
        boolean warned = false;
        do {
            try (Look look = new Look()) {
                while (awaitTick(look.restNanos())) {
                    look.once();
                    pause = FIRST_PAUSE_NANOS;
                    warned = false;
                }
                return;
            } catch (SQLException | RuntimeException | Error e) {
                report(e, warned);
                warned = true;
            }
            pause = Math.min(LONGEST_PAUSE_NANOS, 2 * pause);
        } while (rest(pause / 2 + ThreadLocalRandom.current().nextLong(pause)));
    }

    private static void report(Throwable e, boolean warned) {
        if (warned) {
            log.debug("Still the file cannot be looked at for changes", e);
        } else {
            log.warn(
                    "The file cannot be looked at for changes of other processes, which is tried again; who waits finds"
                            + " out by polling, up to a tenth of a second later",
                    e);
        }
    }

    /** Waits until it is time to look, which is not before {@code restNanos}; false if the thread is to end. */
    private boolean awaitTick(long restNanos) {
        lock.lock();
        try {
            boolean idle = waitedFor.isEmpty() && newcomers.isEmpty();
            long left = idle ? lingerNanos : Math.max(TICK_NANOS, restNanos);
            while (!closed && newcomers.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            // Decided under the lock: who announces afterwards finds no thread, and begins one.
            boolean over = closed || (idle && newcomers.isEmpty());
            if (over) {
                thread = null;
            }
            return !over;
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt this thread; to look too early does no harm.
            log.debug("The thread that looks for changes was interrupted and goes on", e);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it is time to try again; false if the thread is to end, since nobody waits any more. */
    private boolean rest(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            // The first look of a connection tells about all that is waited for.
            newcomers.clear();
            boolean over = closed || waitedFor.isEmpty();
            if (over) {
                thread = null;
            }
            return !over;
        } catch (InterruptedException e) {
            log.debug("The thread that looks for changes was interrupted and goes on", e);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Race: it is announced again while it is being read that it is finished. Then somebody waits for another look. */
    private void forget(UUID id) {
        lock.lock();
        try {
            if (!newcomers.contains(id)) {
                waitedFor.remove(id);
            }
        } finally {
            lock.unlock();
        }
    }

    private Set<UUID> takeNewcomers() {
        lock.lock();
        try {
            Set<UUID> taken = new HashSet<>(newcomers);
            newcomers.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** A connection, and what was seen on it. The thread's own. */
    private final class Look implements AutoCloseable {
        private final Connection connection;
        private final PreparedStatement dataVersion;
        private final PreparedStatement versions;
        private final Set<UUID> unseen = new HashSet<>();
        private final Map<UUID, Long> seen = new HashMap<>();
        private final LookBudget budget = new LookBudget(System.nanoTime());
        private long seenDataVersion = -1;

        Look() throws SQLException {
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

        /** For how long not to look. */
        long restNanos() {
            return budget.restNanos(System.nanoTime());
        }

        void once() throws SQLException {
            unseen.addAll(takeNewcomers());
            if (restNanos() > 0) {
                return;
            }
            long from = System.nanoTime();
            // Asked before the records are read, so that what is committed in between is seen by the next look at
            // latest.
            long version = dataVersion();
            if (version == seenDataVersion && unseen.isEmpty()) {
                return;
            }
            tell(waitedFor.all());
            seenDataVersion = version;
            unseen.clear();
            budget.looked(from, System.nanoTime());
        }

        private long dataVersion() throws SQLException {
            try (ResultSet row = dataVersion.executeQuery()) {
                return row.next() ? row.getLong(1) : -1;
            }
        }

        private void tell(Map<UUID, RecordId> all) throws SQLException {
            Map<UUID, Long> found = read(all);
            all.forEach((id, record) -> {
                Long version = found.getOrDefault(id, ABSENT);
                if (!version.equals(seen.put(id, version)) || unseen.contains(id)) {
                    hint.accept(record);
                }
            });
            seen.keySet().retainAll(all.keySet());
        }

        /** The versions of those that are there. A record that is finished is told once more, and not looked at again. */
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
                log.debug("The connection that looks for changes did not close cleanly", e);
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
