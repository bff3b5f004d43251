package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A SQLite file that a store has open, known by device and inode.
 *
 * <p>SQLite goes on with an open file after it was moved or deleted, while the next process finds nothing at the path: two
 * stores for one set of keys. So every claim asks first whether the path still leads to the open file; what was claimed
 * before may still be completed in it.
 *
 * <p>The database file is never opened by anything but SQLite: closing any descriptor of a file drops all POSIX locks that
 * the process has on it, SQLite's included.
 */
public final class SqliteFile {
    /** File systems whose locks or whose shared memory do not reach all processes, so that WAL mode breaks on them. */
    private static final List<String> FOREIGN =
            List.of("nfs", "cifs", "smb", "9p", "fuse.sshfs", "sshfs", "virtiofs", "afs", "ceph", "gluster", "lustre");

    private final Path path;
    private final @Nullable Object key;

    private SqliteFile(Path path, @Nullable Object key) {
        this.path = path;
        this.key = key;
    }

    /** The file that is at {@code path} now. */
    public static SqliteFile at(Path path) {
        return new SqliteFile(path, fileKey(path));
    }

    public Path path() {
        return path;
    }

    /** Refuses if {@link #path()} does not lead to this file any more. */
    public void checkStillThere() {
        String trouble = trouble();
        if (trouble != null) {
            throw new StoreException.Misconfigured(trouble);
        }
    }

    /** What is wrong with the path, or null if it still leads to this file. */
    @Nullable
    String trouble() {
        Object now = fileKey(path);
        if (key != null && key.equals(now)) {
            return null;
        }
        if (key == null && Files.exists(path)) {
            // A file system without inodes, such as Windows has, does not let an open database be moved either.
            return null;
        }
        return "The SQLite store " + path + " was " + (now == null ? "moved or deleted" : "replaced by another file")
                + " while this process has it open. Nothing is claimed any more, so that no key runs in two stores. Put"
                + " the file back, or close this store and open the right file";
    }

    /** Refuses a path at which no store can be, before anything is created. */
    public static void checkPlace(Path path, Function<Path, String> fileSystemType) {
        checkPlace(path, fileSystemType, Files::isWritable);
    }

    public static void checkPlace(Path path, Function<Path, String> fileSystemType, Predicate<Path> writable) {
        if (Files.isDirectory(path)) {
            throw new StoreException.Misconfigured(
                    path + " is a directory. Name a file in it, such as " + path.resolve("store.db"));
        }
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            throw new StoreException.Misconfigured(
                    path + " is a link that leads nowhere. Put its target back, or remove the link");
        }
        Path directory = directory(path);
        if (!Files.isDirectory(directory)) {
            throw new StoreException.Misconfigured(
                    "The directory " + directory + " for the SQLite store does not exist. Create it");
        }
        String type = fileSystemType.apply(directory).toLowerCase(Locale.ROOT);
        if (FOREIGN.stream().anyMatch(type::startsWith)) {
            throw new StoreException.Misconfigured(directory + " is on a file system of type " + type + ", over which"
                    + " SQLite's locks do not hold. Put the store on a local disk, or use PostgreSQL");
        }
        if (Files.exists(path) && !writable.test(path)) {
            throw new StoreException.Misconfigured(
                    "The SQLite store " + path + " is read-only for this process. Give it write permission");
        }
        if (!writable.test(directory)) {
            throw new StoreException.Misconfigured("The directory " + directory + " is read-only for this process, and"
                    + " SQLite needs to write its journal beside the store. Give it write permission");
        }
    }

    /** The type of the file system that {@code path} is on. */
    public static String fileSystemType(Path path) {
        try {
            return Files.getFileStore(path).type();
        } catch (IOException e) {
            return "unknown";
        }
    }

    public static Path directory(Path path) {
        Path directory = path.getParent();
        return directory == null ? path : directory;
    }

    /** The file beside the database, which may be reached through links. */
    public static Path sidecar(Path path) {
        Path real = path;
        try {
            real = Files.exists(path) ? path.toRealPath() : path;
        } catch (IOException e) {
            throw new StoreException.Misconfigured("The path " + path + " cannot be followed (" + e + ")", e);
        }
        return real.resolveSibling(real.getFileName() + ".toolgate");
    }

    private static @Nullable Object fileKey(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }
}
