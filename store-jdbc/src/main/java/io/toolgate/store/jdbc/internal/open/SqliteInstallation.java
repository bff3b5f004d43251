package io.toolgate.store.jdbc.internal.open;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.SqlErrorKind;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sqlite.OpenInThisJvm;
import io.toolgate.store.jdbc.internal.sqlite.SqliteConnections;
import io.toolgate.store.jdbc.internal.sqlite.SqliteFile;
import io.toolgate.store.jdbc.internal.sqlite.SqlitePlace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Finds or creates the store in a SQLite file, and never creates an empty one where a store has been.
 *
 * <p>Beside the database lies a small sidecar file, {@code <name>.toolgate}, with the id of the store that belongs
 * there. It outlives the database: a sidecar without its database means that the database was moved or deleted, and
 * creating another would run every key again. Race: two processes create or migrate the store at once. So they lock the
 * sidecar: exclusively for that, and shared to open what is complete, which any number of them do side by side.
 */
public final class SqliteInstallation {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern CONTENT = Pattern.compile("toolgate-store-id=([0-9a-f]{32})\\b.*", Pattern.DOTALL);

    /**
     * One opening at a time in this process. Race: two threads lock the sidecar by a channel each. POSIX locks belong
     * to the process, and closing any descriptor of the file drops them, so one thread would undo the lock of the
     * other. Hence static.
     */
    private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

    private final Path path;
    private final boolean migrate;
    private final @Nullable Boolean journal;

    private SqliteInstallation(Path path, boolean migrate, @Nullable Boolean journal) {
        this.path = path;
        this.migrate = migrate;
        this.journal = journal;
    }

    /**
     * Finds or creates the store at {@code path}, and calls {@code then} while no other process can create or migrate
     * it; that closes what it is given with the store.
     *
     * @throws StoreException if there is none and none may be created, or if what is there is not the right store
     */
    static <T> T findOrCreate(
            Path path, boolean migrate, @Nullable Boolean journal, BiFunction<SqliteFile, OpenInThisJvm, T> then) {
        Path sidecar = SqlitePlace.sidecar(path);
        if (!migrate && !Files.exists(path) && !Files.exists(sidecar)) {
            throw mayNotCreate(path);
        }
        boolean mine = false;
        try {
            mine = IN_THIS_PROCESS.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (!mine) {
                throw locked(sidecar);
            }
            try (FileChannel channel = FileChannel.open(
                    sidecar, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                return new SqliteInstallation(path, migrate, journal).findOrCreate(channel, sidecar, then);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException.Unavailable("Interrupted while another thread opened " + path, e);
        } catch (ClosedByInterruptException e) {
            throw new StoreException.Unavailable("Interrupted while opening " + path, e);
        } catch (IOException e) {
            throw new StoreException.Misconfigured(
                    "The sidecar file " + sidecar + ", which names the store that belongs beside it, cannot be used ("
                            + e + "). Check the permissions of the directory and the free space on its disk",
                    e);
        } finally {
            if (mine) {
                IN_THIS_PROCESS.unlock();
            }
        }
    }

    private <T> T findOrCreate(FileChannel channel, Path sidecar, BiFunction<SqliteFile, OpenInThisJvm, T> then)
            throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        boolean shared = true;
        while (System.nanoTime() - deadline <= 0) {
            try (FileLock lock = tryLock(channel, shared)) {
                T opened = lock == null ? null : open(channel, sidecar, shared, then);
                if (opened != null) {
                    return opened;
                }
                // Exclusive for what is left to do; shared again when another process was faster and does it.
                shared = lock == null;
            }
            if (shared) {
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(5_000_000, 25_000_000));
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new StoreException.Unavailable("Interrupted while another process opened the store", null);
            }
        }
        throw locked(sidecar);
    }

    private static @Nullable FileLock tryLock(FileChannel channel, boolean shared) throws IOException {
        try {
            return channel.tryLock(0, Long.MAX_VALUE, shared);
        } catch (OverlappingFileLockException e) {
            // These classes are loaded twice in this process: wait, with the channel open, as closing drops locks.
            return null;
        }
    }

    private static StoreException.Unavailable locked(Path sidecar) {
        return new StoreException.Unavailable(
                "Another process has held the lock on " + sidecar + " for " + PATIENCE.toSeconds()
                        + " s while it opens the same store. Nothing was written. Find out what that process waits for,"
                        + " then retry",
                null);
    }

