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
 * A SQLite file that a store has open, identified by device and inode.
 *
 * <p>Race: SQLite keeps using an open file after it was moved or deleted, while the next process finds nothing at the
 * path: two stores for one set of keys. Therefore every claim first checks that the path still leads to the open file;
 * what was claimed before may still be completed in it.
 *
 * <p>Only SQLite opens the database file: closing any descriptor of a file drops all POSIX locks of the process on it,
 * SQLite's included.
 */
public final class SqliteFile {
    /**
     * File systems whose locks or shared memory do not reach all processes, so that WAL mode does not work on them.
     */
    private static final List<String> UNSUPPORTED =
            List.of("nfs", "cifs", "smb", "9p", "fuse.sshfs", "sshfs", "virtiofs", "afs", "ceph", "gluster", "lustre");

    private final Path path;
    private final @Nullable Object key;

    private SqliteFile(Path path, @Nullable Object key) {
        this.path = path;
        this.key = key;
    }

    /** Returns the file that is at {@code path} now. */
    public static SqliteFile at(Path path) {
        return new SqliteFile(path, fileKey(path));
    }

    public Path path() {
        return path;
    }

    /** Throws if {@link #path()} does not lead to this file any more. */
    public void checkStillThere() {
        String problem = problem();
        if (problem != null) {
            throw new StoreException.Misconfigured(problem);
        }
    }

    /** Returns what is wrong with the path, or null if it still leads to this file. */
    @Nullable
    String problem() {
        Object now = fileKey(path);
        if (key != null && key.equals(now)) {
            return null;
        }
        if (key == null && Files.exists(path)) {
            // A file system without inodes, as on Windows, does not let an open database be moved either.
            return null;
        }
        return "The SQLite store " + path + " was " + (now == null ? "moved or deleted" : "replaced by another file")
                + " while this process has it open. No key is claimed any more, so that none runs in two stores. Put"
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
                    path + " is a symbolic link without a target. Restore its target, or remove the link");
        }
        Path directory = directory(path);
        if (!Files.isDirectory(directory)) {
            throw new StoreException.Misconfigured(
                    "The directory " + directory + " for the SQLite store does not exist. Create it");
        }
        String type = fileSystemType.apply(directory).toLowerCase(Locale.ROOT);
        if (UNSUPPORTED.stream().anyMatch(type::startsWith)) {
            throw new StoreException.Misconfigured(directory + " is on a file system of type " + type + ", on which"
                    + " SQLite's locks do not work. Put the store on a local disk, or use PostgreSQL");
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

    /** Returns the type of the file system that {@code path} is on. */
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
