package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.WriteQueue;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A SQLite file that a store has open, with its log ({@code -wal}) and the index of that ({@code -shm}), each
 * identified by device and inode.
 *
 * <p>Race: SQLite keeps using an open file after it was moved or deleted, while the next process finds nothing at the
 * path: two stores for one set of keys. The same goes for the log, in which the newest claims are, and for its index,
 * on which SQLite's locks are. Therefore every claim first checks that the path still leads to the open file, is its
 * only name, and has the open log beside it. What was claimed before may still be completed, except where another log
 * is in use: what this process writes to its own would be lost, or damage the file.
 *
 * <p>Only SQLite opens the database file: closing any descriptor of a file drops all POSIX locks of the process on it,
 * SQLite's included.
 */
public final class SqliteFile {
    private static final Logger log = LoggerFactory.getLogger(SqliteFile.class);
    private static final long MAX_AGE_NANOS = 1_000_000_000;

    /** Well above what it can be: a kernel's clock for files moves in steps of up to 10 ms. */
    private static final long STEP_OF_FILE_TIMES_NANOS = 100_000_000;

    private final Path path;
    private final @Nullable Object key;
    private final Path logPath;
    private final Path indexPath;
    private final Path directory;

    /** Null as long as no connection is open, and on a file system without inodes. */
    private final @Nullable Object logKey;

    private final @Nullable Object indexKey;

    /** Null until a store watches it. */
    private volatile @Nullable SqliteGeneration generation;

    /** Null before the first. */
    private volatile @Nullable Look lastLook;

    /** What the previous claim found to be wrong, so that each trouble is logged once. */
    private final AtomicReference<@Nullable String> reported = new AtomicReference<>();

    /** The log that other processes use, which must be there once a connection is open; null if none is known. */
    private final @Nullable String sharedLog;

    private SqliteFile(
            Path path,
            @Nullable Object key,
            @Nullable String sharedLog,
            @Nullable Object logKey,
            @Nullable Object indexKey) {
        Path real = SqlitePlace.real(path);
        this.path = path;
        this.key = key;
        this.sharedLog = sharedLog;
        this.logPath = real.resolveSibling(real.getFileName() + "-wal");
        this.indexPath = real.resolveSibling(real.getFileName() + "-shm");
        this.directory = Objects.requireNonNull(logPath.toAbsolutePath().getParent());
        this.logKey = logKey;
        this.indexKey = indexKey;
    }

    /** Returns the file that is at {@code path} now, without its log. */
    public static SqliteFile at(Path path) {
        return at(path, null);
    }

    /** As above; {@code sharedLog} identifies the log that other processes use, or is null. */
    public static SqliteFile at(Path path, @Nullable String sharedLog) {
        return new SqliteFile(path, keyAt(path), sharedLog, null, null);
    }

    /** Returns this file with the log and the index that are beside it now, since a connection to it is open. */
    public SqliteFile withLog() {
        return new SqliteFile(path, key, sharedLog, keyAt(logPath), keyAt(indexPath));
    }

    /**
     * Whether this is the log that other processes use, as far as that is known. Race: it was removed, or the last of
     * them closed the file, just before this process opened it.
     */
    public boolean sharesLog() {
        return sharedLog == null || sharedLog.equals(logId());
    }

    /** Watches the content, too; {@code queue} and {@code recorder} as in {@link SqliteGeneration}. */
    public void watchContent(WriteQueue queue, LongConsumer recorder) {
        generation = new SqliteGeneration(this, queue, recorder);
        String problem = problem();
        if (problem != null) {
            throw new StoreException.Misconfigured(problem);
        }
    }

    /** Ends the watch, before the last connection is closed. */
    public void endWatch() {
        SqliteGeneration watched = generation;
        if (watched != null && connectionProblem() == null) {
            watched.close();
        }
    }

    public Path path() {
        return path;
    }

