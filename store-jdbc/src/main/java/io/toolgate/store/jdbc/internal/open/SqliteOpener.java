package io.toolgate.store.jdbc.internal.open;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sql.StoreClock;
import io.toolgate.store.jdbc.internal.sql.WriteQueue;
import io.toolgate.store.jdbc.internal.sqlite.BootClock;
import io.toolgate.store.jdbc.internal.sqlite.CachedClock;
import io.toolgate.store.jdbc.internal.sqlite.NativeLibrary;
import io.toolgate.store.jdbc.internal.sqlite.OpenInThisJvm;
import io.toolgate.store.jdbc.internal.sqlite.SqliteConnections;
import io.toolgate.store.jdbc.internal.sqlite.SqliteFile;
import io.toolgate.store.jdbc.internal.sqlite.SqlitePlace;
import io.toolgate.store.jdbc.internal.sqlite.WriterQueue;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens a SQLite store, with one connection that writes, since SQLite has one writer at a time, and a pool of readers.
 */
public final class SqliteOpener {
    private static final int DEFAULT_READERS = 4;

    /** Longer than a process needs to open or to close the file once it has begun, on a machine with much to do. */
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(5);

    private final StoreSettings settings;
    private final Function<Path, String> fileSystemType;
    private final Duration logPatience;

    public SqliteOpener(StoreSettings settings) {
        this(settings, SqlitePlace::fileSystemType, LOG_PATIENCE);
    }

    /** As above, with another file system, and another patience with processes that open or close it; for tests. */
    public SqliteOpener(StoreSettings settings, Function<Path, String> fileSystemType, Duration logPatience) {
        this.settings = settings;
        this.fileSystemType = fileSystemType;
        this.logPatience = logPatience;
    }

    public OpenedDatabase open(Path path) {
        SqlitePlace.check(path, fileSystemType);
        NativeLibrary.load();
        // By default a SQLite store migrates itself: it belongs to its process, and one line shall open it.
        SqliteInstallation installation =
                new SqliteInstallation(path, settings.migrateOr(true), settings.journal(), logPatience);
        AtomicReference<@Nullable Found> kept = new AtomicReference<>();
        boolean watched = false;
        try {
            Found found = installation.findOrCreate((file, registered) -> {
                kept.set(open(file, registered));
                return kept.get();
            });
            SqliteFile file = found.file();
            // After the installation, whose lock on the sidecar would be lost by writing the generation into it.
            file.watchContent(
                    found.database().queue(), generation -> SqliteInstallation.recordGeneration(file, generation));
            watched = true;
            return found.database();
        } finally {
            // Also if it was opened, and the locks of the installation could not be released.
            Found unwatched = kept.get();
            if (!watched && unwatched != null) {
                unwatched.database().close();
            }
        }
    }

    private record Found(SqliteFile file, OpenedDatabase database) {}

    private @Nullable Found open(SqliteFile file, OpenInThisJvm registered) {
        WriterQueue queue = WriterQueue.of(file.path());
        Connection anchor = null;
        boolean opened = false;
        try {
            // Open as long as the store. Race: the file is deleted while no connection has it open; its inode is free
            // then, and the next file at that path can get the same. An open connection keeps the inodes, of the log
            // and its index, too.
            anchor = SqliteConnections.patient(file).getConnection();
            checkConnection(anchor, file.path());
            SqliteFile known = file.withLog();
            if (known.sharesLog()) {
                Found found = new Found(known, open(known, anchor, queue, registered));
                opened = true;
                return found;
            }
            return null;
        } catch (SQLException e) {
            throw SqliteInstallation.unusable(file.path(), e);
        } finally {
            if (!opened) {
                queue.close();
                if (anchor != null) {
                    OpenedDatabase.closeAnchor(anchor);
                }
            }
        }
    }

    private OpenedDatabase open(SqliteFile file, Connection anchor, WriterQueue queue, OpenInThisJvm registered)
            throws SQLException {
        StoreClock given = settings.clock();
        StoreClock clock = given == null ? new CachedClock(BootClock.open(anchor), System::nanoTime) : given;
        // All writers of this process share one connection, so they wait for it as long as a statement may take.
        Duration patience = settings.statementTimeout();
        List<ConnectionPool> pools = new ArrayList<>();
        boolean opened = false;
        try {
            ConnectionPool writer = HikariPool.ofSqlite(
                    "toolgate-writer",
                    SqliteConnections.writing(file),
                    1,
                    patience,
                    SqlFiles.load("sqlite_file/writer_only.sql"));
            pools.add(writer);
            ConnectionPool readers = HikariPool.ofSqlite(
                    "toolgate-readers",
                    SqliteConnections.to(file),
                    settings.poolSize() == 0 ? DEFAULT_READERS : settings.poolSize(),
                    patience,
                    SqlFiles.load("sqlite_file/reader_only.sql"));
            pools.add(readers);
            OpenedDatabase database = new OpenedDatabase(
                    Dialect.SQLITE,
                    settings.wrapper().apply(writer.connections()),
                    guarded(queue, file),
                    settings.wrapper().apply(readers.connections()),
                    clock,
                    file::checkStillThere,
                    List.copyOf(pools),
                    () -> {
                        try (registered;
                                anchor;
                                queue) {
                            file.endWatch();
                        }
                    },
                    null,
                    SqliteConnections.to(file));
            opened = true;
            return database;
        } finally {
            if (!opened) {
                pools.forEach(ConnectionPool::close);
            }
        }
    }

    /** Lets no write begin that would go to another log than other processes use. */
    private static WriteQueue guarded(WriterQueue queue, SqliteFile file) {
        return new WriteQueue() {
            @Override
            public void check() {
                file.checkMayWrite();
            }

            @Override
            public void enter() {
                queue.enter();
                boolean mayWrite = false;
                try {
                    // Race: the log is exchanged while this thread waits in the queue.
                    check();
                    mayWrite = true;
                } finally {
                    if (!mayWrite) {
                        queue.exit();
                    }
                }
            }

            @Override
            public void exit() {
                queue.exit();
            }
        };
    }

    private static void checkConnection(Connection connection, Path path) throws SQLException {
        var unused = SqlRunner.first(connection, SqlFiles.load(Dialect.SQLITE, SqlFiles.Name.STARTUP), row -> {
            String journal = row.getString("journal_mode");
            // 2 is FULL, 3 is EXTRA.
            if (!"wal".equalsIgnoreCase(journal) || row.getInt("synchronous") < 2) {
                throw new StoreException.Misconfigured("SQLite keeps " + path + " in journal mode " + journal
                        + " and synchronous " + row.getInt("synchronous")
                        + ", though the store asked for WAL and FULL. Close what else has the file open, and keep it on"
                        + " a local disk");
            }
            return journal;
        });
    }
}
