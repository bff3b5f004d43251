package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A SQLite file that a store has open, identified by device and inode.
 *
 * <p>Race: SQLite keeps using an open file after it was moved or deleted, while the next process finds nothing at the
 * path: two stores for one set of keys. Therefore every claim first checks that the path still leads to the open file,
 * and is its only name; what was claimed before may still be completed in it.
 *
 * <p>Only SQLite opens the database file: closing any descriptor of a file drops all POSIX locks of the process on it,
 * SQLite's included.
 */
public final class SqliteFile {
    private static final Logger log = LoggerFactory.getLogger(SqliteFile.class);

    private final Path path;
    private final @Nullable Object key;

    /** What the previous claim found to be wrong, so that each trouble is logged once. */
    private final AtomicReference<@Nullable String> reported = new AtomicReference<>();

    private SqliteFile(Path path, @Nullable Object key) {
        this.path = path;
        this.key = key;
    }

    /** Returns the file that is at {@code path} now. */
    public static SqliteFile at(Path path) {
        Entry entry = Entry.at(path);
        return new SqliteFile(path, entry == null ? null : entry.key());
    }

    public Path path() {
        return path;
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

    /** Returns what is wrong with the path, or null if it still leads to this file. */
    @Nullable
    String problem() {
        Entry now = Entry.at(path);
        if (now == null || !Objects.equals(key, now.key())) {
            return "The SQLite store " + path + " was "
                    + (now == null ? "moved or deleted" : "replaced by another file")
                    + " while this process has it open. No key is claimed any more, so that none runs in two stores."
                    + " Put the file back, or close this store and open the right file";
        }
        return namesProblem(path, now.names());
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
     */
    record Entry(@Nullable Object key, int names) {
        private static final String UNIX = "unix:fileKey,nlink";

        static @Nullable Entry at(Path path) {
            try {
                if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
                    Map<String, Object> unix = Files.readAttributes(path, UNIX);
                    return new Entry(unix.get("fileKey"), unix.get("nlink") instanceof Integer names ? names : 1);
                }
                return new Entry(
                        Files.readAttributes(path, BasicFileAttributes.class).fileKey(), 1);
            } catch (IOException e) {
                return null;
            }
        }
    }
}
