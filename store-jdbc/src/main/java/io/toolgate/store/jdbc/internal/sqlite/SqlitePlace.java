package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.StoreException;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place of a SQLite file: refuses one at which no store can be, before anything is created there.
 *
 * <p>SQLite puts its log and the index of its log beside the name by which a file is opened. So a file must have one
 * name: processes that open it by two would use a log each, and see nothing of each other's claims. A symbolic link is
 * no second name, since SQLite follows it first; a hard link is one, and so is a mount of the file itself, as a
 * container has it that is given a single file instead of its directory. All names of the directory lead to one log.
 */
public final class SqlitePlace {
    /** File systems of the kernel whose locks or shared memory do not reach all processes that can open the file. */
    private static final List<String> REMOTE = List.of(
            "nfs",
            "cifs",
            "smb",
            "9p",
            "v9fs",
            "virtiofs",
            "vboxsf",
            "vmhgfs",
            "prl_fs",
            "drvfs",
            "afs",
            "kafs",
            "coda",
            "ncp",
            "ceph",
            "gluster",
            "lustre",
            "beegfs",
            "gpfs",
            "mmfs",
            "gfs",
            "ocfs",
            "orangefs",
            "pvfs",
            "panfs",
            "wekafs",
            "webdav",
            "davfs",
            "sshfs",
            "osxfs",
            "grpcfuse",
            "macfuse");

    /**
     * File systems in user space that are known to be local: disks of other systems, and a container's own layers. All
     * others are refused, because each network file system of this kind has a name of its own.
     */
    private static final List<String> LOCAL_FUSE =
            List.of("fuseblk", "fuse.fuse-overlayfs", "fuse.ntfs-3g", "fuse.ntfs", "fuse.exfat", "fuse.fuse2fs");

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-3][0-7]{2})");

    private SqlitePlace() {}

    /** Refuses {@code path} if no store can be there; {@code fileSystemType} as {@link #fileSystemType}. */
    public static void check(Path path, Function<Path, String> fileSystemType) {
        check(path, fileSystemType, Files::isWritable);
    }

    /** As {@link #check(Path, Function)}, for a tool, which need not be able to write. */
    public static void checkForReading(Path path) {
        check(path, SqlitePlace::fileSystemType, any -> true);
    }

    /** As {@link #check(Path, Function)}, with another answer to what this process may write. */
    static void check(Path path, Function<Path, String> fileSystemType, Predicate<Path> writable) {
        if (Files.isDirectory(path)) {
            throw new StoreException.Misconfigured(
                    path + " is a directory. Name a file in it, such as " + path.resolve("store.db"));
        }
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            throw new StoreException.Misconfigured(
                    path + " is a symbolic link without a target. Restore its target, or remove the link");
        }
        if (!Files.isDirectory(directory(path))) {
            throw new StoreException.Misconfigured(
                    "The directory " + directory(path) + " for the SQLite store does not exist. Create it");
        }
        Path real = real(path);
        Path directory = directory(real);
        checkFileSystem(directory, fileSystemType.apply(directory).toLowerCase(Locale.ROOT));
        if (Files.exists(real)) {
            checkFile(real, writable);
        }
        if (!writable.test(directory)) {
            throw new StoreException.Misconfigured("The directory " + directory + " is read-only for this process, and"
                    + " SQLite needs to write its journal beside the store. Give it write permission");
        }
    }

    private static void checkFileSystem(Path directory, String type) {
        if (REMOTE.stream().anyMatch(type::startsWith)) {
            throw new StoreException.Misconfigured(directory + " is on a file system of type " + type + ", on which"
                    + " SQLite's locks do not work. Put the store on a local disk, or use PostgreSQL");
        }
        if (type.startsWith("fuse") && !LOCAL_FUSE.contains(type)) {
            throw new StoreException.Misconfigured(
                    directory + " is on a file system of type " + type + ", which runs in"
                            + " user space and may be a network's, on which SQLite's locks do not work. Put the"
                            + " store on a local disk, or use PostgreSQL");
        }
    }

    private static void checkFile(Path real, Predicate<Path> writable) {
        if (!writable.test(real)) {
            throw new StoreException.Misconfigured(
                    "The SQLite store " + real + " is read-only for this process. Give it write permission");
        }
        String names = SqliteFile.namesProblem(real);
        if (names != null) {
            throw new StoreException.Misconfigured(names);
        }
        if (isMountPoint(real, MOUNTS)) {
            throw new StoreException.Misconfigured("The SQLite store " + real + " is a mount of that single file, as a"
                    + " container has it with -v <file>:<file>. SQLite keeps its log beside the name of a file, so that"
                    + " a process that opens it by its other name would run the same keys again. Mount the directory"
                    + " that it is in");
        }
    }

    /** Whether something is mounted at {@code real}, says the kernel's table {@code mounts}, which may be missing. */
    static boolean isMountPoint(Path real, Path mounts) {
        // Not Files.lines: its channel is closed, with an exception, when the thread is interrupted.
        try (FileInputStream in = new FileInputStream(mounts.toFile())) {
            String name = real.toString();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(" ", 6))
                    .anyMatch(
                            fields -> fields.length > 4 && unescaped(fields[4]).equals(name));
        } catch (IOException e) {
            // Other systems have neither the table nor mounts of single files.
            return false;
        }
    }

    /** The kernel writes blanks and some other characters of a name as three octal digits. */
    private static String unescaped(String name) {
        return OCTAL.matcher(name)
                .replaceAll(escape ->
                        Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(escape.group(1), 8))));
    }

    /** Returns the type of the file system that {@code path} is on. */
    public static String fileSystemType(Path path) {
        try {
            return Files.getFileStore(path).type();
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** The directory that {@code path} is in. */
    public static Path directory(Path path) {
        Path directory = path.getParent();
        return directory == null ? path : directory;
    }

    /** The file itself, which may be reached through links; it need not exist. */
    static Path real(Path path) {
        try {
            return Files.exists(path)
                    ? path.toRealPath()
                    : directory(path).toRealPath().resolve(path.getFileName());
        } catch (IOException e) {
            throw new StoreException.Misconfigured("The path " + path + " cannot be followed (" + e + ")", e);
        }
    }

    /** The file beside the database that names the store. */
    public static Path sidecar(Path path) {
        Path real = Files.exists(path) ? real(path) : path;
        return real.resolveSibling(real.getFileName() + ".toolgate");
    }
}