    /** Returns null if {@code readOnly} and there is something to create, to migrate or to switch. */
    private <T> @Nullable T open(
            FileChannel channel, Path sidecar, boolean readOnly, BiFunction<SqliteFile, OpenInThisJvm, T> then)
            throws IOException {
        String recorded = read(channel, sidecar);
        boolean exists = Files.exists(path) && Files.size(path) > 0;
        if (recorded != null && !exists) {
            throw new StoreException.Misconfigured("The SQLite store " + path + " (id " + recorded + ") was moved or"
                    + " deleted: " + sidecar.getFileName()
                    + " beside it says that it belongs here. An empty store would run"
                    + " every key again, so none was created. Put the file back, or restore a backup; if the old keys"
                    + " really may run again, delete " + sidecar + " too");
        }
        if (!exists && !migrate) {
            throw mayNotCreate(path);
        }
        if (readOnly && (recorded == null || !exists)) {
            return null;
        }
        if (!Files.exists(path)) {
            Path unused = Files.createFile(path);
        }
        OpenInThisJvm registered = OpenInThisJvm.register(path);
        T opened = null;
        try {
            opened = check(channel, sidecar, recorded, readOnly) ? then.apply(SqliteFile.at(path), registered) : null;
            return opened;
        } finally {
            if (opened == null) {
                registered.close();
            }
        }
    }

    /** Checks that this is the store that belongs here; false if {@code readOnly} and there is something to change. */
    private boolean check(FileChannel channel, Path sidecar, @Nullable String recorded, boolean readOnly)
            throws IOException {
        String actual = storeId(readOnly);
        if (actual == null) {
            return false;
        }
        if (recorded == null) {
            write(channel, actual);
            sync(SqlitePlace.directory(sidecar));
        } else if (!recorded.equals(actual)) {
            throw new StoreException.Misconfigured(
                    "The file at " + path + " is another store (id " + actual + ") than the"
                            + " one that belongs here (id " + recorded + ", says " + sidecar.getFileName()
                            + "). Put the right file"
                            + " back; if the replacement is intended, delete " + sidecar);
        }
        return true;
    }

    private static StoreException.Misconfigured mayNotCreate(Path path) {
        return new StoreException.Misconfigured("There is no SQLite store at " + path + ", and migrate(false) forbids"
                + " creating one. Create it with the scripts of the SQL bundle, or drop migrate(false)");
    }

    /** Migrates or checks the schema, and reads the id of the store; null if {@code readOnly} and it has to migrate. */
    private @Nullable String storeId(boolean readOnly) {
        try {
            SqliteConnections connections = SqliteConnections.installing(path.toString());
            // The checks open many connections; one that stays open keeps SQLite from checkpointing its WAL after each.
            try (Connection connection = connections.getConnection()) {
                DataSource migrating = readOnly ? null : connections;
                if (!SchemaCheck.check(
                        connections, migrating, migrate, journal, path.toString(), e -> unusable(path, e))) {
                    return null;
                }
                return SqlRunner.first(
                        connection, SqlFiles.load("sqlite_file/read_store_info.sql"), row -> row.getString("store_id"));
            }
        } catch (SQLException e) {
            throw unusable(path, e);
        }
    }

    /** Translates an error of opening the file. */
    public static StoreException unusable(Path path, SQLException e) {
        if (e instanceof SQLiteException sqlite && sqlite.getResultCode() == SQLiteErrorCode.SQLITE_NOTADB) {
            return new StoreException.Misconfigured(
                    path + " is not a SQLite database. It was left as it is; name another file", e);
        }
        return switch (SqlErrorKind.of(e)) {
            case DAMAGED ->
                new StoreException.Corrupt(
                        "SQLite reports that " + path + " is damaged (" + SqlErrorKind.describe(e)
                                + "). Restore it from a backup",
                        e);
            case ABORTED, UNCERTAIN, NO_ROOM ->
                new StoreException.Unavailable(
                        path + " could not be opened (" + SqlErrorKind.describe(e)
                                + "). Check its permissions, the free space on its disk, and which other processes have"
                                + " it open",
                        e);
            case REFUSED, MISCONFIGURED ->
                new StoreException.Misconfigured(
                        path + " is not usable as a store (" + SqlErrorKind.describe(e) + ")", e);
        };
    }

    private static @Nullable String read(FileChannel channel, Path sidecar) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) > 0) {
            // Until it is full or the file is at its end.
        }
        String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        if (text.isBlank()) {
            return null;
        }
        Matcher matcher = CONTENT.matcher(text);
        if (!matcher.matches()) {
            throw new StoreException.Misconfigured(
                    sidecar + " does not hold what ToolGate wrote. Restore it, or delete it if"
                            + " the database beside it is the right one");
        }
        return matcher.group(1);
    }

    private void write(FileChannel channel, String storeId) throws IOException {
        ByteBuffer text = StandardCharsets.UTF_8.encode("toolgate-store-id=" + storeId + "  Keep this file beside "
                + path.getFileName() + ": by it ToolGate notices that the database was moved, deleted or exchanged.\n");
        while (text.hasRemaining()) {
            var unused = channel.write(text, text.position());
        }
        channel.force(true);
    }

    /** Makes the name of a new file durable; systems that cannot do not need it. */
    private static void sync(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            org.slf4j.LoggerFactory.getLogger(SqliteInstallation.class)
                    .debug("The directory {} cannot be flushed", directory, e);
        }
    }
}
