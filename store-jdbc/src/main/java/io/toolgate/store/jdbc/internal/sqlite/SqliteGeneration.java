package io.toolgate.store.jdbc.internal.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sql.WriteQueue;
import io.toolgate.store.jdbc.internal.sqlite.SqliteFile.Entry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The generation of a SQLite file: a number in it that only grows, by which an older content is told from the one that
 * was there, however it came to the place, and though the file itself is the same.
 *
 * <p>It grows when a store opens the file, when one closes it, and before the first claim after each time that SQLite
 * has copied its log into the file. So two contents of the file itself, without the log, that differ in claims differ
 * in their generation; and a file that has lost its log is older than what the sidecar says.
 *
 * <p>Race: a copy is written over the file while stores have it open. SQLite reads what it finds, a mixture of the copy
 * and its log. Size and time of change tell that something has written to the file, which mostly is SQLite; then its
 * generation is read past the log. An older one ends all writes of this store, for good.
 *
 * <p>Race: SQLite copies its log into the file while that is read, or died before it was done. Then the file is a
 * mixture for a while, and may not be readable without the log. So only what is read from a file that nobody writes to
 * meanwhile counts; anything else stops no claim, and is looked at again soon.
 */
public final class SqliteGeneration {
    private static final Logger log = LoggerFactory.getLogger(SqliteGeneration.class);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path path;
    private final DataSource withoutLog;
    private final DataSource withLog;
    private final WriteQueue queue;
    private final LongConsumer recorder;
    private final ReentrantLock looking = new ReentrantLock();

    @GuardedBy("looking")
    private @Nullable Info known;

    /** The file as it was when its generation was last read. */
    private volatile @Nullable Object seen;

    /** Before this time a file that could not be read is not looked at again. */
    private volatile long nextLookNanos = System.nanoTime();

    private volatile @Nullable String older;

    /** What a file says about itself. */
    public record Info(String storeId, long generation) {
        /** Reads it through a connection. */
        public static Info read(Connection connection) throws SQLException {
            return SqlRunner.first(
                    connection,
                    SqlFiles.load("sqlite_file/read_store_info.sql"),
                    row -> new Info(row.getString("store_id"), row.getLong("file_generation")));
        }
    }

    /**
     * Watches the generation of {@code file}.
     *
     * @param queue entered before the generation is written
     * @param recorder is told each generation that was written
     */
    SqliteGeneration(SqliteFile file, WriteQueue queue, LongConsumer recorder) {
        this.path = file.path();
        this.withoutLog = SqliteConnections.withoutLog(file.path());
        this.withLog = SqliteConnections.to(file);
        this.queue = queue;
        this.recorder = recorder;
    }

    /**
     * Makes the generation grow, through {@code connection}, if it still is {@code info}'s; returns what it is then.
     */
    public static Info advance(Connection connection, Info info) throws SQLException {
        int written = SqlRunner.updateSqlite(
                connection,
                SqlFiles.load("sqlite_file/set_generation.sql"),
                bound -> bound.bind("generation", info.generation() + 1).bind("seenGeneration", info.generation()));
        return written == 1 ? new Info(info.storeId(), info.generation() + 1) : Info.read(connection);
    }

    /**
     * Returns what is wrong with the content, or null. Costs a comparison as long as the file is {@code now} what it
     * was.
     *
     * @param now compares equal as long as nothing has written to the file
     */
    @Nullable
    String problem(Entry now) {
        if (older == null && !now.equals(seen) && System.nanoTime() - nextLookNanos >= 0) {
            looking.lock();
            try {
                // Race: another claim has looked while this one waited, at a file that is newer than this one's.
                Entry fresh = Entry.at(path);
                if (older == null
                        && fresh != null
                        && !fresh.equals(seen)
                        && System.nanoTime() - nextLookNanos >= 0
                        && !look(fresh)) {
                    nextLookNanos = System.nanoTime() + PAUSE_NANOS;
                }
            } finally {
                looking.unlock();
            }
        }
        return older;
    }

    /** What has ended all writes; otherwise null. */
    @Nullable
    String older() {
        return older;
    }

    /** Looks at the file; false if it must be looked at again. */
    @GuardedBy("looking")
    private boolean look(Entry now) {
        Info before = known;
        Info main = readStill(now);
        if (main == null) {
            if (before != null) {
                return false;
            }
            // All of the store is in the log so far, as in the database of an application that has it open.
            seen = now;
            advance();
            return true;
        }
        if (before != null && isOlder(main, before)) {
            if (!main.equals(readStill(now))) {
                return false;
            }
            older = "An older or another content was written over the SQLite store " + path + " (id " + main.storeId()
                    + ", generation " + main.generation() + "; it was id " + before.storeId() + ", generation "
                    + before.generation() + ") while this process has it open. Nothing is written any more, so that no"
                    + " key runs again. Stop everything that has it open, then restore the right file, without -wal"
                    + " and -shm";
            return true;
        }
        known = main;
        if (!advance(main)) {
            return false;
        }
        seen = now;
        return true;
    }

    private static boolean isOlder(Info main, Info before) {
        return !before.storeId().equals(main.storeId()) || main.generation() < before.generation();
    }

    /** What the file itself says; null if it cannot be read, or is not {@code now} any more when it was. */
    private @Nullable Info readStill(Entry now) {
        Info info;
        try (Connection connection = withoutLog.getConnection()) {
            info = Info.read(connection);
        } catch (SQLException e) {
            log.debug("The generation of {} cannot be read without its log now", path, e);
            return null;
        }
        return now.equals(Entry.at(path)) ? info : null;
    }

    /** Makes the generation grow when the store is closed, so that a copy that was made before is older. */
    void close() {
        if (older == null) {
            advance();
        }
    }

    private void advance() {
        try (Connection connection = withLog.getConnection()) {
            boolean unused = advance(Info.read(connection));
        } catch (SQLException e) {
            log.debug("The generation of {} could not be read", path, e);
        }
    }

    /** Makes the generation grow, unless another process did; false if it could not. */
    private boolean advance(Info info) {
        queue.enter();
        try (Connection connection = withLog.getConnection()) {
            long unused =
                    SqlRunner.first(connection, SqlFiles.load("sqlite_file/no_checkpoint.sql"), row -> row.getLong(1));
            long generation = advance(connection, info).generation();
            recorder.accept(generation);
            return generation > info.generation();
        } catch (SQLException e) {
            log.debug("The generation of {} could not be written", path, e);
            return false;
        } finally {
            queue.exit();
        }
    }
}
