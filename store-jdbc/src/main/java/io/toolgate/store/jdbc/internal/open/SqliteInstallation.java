package io.toolgate.store.jdbc.internal.open;

import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sqlite.OpenInThisJvm;
import io.toolgate.store.jdbc.internal.sqlite.SqliteConnections;
import io.toolgate.store.jdbc.internal.sqlite.SqliteFile;
import io.toolgate.store.jdbc.internal.sqlite.SqliteGeneration;
import io.toolgate.store.jdbc.internal.sqlite.SqlitePlace;
import io.toolgate.store.jdbc.internal.sqlite.SqliteSidecar;
import io.toolgate.store.jdbc.internal.sqlite.WriterQueue;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
    private static final Logger logger = LoggerFactory.getLogger(SqliteInstallation.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** How long a claim, or the closing of a store, waits for an installation in this process. */
    private static final Duration SIDECAR_PATIENCE = Duration.ofMillis(50);

    /**
     * One opening at a time in this process. Race: two threads lock the sidecar by a channel each. POSIX locks belong
     * to the process, and closing any descriptor of the file drops them, so one thread would undo the lock of the
     * other. Hence static.
     */
    private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

    private final Path path;
    private final boolean migrate;
    private final @Nullable Boolean journal;
    private final Duration logPatience;

    /** What is done with a file that was found. */
    interface Opening<T> {
        /**
         * Opens {@code file}, and has {@code registered} closed with it; null if other processes opened or closed it
         * meanwhile, so that it is to be checked again.
         */
        @Nullable
        T open(SqliteFile file, OpenInThisJvm registered);
    }

    /** @param logPatience how long to wait for processes that are about to open or to close the file */
    SqliteInstallation(Path path, boolean migrate, @Nullable Boolean journal, Duration logPatience) {
        this.logPatience = logPatience;
        this.path = path;
        this.migrate = migrate;
        this.journal = journal;
    }

    /**
     * Finds or creates the store, and calls {@code then} while no other process can create or migrate
     * it; that closes what it is given with the store.
     *
     * @throws StoreException if there is none and none may be created, or if what is there is not the right store
     */
    <T> T findOrCreate(Opening<T> then) {
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
                return findOrCreate(channel, sidecar, then);
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

    private <T> T findOrCreate(FileChannel channel, Path sidecar, Opening<T> then) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        boolean shared = true;
        while (System.nanoTime() - deadline <= 0) {
            FileLock lock = tryLock(channel, shared);
            try {
                T opened = lock == null ? null : open(channel, sidecar, shared, then);
                if (opened != null) {
                    return opened;
                }
            } finally {
                // An interrupt closes the channel, which releases the lock; a store that is open by then stays so.
                if (lock != null && channel.isOpen()) {
                    lock.release();
                }
            }
            // Exclusive for what is left to do; shared again when another process was faster and does it.
            shared = lock == null;
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

    /** Returns null if it is to be tried again, for changes if {@code readOnly}. */
    private <T> @Nullable T open(FileChannel channel, Path sidecar, boolean readOnly, Opening<T> then)
            throws IOException {
        String recorded = SqliteSidecar.read(channel, sidecar).storeId();
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
            String sharedLog = null;
            if (recorded != null) {
                sharedLog = sharedLog(channel, sidecar);
            } else if (exists) {
                checkUnused(sidecar);
                refuseInTheWay(sidecar);
            }
            if (checkSchemaAndId(channel, sidecar, readOnly)) {
                opened = then.open(SqliteFile.at(path, sharedLog), registered);
            }
            if (opened != null) {
                recordLog(channel, sidecar);
            }
            return opened;
        } finally {
            if (opened == null) {
                registered.close();
            }
        }
    }

    /**
     * The log that the processes use which have the file open; null if none has, or it is not known.
     *
     * <p>Race: log or index were removed, or exchanged, while another process has them open. That one keeps its own,
     * and this one would begin another: two owners of a key. Whether a connection is open SQLite says by its lock on
     * the file itself; which log it uses is what the first store to open it has written into the sidecar. That counts
     * for as long as a store has the file open. A process that is about to open, or to close, needs a moment.
     */
    private @Nullable String sharedLog(FileChannel channel, Path sidecar) throws IOException {
        long deadline = System.nanoTime() + logPatience.toNanos();
        while (true) {
            SqliteFile file = SqliteFile.at(path).withLog();
            String recorded = SqliteSidecar.read(channel, sidecar).logId();
            if ((recorded == null && file.hasLog()) || !SqliteConnections.isInUse(path)) {
                return null;
            }
            if (file.hasLog() && recorded != null && recorded.equals(file.logId())) {
                return recorded;
            }
            if (file.hasLog() && !WriterQueue.isOpen(path)) {
                // What has it open is no store, but the application or a tool, and what is recorded was before.
                return null;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new StoreException.Misconfigured("The SQLite store " + path + " is open in another process or by"
                        + " another connection, whose " + path.getFileName() + "-wal and -shm "
                        + (file.hasLog() ? "were exchanged" : "were removed or are elsewhere")
                        + ". A process that opens it now would see nothing of the keys that run there. Let those end,"
                        + " and stop everything that has the file open (fuser " + path
                        + " lists it), as usual and not by a kill, so that SQLite copies their log into the file. Then"
                        + " open it again");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    /**
     * Refuses a file whose log was removed or exchanged while another process has it open, for tools that open it
     * otherwise than a store does: they would begin another log, or see nothing of the newest keys.
     *
     * @throws StoreException.Misconfigured if that is so
     */
    public static void checkLog(Path path, Duration patience) {
        Path sidecar = SqlitePlace.sidecar(path);
        if (!Files.exists(sidecar)) {
            return;
        }
        // Held, since closing the sidecar drops the lock of an installation in this process.
        IN_THIS_PROCESS.lock();
        try (FileChannel channel = FileChannel.open(sidecar, StandardOpenOption.READ)) {
            var unused = new SqliteInstallation(path, false, null, patience).sharedLog(channel, sidecar);
        } catch (IOException e) {
            logger.debug("The sidecar {} cannot be read", sidecar, e);
        } finally {
            IN_THIS_PROCESS.unlock();
        }
    }

    private void recordLog(FileChannel channel, Path sidecar) {
        try {
            SqliteSidecar before = SqliteSidecar.read(channel, sidecar);
            String log = SqliteFile.at(path).withLog().logId();
            if (log != null && !log.equals(before.logId())) {
                before.withLogId(log).write(channel, path);
            }
        } catch (IOException | StoreException.Misconfigured e) {
            // The next process to open the file knows less, and the store works.
            logger.debug("The log of {} could not be written into its sidecar", path, e);
        }
    }

    /**
     * Writes into the sidecar that {@code file} has had this generation. Race: to close the sidecar drops the lock of
     * an installation in this process, and other processes change the sidecar, too. Without both locks for a moment
     * this is left out, and the next process to open the file knows less.
     */
    static void recordGeneration(SqliteFile file, long generation) {
        Path sidecar = SqlitePlace.sidecar(file.path());
        boolean mine = false;
        try {
            mine = IN_THIS_PROCESS.tryLock(SIDECAR_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (mine) {
                try (FileChannel channel =
                                FileChannel.open(sidecar, StandardOpenOption.READ, StandardOpenOption.WRITE);
                        FileLock lock = tryLock(channel, false)) {
                    SqliteSidecar before = SqliteSidecar.read(channel, sidecar);
                    if (lock != null && before.storeId() != null && generation > before.generation()) {
                        before.withGeneration(generation).write(channel, file.path());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | StoreException.Misconfigured e) {
            logger.debug("The sidecar of {} could not be changed", file.path(), e);
        } finally {
            if (mine) {
                IN_THIS_PROCESS.unlock();
            }
        }
    }

    /** Checks that this is the store that belongs here; false if {@code readOnly} and there is something to change. */
    private boolean checkSchemaAndId(FileChannel channel, Path sidecar, boolean readOnly) throws IOException {
        SqliteConnections connections = SqliteConnections.installing(path.toString());
        // What follows may open many connections; one that stays open keeps SQLite from checkpointing its WAL after
        // each.
        try (Connection connection = connections.getConnection()) {
            SqliteGeneration.Info info = current(connection);
            if (info == null) {
                DataSource migrating = readOnly ? null : connections;
                if (!SchemaCheck.check(
                        connections,
                        migrating,
                        migrate,
                        journal,
                        path.toString(),
                        e -> unusable(path, e),
                        (e, thrown) -> unusable(path, e))) {
                    return false;
                }
                info = SqliteGeneration.Info.read(connection);
            }
            checkId(channel, sidecar, connection, info);
            return true;
        } catch (SQLException e) {
            throw unusable(path, e);
        }
    }

    /** What the file says about itself; null if it must be looked at closer, and maybe changed, which is rare. */
    private SqliteGeneration.@Nullable Info current(Connection connection) throws SQLException {
        try {
            return SqlRunner.first(connection, SqlFiles.load("sqlite_file/read_current.sql"), row -> {
                        boolean current = row.getInt("schema_version") == ToolGateMigrations.currentVersion()
                                && row.getBoolean("idempotency")
                                && (journal == null || journal == row.getBoolean("journal"));
                        return current
                                ? Optional.of(new SqliteGeneration.Info(
                                        row.getString("store_id"), row.getLong("file_generation")))
                                : Optional.<SqliteGeneration.Info>empty();
                    })
                    .orElse(null);
        } catch (SQLiteException e) {
            if (e.getResultCode() == SQLiteErrorCode.SQLITE_ERROR) {
                // There is no such table, or it is another application's.
                return null;
            }
            throw e;
        }
    }

    private void checkId(FileChannel channel, Path sidecar, Connection connection, SqliteGeneration.Info actual)
            throws IOException, SQLException {
        SqliteSidecar recorded = SqliteSidecar.read(channel, sidecar);
        if (recorded.storeId() == null) {
            refuseWithoutSidecar(sidecar, actual);
            recorded.withStoreId(actual.storeId()).write(channel, path);
            channel.force(true);
            sync(SqlitePlace.directory(sidecar));
            // After the sidecar, so that a process that dies between the two leaves a file that can be opened.
            var unused = SqliteGeneration.advance(connection, actual);
        } else if (!recorded.storeId().equals(actual.storeId())) {
            throw new StoreException.Misconfigured(
                    "The file at " + path + " is another store (id " + actual.storeId() + ") than the"
                            + " one that belongs here (id " + recorded.storeId() + ", says " + sidecar.getFileName()
                            + "). Put the right file back;" + intended(sidecar, actual.storeId()));
        } else if (actual.generation() < recorded.generation()) {
            throw new StoreException.Misconfigured("The SQLite store " + path + " is older (generation "
                    + actual.generation() + ") than it has been (generation " + recorded.generation() + ", says "
                    + sidecar.getFileName() + "): it was replaced by a copy, or its -wal was removed, in which its"
                    + " newest keys were. Those would run again. Put the newest file and its -wal back;"
                    + intended(sidecar, actual.storeId()));
        }
    }

    /**
     * As {@link #checkId}, for a file without a sidecar, but without a connection, which would begin a log beside it.
     */
    private void checkUnused(Path sidecar) throws IOException {
        SqliteGeneration.Info info;
        try (Connection connection = SqliteConnections.withoutLog(path).getConnection()) {
            info = SqliteGeneration.Info.read(connection);
        } catch (SQLException e) {
            logger.debug("There is no store in {} itself, as far as can be read", path, e);
            return;
        }
        refuseWithoutSidecar(sidecar, info);
    }

    /**
     * Refuses a file in which an installation would fail, before it gets a log, which changes it.
     *
     * @throws StoreException.Misconfigured if tables of others, or some of a store's, have the names of a store's
     */
    private void refuseInTheWay(Path sidecar) throws IOException {
        Optional<String> inTheWay;
        try (Connection connection = SqliteConnections.asItIs(path).getConnection()) {
            inTheWay = SqlRunner.first(
                    connection,
                    SqlFiles.load("sqlite_file/read_in_the_way.sql"),
                    row -> Optional.ofNullable(row.getString("found")));
        } catch (SQLException e) {
            throw unusable(path, e);
        }
        if (inTheWay.isPresent()) {
            // Empty, and made by this opening.
            Files.deleteIfExists(sidecar);
            throw new StoreException.Misconfigured("Something in " + path + " has a name that ToolGate's schema uses: "
                    + inTheWay.get() + ", of another product, or of an installation that was not removed completely."
                    + " Nothing was written. Give ToolGate a file of its own; drop what is in the way only if it is a"
                    + " rest of ToolGate's, without records that matter");
        }
    }

    private void refuseWithoutSidecar(Path sidecar, SqliteGeneration.Info info) throws IOException {
        if (info.generation() == 0) {
            return;
        }
        // Empty, and made by this opening.
        Files.deleteIfExists(sidecar);
        throw new StoreException.Misconfigured("The SQLite store " + path + " (id " + info.storeId()
                + ") has been in use, and " + sidecar + ", which was beside it, is missing: it was moved or copied"
                + " without it, and maybe without its -wal, in which its newest keys are. Put both back;"
                + intended(sidecar, info.storeId()));
    }

    /** What to do if keys really may run again. */
    private static String intended(Path sidecar, String storeId) {
        return " if what is there is meant, and its missing keys may run again, make this the only line of " + sidecar
                + ": toolgate-store-id=" + storeId;
    }

    private static StoreException.Misconfigured mayNotCreate(Path path) {
        return new StoreException.Misconfigured("There is no SQLite store at " + path + ", and migrate(false) forbids"
                + " creating one. Create it with the scripts of the SQL bundle, or drop migrate(false)");
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

    /** Makes the name of a new file durable; systems that cannot do not need it. */
    private static void sync(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            logger.debug("The directory {} cannot be flushed", directory, e);
        }
    }
}