    /** Identifies log and index for other processes; null if one of them is not there, or cannot be identified. */
    public @Nullable String logId() {
        return logKey == null || indexKey == null ? null : "log=" + logKey + " index=" + indexKey;
    }

    /** Whether log and index are there. */
    public boolean hasLog() {
        return Files.exists(logPath) && Files.exists(indexPath);
    }

    private static @Nullable Object keyAt(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    /** Throws if {@link #path()} does not lead to this file any more, or is not its only name. */
    public void checkStillThere() {
        String problem = problem();
        if (problem != null) {
            if (!problem.equals(reported.getAndSet(problem))) {
                log.error("{}", problem);
            }
            throw new StoreException.Misconfigured(problem);
        }
        if (reported.getPlain() != null && reported.getAndSet(null) != null) {
            log.info("The SQLite store {} is in order again, and keys are claimed again", path);
        }
    }

    /** Returns what is wrong with the path, or null if this store may claim keys in what is there. */
    @Nullable
    String problem() {
        Entry now = Entry.at(path);
        String problem = fileProblem(now);
        if (problem == null && now != null) {
            problem = namesProblem(path, now.names());
        }
        if (problem != null) {
            return problem;
        }
        Log beside = logNow();
        // Looked at before it is said that the log was removed: results of runs that go on are still stored then, and
        // must not be in an older content.
        SqliteGeneration watched = generation;
        if (now != null && watched != null && !isAnother(beside)) {
            problem = watched.problem(now);
        }
        return problem == null ? logProblem(beside) : problem;
    }

    /** As {@link #problem()}, for a new connection: the file may have several names, and any content. */
    @Nullable
    String connectionProblem() {
        String problem = fileProblem(Entry.at(path));
        return problem != null ? problem : logProblem(logNow());
    }

    private @Nullable String fileProblem(@Nullable Entry now) {
        if (now != null && Objects.equals(key, now.key())) {
            return null;
        }
        return "The SQLite store " + path + " was "
                + (now == null ? "moved or deleted" : "replaced by another file")
                + " while this process has it open. No key is claimed any more, so that none runs in two stores."
                + " Put the file back, or close this store and open the right file";
    }

    /** What identifies the log and its index that are at their paths. */
    private record Log(@Nullable Object key, @Nullable Object indexKey) {}

    /**
     * A look at log and index.
     *
     * @param changed when the directory had last been changed, read before the look; null if that cannot be told
     * @param sinceNanos when {@code changed} was read for the first time; monotonic, as {@code atNanos}
     */
    private record Look(Log found, @Nullable FileTime changed, long sinceNanos, long atNanos) {
        /**
         * Whether it still holds, with the directory as it is now.
         *
         * <p>Race: a change right after a look may get the same time as the one before it, since a kernel's clock for
         * files moves in steps. A mount over a file changes no directory: hence the limit of a second.
         */
        private boolean holds(@Nullable FileTime changedNow) {
            return changed != null
                    && changed.equals(changedNow)
                    && atNanos - sinceNanos > STEP_OF_FILE_TIMES_NANOS
                    && System.nanoTime() - atNanos < MAX_AGE_NANOS;
        }
    }

    /**
     * Looks at the directory in place of log and index. Since 6.13 Linux writes an inode's exact time with the next
     * write after somebody looked at it (https://docs.kernel.org/filesystems/multigrain-ts.html): each flush of the
     * log would flush that, too, and take up to a third longer.
     */
    private Log logNow() {
        FileTime changed = changedAt(directory);
        Look last = lastLook;
        if (last != null && last.holds(changed)) {
            return last.found();
        }
        long atNanos = System.nanoTime();
        Log found = new Log(logKey == null ? null : keyAt(logPath), indexKey == null ? null : keyAt(indexPath));
        long sinceNanos = last != null && Objects.equals(changed, last.changed()) ? last.sinceNanos() : atNanos;
        lastLook = new Look(found, changed, sinceNanos, atNanos);
        return found;
    }

    /** Null on a system that does not tell, or where the directory is gone. */
    private static @Nullable FileTime changedAt(Path directory) {
        try {
            return Entry.IS_UNIX && Files.getAttribute(directory, "unix:ctime") instanceof FileTime changed
                    ? changed
                    : null;
        } catch (IOException e) {
            return null;
        }
    }

    private boolean isAnother(Log now) {
        return isAnother(logKey, now.key()) || isAnother(indexKey, now.indexKey());
    }

    private @Nullable String logProblem(Log now) {
        if (Objects.equals(logKey, now.key()) && Objects.equals(indexKey, now.indexKey())) {
            return null;
        }
        Path which = Objects.equals(logKey, now.key()) ? indexPath : logPath;
        if (isAnother(now)) {
            return which + " was replaced by another file while this process has the SQLite store open. Nothing is"
                    + " written any more, since it would be lost or damage the store. Stop everything that has " + path
                    + " open, and check it with PRAGMA integrity_check before it is opened again";
        }
        return which + " was removed while this process has the SQLite store open. No key is claimed any more, since"
                + " a process that opens it now would begin another log, and see nothing of this one. Results of runs"
                + " that go on are stored, and reach the file when the last process closes it: let the runs end, then"
                + " stop the processes as usual; what is killed loses them";
    }

    private static boolean isAnother(@Nullable Object expected, @Nullable Object now) {
        return now != null && !now.equals(expected);
    }

    /**
     * Throws if the file has another log beside it than this process has open, or another content, so that a write
     * would do harm.
     */
    public void checkMayWrite() {
        SqliteGeneration watched = generation;
        String older = watched == null ? null : watched.older();
        if (older != null) {
            throw new StoreException.Misconfigured(older);
        }
        // Beside another file, which took the place of this one, it is that one's.
        Log beside = logNow();
        if (isAnother(beside) && fileProblem(Entry.at(path)) == null) {
            throw new StoreException.Misconfigured(String.valueOf(logProblem(beside)));
        }
    }

    /** Returns what is wrong if the file at {@code path} has more than one name; otherwise null. */
    static @Nullable String namesProblem(Path path) {
        Entry entry = Entry.at(path);
        return entry == null ? null : namesProblem(path, entry.names());
    }

    private static @Nullable String namesProblem(Path path, int names) {
        if (names <= 1) {
            return null;
        }
        return "The SQLite store " + path + " has " + names
                + " names (hard links). SQLite keeps its log beside the name"
                + " of a file, so that processes that open it by different names would run the same keys. No key is"
                + " claimed. Find the other names with find / -samefile \"" + path + "\"; stop what opened the file"
                + " by one of them, then remove them";
    }

    /**
     * What a directory has at a name.
     *
     * @param key device and inode; null on a file system without them, which does not let an open database be moved
     * @param names the number of hard links; 1 where the system does not tell
     * @param size in bytes
     * @param modified the time of the last write
     */
    record Entry(@Nullable Object key, int names, Object size, Object modified) {
        /** A JDK's own attributes, beside POSIX's. */
        private static final boolean IS_UNIX =
                FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

        static @Nullable Entry at(Path path) {
            try {
                if (IS_UNIX) {
                    Map<String, Object> unix = Files.readAttributes(path, "unix:fileKey,nlink,size,lastModifiedTime");
                    return new Entry(
                            unix.get("fileKey"),
                            unix.get("nlink") instanceof Integer names ? names : 1,
                            Objects.requireNonNull(unix.get("size")),
                            Objects.requireNonNull(unix.get("lastModifiedTime")));
                }
                BasicFileAttributes basic = Files.readAttributes(path, BasicFileAttributes.class);
                return new Entry(basic.fileKey(), 1, basic.size(), basic.lastModifiedTime());
            } catch (IOException e) {
                return null;
            }
        }
    }
}
