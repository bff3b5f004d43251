package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * The native library of the driver, which is SQLite itself, in a folder of its own below the temporary folder.
 *
 * <p>The driver unpacks a new copy in each process and deletes it when that ends in the usual way, so that a crash loop
 * fills the disk. Here all processes of a user share one file of each version. Where that is not possible, the driver
 * does it its own way.
 *
 * <p>The driver reports a library that it cannot load once, as a failed connection, and then as an Error of the virtual
 * machine. So it is loaded before anything else, and what is wrong is said each time.
 */
public final class NativeLibrary {
    private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);
    private static final String OF_DRIVER = "org.sqlite.tmpdir";
    private static final String OF_JAVA = "java.io.tmpdir";
    private static final String LIBRARY_FOLDER = "org.sqlite.lib.path";
    private static final String LIBRARY_NAME = "org.sqlite.lib.name";

    /** A file that a process was killed while writing is that old, or a process is still writing it. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private static final ReentrantLock loading = new ReentrantLock();

    /** Static, since a library is loaded for the whole class loader. */
    private static final AtomicBoolean LOADED = new AtomicBoolean();

    private NativeLibrary() {}

    /**
     * Loads the library, unless that was done.
     *
     * @throws StoreException.Misconfigured if it cannot be loaded; nothing is left of the attempt
     */
    public static void load() {
        if (LOADED.get()) {
            return;
        }
        loading.lock();
        try {
            if (!LOADED.get()) {
                loadFrom(Path.of(System.getProperty(OF_DRIVER, System.getProperty(OF_JAVA, ""))));
                LOADED.set(true);
            }
        } finally {
            loading.unlock();
        }
    }

    private static void loadFrom(Path temporary) {
        boolean asConfigured = System.getProperty(LIBRARY_FOLDER) != null;
        Path folder = asConfigured ? null : ownFolder(temporary);
        Set<Path> before = folder == null ? Set.of() : contents(folder);
        Path library = folder == null ? null : unpacked(folder);
        Map<String, String> properties = new HashMap<>();
        if (folder != null && library != null && library.getFileName() != null) {
            properties.put(LIBRARY_FOLDER, folder.toString());
            properties.put(LIBRARY_NAME, library.getFileName().toString());
            // If it cannot be loaded, the driver unpacks one itself, which then is left there, too.
            properties.put(OF_DRIVER, folder.toString());
        }
        Throwable failure = initialize(properties);
        if (failure != null) {
            if (folder != null) {
                remove(folder, before);
            }
            throw new StoreException.Misconfigured(
                    "SQLite's native library could not be loaded: " + reason(temporary, failure)
                            + ". The driver unpacks"
                            + " it into the folder " + temporary + ", which the system property "
                            + (System.getProperty(OF_DRIVER) == null ? OF_JAVA : OF_DRIVER)
                            + " names. Start the process with -D" + OF_DRIVER
                            + "=<folder>, naming a folder that exists, is writable, and is on a file system that is"
                            + " not mounted noexec. Nothing was written",
                    failure);
        }
    }

    /** Has the driver load the library, with these system properties for as long as it does. */
    private static @Nullable Throwable initialize(Map<String, String> properties) {
        Map<String, @Nullable String> previous = new HashMap<>();
        properties.forEach((name, value) -> previous.put(name, System.getProperty(name)));
        try {
            properties.forEach(System::setProperty);
            return SQLiteJDBCLoader.initialize() ? null : new IOException("the driver gives no reason");
        } catch (Exception | LinkageError e) {
            return e;
        } finally {
            previous.forEach((name, value) -> {
                if (value == null) {
                    System.clearProperty(name);
                } else {
                    System.setProperty(name, value);
                }
            });
        }
    }

    private static String reason(Path temporary, Throwable failure) {
        if (!Files.exists(temporary)) {
            return temporary + " does not exist";
        }
        if (!Files.isDirectory(temporary)) {
            return temporary + " is not a directory";
        }
        if (!Files.isWritable(temporary)) {
            return temporary + " is not writable";
        }
        return "it cannot be executed in " + temporary + ", or is not made for this system (" + failure.getMessage()
                + ")";
    }

    /** The folder in {@code temporary} that only this user may write to; null if there is none. */
    private static @Nullable Path ownFolder(Path temporary) {
        String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9._-]", "_");
        Path folder = temporary.resolve("toolgate-sqlite-" + user).toAbsolutePath();
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        try {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                Path unused = Files.createDirectory(folder, onlyMine(posix));
            }
            Path probe = Files.createTempFile(folder, "mine", ".tmp");
            boolean mine = Files.getOwner(probe).equals(Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS));
            Files.delete(probe);
            // In a folder that others can write to they could exchange the library.
            return mine && !(posix && isOpenToOthers(folder)) ? folder : null;
        } catch (IOException e) {
            log.debug("There can be no folder {} for SQLite's native library", folder, e);
            return null;
        }
    }

    private static boolean isOpenToOthers(Path folder) throws IOException {
        return Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS).stream()
                .anyMatch(OTHERS_WRITE::contains);
    }

    private static FileAttribute<?>[] onlyMine(boolean posix) {
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    /**
     * The library in {@code folder}, which is unpacked if it is not there; null if that fails. Race: several processes
     * unpack it at once. Each moves a whole file to its name, and all are the same.
     */
    private static @Nullable Path unpacked(Path folder) {
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
        try (InputStream in = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
            if (in == null) {
                return null;
            }
            byte[] bytes = in.readAllBytes();
            Path library = folder.resolve(name(bytes));
            if (isOpenElsewhere(library)) {
                return null;
            }
            if (!Files.isRegularFile(library, LinkOption.NOFOLLOW_LINKS)
                    || !Arrays.equals(Files.readAllBytes(library), bytes)) {
                Path whole = Files.createTempFile(folder, "unpacked", ".tmp");
                removeAbandoned(folder, Files.getLastModifiedTime(whole).toInstant());
                Path unused = Files.write(whole, bytes);
                Path unused2 =
                        Files.move(whole, library, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            return library;
        } catch (IOException e) {
            log.debug("SQLite's native library could not be unpacked into {}", folder, e);
            return null;
        }
    }

    /** A name for this content; not one that the driver takes for its own, and deletes. */
    private static String name(byte[] bytes) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        return "toolgate-" + SQLiteJDBCLoader.getVersion() + "-" + Long.toHexString(checksum.getValue()) + "-"
                + LibraryLoaderUtil.getNativeLibName();
    }

    /** Whether another class loader of this JVM has loaded it, since each file is loaded only once. */
    private static boolean isOpenElsewhere(Path library) {
        return !OpenInThisJvm.isFirst("io.toolgate.sqlite.library:" + library);
    }

    private static void removeAbandoned(Path folder, Instant now) {
        Instant before = now.minus(ABANDONED);
        for (Path file : contents(folder)) {
            try {
                if (file.toString().endsWith(".tmp")
                        && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                log.debug("{} could not be removed", file, e);
            }
        }
    }

    private static Set<Path> contents(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return new HashSet<>(files.toList());
        } catch (IOException e) {
            return Set.of();
        }
    }

    /** Removes what has come into {@code folder} since it held {@code before}, and the folder if it is empty then. */
    private static void remove(Path folder, Set<Path> before) {
        try {
            for (Path file : contents(folder)) {
                if (!before.contains(file)) {
                    Files.delete(file);
                }
            }
            if (before.isEmpty()) {
                Files.delete(folder);
            }
        } catch (IOException e) {
            log.debug("{} could not be cleared", folder, e);
        }
    }
}
