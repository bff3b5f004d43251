package io.toolgate.store.jdbc.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.StoreAccess;
import io.toolgate.store.jdbc.TestRequests;
import io.toolgate.store.jdbc.internal.open.SqliteOpener;
import io.toolgate.store.jdbc.internal.open.StoreSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteDataSource;

/** A store's file is made once, found again, and never taken for another one. */
class SqliteFileTest {
    @TempDir
    Path directory;

    private Path file;
    private Path sidecar;

    @BeforeEach
    void name() {
        file = directory.resolve("store.db");
        sidecar = directory.resolve("store.db.toolgate");
    }

    private JdbcIdempotencyStore open() {
        return JdbcIdempotencyStore.open("jdbc:sqlite:" + file);
    }

    /** Opens it as a second store would, but without patience with others that open or close it. */
    private static void openAtOnce(Path path) {
        new SqliteOpener(StoreSettings.defaults(null, null), SqlitePlace::fileSystemType, Duration.ZERO)
                .open(path)
                .close();
    }

    private static String one(Path file, String query) throws SQLException {
        SQLiteDataSource dataSource = new SQLiteDataSource();
        dataSource.setUrl("jdbc:sqlite:" + file);
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void oneLineCreatesAStoreAndReopensIt() throws Exception {
        ClaimRequest request = TestRequests.hold(TestRequests.freshId());
        try (JdbcIdempotencyStore store = open()) {
            Lease lease = TestRequests.acquired(store, request);
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
        assertThat(Files.readString(sidecar))
                .startsWith("toolgate-store-id=" + one(file, "SELECT store_id FROM tg_store_info"))
                .contains("Keep this file beside store.db")
                .hasLineCount(2);
        try (JdbcIdempotencyStore store = open()) {
            assertThat(store.claim(TestRequests.hold(request.id()))).isInstanceOf(Finished.class);
        }
    }

    @Test
    @Rule(1)
    void aMovedFileIsNotReplacedByAnEmptyOne() throws IOException {
        open().close();
        Files.move(file, directory.resolve("elsewhere.db"));
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("was moved or deleted")
                .hasMessageContaining("Put the file back")
                .hasMessageContaining("delete " + sidecar);
        assertThat(file).doesNotExist();
        Files.move(directory.resolve("elsewhere.db"), file);
        open().close();
    }

    @Test
    @Rule(1)
    void anEmptyFileInItsPlaceIsRefused() throws IOException {
        open().close();
        Files.delete(file);
        Files.createFile(file);
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("was moved or deleted");
        assertThat(file).isEmptyFile();
    }

    @Test
    @Rule(1)
    void anotherStoreInItsPlaceIsRefused() throws Exception {
        open().close();
        Path other = directory.resolve("other.db");
        JdbcIdempotencyStore.open("jdbc:sqlite:" + other).close();
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("is another store");
        // The owner of the data may say that the exchange is meant.
        meant();
        open().close();
    }

    /** Does what the message advises, if the file that is there is meant. */
    private void meant() throws Exception {
        String line = "toolgate-store-id=" + one(file, "SELECT store_id FROM tg_store_info");
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("make this the only line of " + sidecar + ": " + line);
        Files.writeString(sidecar, line);
    }

    @Test
    @Rule(1)
    void aStoreThatWasMovedWithoutItsSidecarIsRefused() throws Exception {
        open().close();
        Files.delete(sidecar);
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("has been in use, and " + sidecar)
                .hasMessageContaining("is missing");
        assertThat(sidecar).doesNotExist();
        meant();
        open().close();
        assertThat(Files.readString(sidecar)).contains("Keep this file beside");
    }

    /** Nobody has used it yet. */
    @Test
    void aFileThatTheScriptsMadeNeedsNoSidecar() {
        SQLiteDataSource scripts = new SQLiteDataSource();
        scripts.setUrl("jdbc:sqlite:" + file);
        var unused = ToolGateMigrations.migrate(scripts);
        JdbcIdempotencyStore.builder("jdbc:sqlite:" + file)
                .migrate(false)
                .open()
                .close();
        assertThat(sidecar).exists();
    }

    private void complete(JdbcIdempotencyStore store, ClaimRequest request) {
        Lease lease = TestRequests.acquired(store, request);
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
    }

    /** Writes over the content: the file stays the same, by its inode. */
    /** Without a moment in which the file is empty: a connection that is made then removes the log. */
    private void overwrite(byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                int unused = channel.write(rest);
            }
            FileChannel alsoUnused = channel.truncate(content.length);
        }
    }

    @Test
    @Rule(1)
    void anOlderCopyInTheSameFileIsRefused() throws Exception {
        ClaimRequest request = TestRequests.hold(TestRequests.freshId());
        open().close();
        byte[] old = Files.readAllBytes(file);
        try (JdbcIdempotencyStore store = open()) {
            complete(store, request);
        }
        byte[] newest = Files.readAllBytes(file);
        overwrite(old);
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("is older (generation ")
                .hasMessageContaining("Put the newest file and its -wal back");
        overwrite(newest);
        try (JdbcIdempotencyStore store = open()) {
            assertThat(store.claim(TestRequests.hold(request.id()))).isInstanceOf(Finished.class);
        }
        overwrite(old);
        meant();
        try (JdbcIdempotencyStore store = open()) {
            assertThat(store.claim(TestRequests.hold(request.id()))).isInstanceOf(Acquired.class);
        }
    }

    /** SQLite itself restores it, by a transaction; and it was made while the store was open. */
    @Test
    @Rule(1)
    void anOlderBackupThatSqliteRestoredIsRefused() throws Exception {
        Path backup = directory.resolve("backup.db");
        try (JdbcIdempotencyStore store = open()) {
            complete(store, TestRequests.hold(TestRequests.freshId()));
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                    Statement statement = connection.createStatement()) {
                statement.execute("backup to " + backup);
            }
            complete(store, TestRequests.hold(TestRequests.freshId()));
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("restore from " + backup);
        }
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("is older (generation ");
    }

    @Test
    @Rule(1)
    void aFileWhoseLogWasRemovedAfterAKillIsRefused() throws Exception {
        Path killed = Files.createDirectory(directory.resolve("killed")).resolve("store.db");
        try (JdbcIdempotencyStore store = open()) {
            complete(store, TestRequests.hold(TestRequests.freshId()));
            for (String suffix : List.of("", ".toolgate")) {
                Path unused = Files.copy(beside(suffix), killed.resolveSibling("store.db" + suffix));
            }
        }
        assertThatThrownBy(() -> JdbcIdempotencyStore.open("jdbc:sqlite:" + killed))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("or its -wal was removed");
    }

    /** SQLite mixes the old content with its log: whatever it answers, and writes, may be wrong. */
    @Test
    @Rule(1)
    void aRunningStoreWritesNothingAfterAnOlderCopyWasWrittenOverIt() throws Exception {
        assertThatNothingIsWrittenInto(this::overwrite);
    }

    /** As {@code cp} does it: a connection that is made while the file is empty removes the log. */
    @Test
    @Rule(1)
    void aRunningStoreWritesNothingAfterItsLogWasRemovedAndAnOlderCopyWrittenOverIt() throws Exception {
        assertThatNothingIsWrittenInto(old -> {
            Files.delete(beside("-wal"));
            overwrite(old);
        });
    }

    private interface Restoring {
        void write(byte[] old) throws IOException;
    }

    private void assertThatNothingIsWrittenInto(Restoring restoring) throws Exception {
        ClaimRequest request = TestRequests.hold(TestRequests.freshId());
        open().close();
        byte[] old = Files.readAllBytes(file);
        try (JdbcIdempotencyStore store = open()) {
            complete(store, request);
        }
        try (JdbcIdempotencyStore store = open()) {
            Lease running = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            restoring.write(old);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> store.claim(TestRequests.hold(request.id())))
                        .isInstanceOf(StoreException.Misconfigured.class)
                        .hasMessageContaining("An older or another content was written over the SQLite store");
            }
            assertThatThrownBy(() -> store.complete(running, TestRequests.result("paid")))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("Nothing is written any more");
        }
    }

    /** SQLite itself writes to the file, whenever it copies its log. */
    @Test
    void aRunningStoreGoesOnAfterItsLogWasCopiedIntoTheFile() throws Exception {
        try (JdbcIdempotencyStore store = open()) {
            for (int generation = 2; generation < 5; generation++) {
                complete(store, TestRequests.hold(TestRequests.freshId()));
                assertThat(one(file, "SELECT file_generation FROM tg_store_info"))
                        .isEqualTo("" + generation);
                assertThat(one(file, "PRAGMA wal_checkpoint(TRUNCATE)")).isEqualTo("0");
            }
        }
    }

    /** Meanwhile the file cannot be read without the log: its first page, copied first, tells a size still to come. */
    @Test
    void aRunningStoreClaimsWhileALongLogIsCopiedIntoTheFile() throws Exception {
        try (JdbcIdempotencyStore store = open();
                Connection reader = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement reading = reader.createStatement()) {
            complete(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(one(file, "PRAGMA wal_checkpoint(TRUNCATE)")).isEqualTo("0");
            // Holds the log, so that it grows.
            boolean unused = reading.execute("BEGIN");
            reading.executeQuery("SELECT count(*) FROM tg_idempotency").close();
            try (Connection writer = DriverManager.getConnection("jdbc:sqlite:" + file);
                    Statement writing = writer.createStatement()) {
                boolean pragma = writing.execute("PRAGMA wal_autocheckpoint = 0");
                assertThat(pragma).isTrue();
                int created = writing.executeUpdate("CREATE TABLE ballast (bytes BLOB)");
                for (int i = 0; i < 30; i++) {
                    created += writing.executeUpdate("INSERT INTO ballast VALUES (zeroblob(1000000))");
                }
                assertThat(created).isPositive();
            }
            int ended = reading.executeUpdate("COMMIT");
            assertThat(ended).isZero();
            CountDownLatch copied = new CountDownLatch(1);
            CompletableFuture<String> copying = CompletableFuture.supplyAsync(() -> {
                try {
                    return one(file, "PRAGMA wal_checkpoint(PASSIVE)");
                } catch (Exception e) {
                    throw new AssertionError(e);
                } finally {
                    copied.countDown();
                }
            });
            do {
                complete(store, TestRequests.hold(TestRequests.freshId()));
            } while (copied.getCount() > 0);
            assertThat(copying.get(60, TimeUnit.SECONDS)).isEqualTo("0");
            complete(store, TestRequests.hold(TestRequests.freshId()));
        }
    }

    @Test
    @Rule(1)
    void aRunningStoreClaimsNothingAfterItsFileWasMovedAndStoresRunningResults() throws Exception {
        try (JdbcIdempotencyStore store = open()) {
            Lease running = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            Path elsewhere = directory.resolve("elsewhere.db");
            Files.move(file, elsewhere);
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("was moved or deleted")
                    .hasMessageContaining("while this process has it open");
            assertThat(store.heartbeat(List.of(running), Duration.ofMinutes(1))).containsExactly(running);
            assertThat(store.complete(running, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            assertThat(store.peek(running.id())).isPresent();
            Files.move(elsewhere, file);
            assertThat(store.claim(TestRequests.hold(running.id()))).isInstanceOf(Finished.class);
        }
    }

    @Test
    @Rule(1)
    void aRunningStoreClaimsNothingAfterItsFileWasExchanged() throws Exception {
        Path other = directory.resolve("other.db");
        JdbcIdempotencyStore.open("jdbc:sqlite:" + other).close();
        try (JdbcIdempotencyStore store = open()) {
            Lease running = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("replaced by another file");
            assertThat(store.complete(running, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            assertThat(store.peek(running.id()).orElseThrow().result()).isEqualTo(TestRequests.result("paid"));
        }
    }

    @Test
    @Rule(1)
    void aRunningStoreClaimsNothingWhileItsFileHasASecondName() throws Exception {
        Path other = directory.resolve("other.db");
        ClaimRequest next = TestRequests.hold(TestRequests.freshId());
        try (JdbcIdempotencyStore store = open()) {
            Lease running = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            Files.createLink(other, file);
            assertThatThrownBy(() -> store.claim(next))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("has 2 names");
            assertThat(store.complete(running, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            Files.delete(other);
            assertThat(store.claim(next)).isInstanceOf(Acquired.class);
        }
    }

    private Path beside(String suffix) {
        return directory.resolve("store.db" + suffix);
    }

    /** Nobody else can have begun another log: what this process writes to its own reaches the file when it closes. */
    @ParameterizedTest
    @ValueSource(strings = {"-wal", "-shm", "-wal and -shm"})
    @Rule(1)
    void aRunningStoreClaimsNothingAfterItsLogWasRemovedAndStoresRunningResults(String removed) throws Exception {
        Lease running;
        try (JdbcIdempotencyStore store = open()) {
            running = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            for (String suffix : removed.split(" and ")) {
                Files.delete(beside(suffix));
            }
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("was removed while this process has the SQLite store open");
            assertThatThrownBy(() -> openAtOnce(file))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("is open in another process or by another connection")
                    .hasMessageContaining("were removed");
            assertThat(store.heartbeat(List.of(running), Duration.ofMinutes(1))).containsExactly(running);
            assertThat(store.complete(running, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
        try (JdbcIdempotencyStore store = open()) {
            assertThat(store.claim(TestRequests.hold(running.id()))).isInstanceOf(Finished.class);
        }
    }

    /** A quiet directory is all that a call looks at, for a second. */
    @ParameterizedTest
    @CsvSource({"-wal, false", "-shm, false", "-wal, true", "-shm, true"})
    @Rule(1)
    void aLogThatIsRemovedOrExchangedAfterAQuietTimeIsNoticedByTheNextCall(String suffix, boolean exchanged)
            throws Exception {
        try (JdbcIdempotencyStore store = open()) {
            FileTime changed = (FileTime) Files.getAttribute(directory, "unix:ctime");
            Awaitility.await().until(() -> System.currentTimeMillis() - changed.toMillis() > 200);
            assertThat(store.claim(TestRequests.hold(TestRequests.freshId()))).isInstanceOf(Acquired.class);
            Path kept = beside("-kept");
            Files.move(beside(suffix), kept);
            if (exchanged) {
                Files.createFile(beside(suffix));
            }
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining(suffix + (exchanged ? " was replaced" : " was removed"));
            Files.move(kept, beside(suffix), StandardCopyOption.REPLACE_EXISTING);
            assertThat(store.claim(TestRequests.hold(TestRequests.freshId()))).isInstanceOf(Acquired.class);
        }
    }

    /** Another process may use the other log: what this one writes would be lost, or damage the file. */
    @ParameterizedTest
    @ValueSource(strings = {"-wal", "-shm"})
    @Rule(1)
    void aRunningStoreWritesNothingAfterItsLogWasExchanged(String exchanged) throws Exception {
        try (JdbcIdempotencyStore store = open()) {
            Lease running = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            Path kept = beside("-kept");
            Files.move(beside(exchanged), kept);
            Path unused = Files.createFile(beside(exchanged));
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining(exchanged + " was replaced by another file");
            assertThatThrownBy(() -> store.complete(running, TestRequests.result("paid")))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("Nothing is written any more");
            assertThatThrownBy(() -> openAtOnce(file)).hasMessageContaining("were exchanged");
            Files.move(kept, beside(exchanged), StandardCopyOption.REPLACE_EXISTING);
            assertThat(store.complete(running, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
    }

    /** A tool would begin another log, and turn a log that was removed into one that was exchanged. */
    @Test
    @Rule(1)
    void aToolBeginsNoOtherLog() throws Exception {
        Lease running;
        try (JdbcIdempotencyStore store = open()) {
            running = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(StoreAccess.to("jdbc:sqlite:" + file, null, null).sqliteNow())
                    .isNotNull();
            Files.delete(beside("-wal"));
            assertThatThrownBy(() -> StoreAccess.to("jdbc:sqlite:" + file, null, null))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("were removed");
            assertThat(beside("-wal")).doesNotExist();
            assertThat(store.complete(running, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
        assertThat(StoreAccess.to("jdbc:sqlite:" + file, null, null).sqliteNow())
                .isNotNull();
    }

    @Test
    @Rule(1)
    void aToolRefusesAFileWithSeveralNames() throws Exception {
        open().close();
        Path other = Files.createLink(directory.resolve("other.db"), file);
        assertThatThrownBy(() -> StoreAccess.to("jdbc:sqlite:" + other, null, null))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("has 2 names");
    }

    @Test
    @Rule(1)
    void aResultThatWaitedForTheWriterIsNotStoredInALogThatWasExchangedMeanwhile() throws Exception {
        try (JdbcIdempotencyStore store = open();
                WriterQueue queue = WriterQueue.of(file)) {
            Lease running = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            FutureTask<Object> completing =
                    new FutureTask<>(() -> store.complete(running, TestRequests.result("paid")));
            Thread writer = new Thread(completing, "completing");
            queue.enter();
            try {
                writer.start();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> completing.isDone()
                                || Stream.of(writer.getStackTrace())
                                        .anyMatch(frame -> frame.getClassName().equals(WriterQueue.class.getName())));
                Files.move(beside("-wal"), beside("-kept"));
                Path unused = Files.createFile(beside("-wal"));
            } finally {
                queue.exit();
            }
            assertThatThrownBy(() -> completing.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("Nothing is written any more");
            Files.move(beside("-kept"), beside("-wal"), StandardCopyOption.REPLACE_EXISTING);
            assertThat(store.complete(running, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
    }

    /** SQLite says whether a connection is open, whatever its process calls the file. */
    @Test
    @Rule(1)
    void aFileThatWasMovedWithoutItsLogIsRefusedWhileItsProcessRuns() throws Exception {
        Path moved = Files.createDirectory(directory.resolve("moved")).resolve("store.db");
        try (JdbcIdempotencyStore store = open()) {
            Lease running = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            Files.move(file, moved);
            Path unused = Files.copy(sidecar, moved.resolveSibling("store.db.toolgate"));
            assertThatThrownBy(() -> openAtOnce(moved)).hasMessageContaining("were removed or are elsewhere");
            Files.delete(moved.resolveSibling("store.db.toolgate"));
            assertThatThrownBy(() -> openAtOnce(moved)).hasMessageContaining("is missing");
            assertThat(moved.getParent()).isDirectoryNotContaining(path -> !path.equals(moved));
            Files.move(moved, file);
            assertThat(store.complete(running, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
    }

    /** The application keeps its own connections open longer than the store, and opens them earlier. */
    @Test
    void anotherLogIsFineIfNoStoreHasTheFileOpen() throws Exception {
        JdbcIdempotencyStore first = open();
        try (Connection application = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            assertThat(rows(application)).isZero();
            first.close();
        }
        String recorded = Files.readString(sidecar);
        // The inode of the next log may be that of the previous one; what is recorded must be another.
        Files.writeString(sidecar, recorded.replaceAll("ino=", "ino=9"));
        assertThat(sidecar).content().contains("log=").isNotEqualTo(recorded);
        try (Connection application = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            assertThat(rows(application)).isZero();
            assertThat(beside("-wal")).exists();
            openAtOnce(file);
        }
    }

    private static int rows(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM tg_idempotency")) {
            assertThat(row.next()).isTrue();
            return row.getInt(1);
        }
    }

    @Test
    void aLogThatAKilledProcessLeftIsRecovered() throws Exception {
        ClaimRequest request = TestRequests.hold(TestRequests.freshId());
        try (JdbcIdempotencyStore store = open()) {
            assertThat(TestRequests.acquired(store, request).fence()).isEqualTo(1);
            Path copies = Files.createDirectory(directory.resolve("copies"));
            for (String suffix : List.of("", "-wal", ".toolgate")) {
                Path unused = Files.copy(beside(suffix), copies.resolve("store.db" + suffix));
            }
        }
        try (JdbcIdempotencyStore store =
                JdbcIdempotencyStore.open("jdbc:sqlite:" + directory.resolve("copies/store.db"))) {
            assertThat(store.claim(TestRequests.hold(request.id()))).isInstanceOf(Busy.class);
        }
    }

    @Test
    @Rule(1)
    void aLaterConnectionNeverOpensAnotherFile() throws Exception {
        open().close();
        SqliteFile known = SqliteFile.at(file);
        SqliteConnections connections = SqliteConnections.to(known);
        try (var open = connections.getConnection()) {
            Files.delete(file);
            assertThatThrownBy(connections::getConnection).isInstanceOf(SQLException.class);
            assertThat(file).as("it was not created").doesNotExist();
            Path other = directory.resolve("other.db");
            JdbcIdempotencyStore.open("jdbc:sqlite:" + other).close();
            Files.move(other, file);
            assertThatThrownBy(connections::getConnection).hasMessageContaining("replaced by another file");
            assertThat(open.isClosed()).isFalse();
        }
    }

    /** Without a connection that stays open, the file system gives the deleted file's inode to the next one. */
    @Test
    @Rule(1)
    void anOpenStoreDetectsAFileThatWasRecreated() throws Exception {
        try (JdbcIdempotencyStore store = open()) {
            for (int i = 0; i < 20; i++) {
                Files.deleteIfExists(file);
                Files.createFile(file);
                assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                        .isInstanceOf(StoreException.Misconfigured.class)
                        .hasMessageContaining("replaced by another file");
            }
        }
    }

    @Test
    @Rule(1)
    void twoStoresOnOneFileAreOneStore() {
        try (JdbcIdempotencyStore one = open();
                JdbcIdempotencyStore two = open()) {
            ClaimRequest request = TestRequests.hold(TestRequests.freshId());
            assertThat(TestRequests.acquired(one, request).fence()).isEqualTo(1);
            assertThat(two.claim(TestRequests.hold(request.id()))).isInstanceOf(Busy.class);
        }
    }

    @Test
    @Rule(1)
    void aLinkOpensTheSameStore() throws IOException {
        Path link = directory.resolve("link.db");
        try (JdbcIdempotencyStore one = open()) {
            Files.createSymbolicLink(link, file);
            try (JdbcIdempotencyStore two = JdbcIdempotencyStore.open("jdbc:sqlite:" + link)) {
                ClaimRequest request = TestRequests.hold(TestRequests.freshId());
                assertThat(TestRequests.acquired(one, request).fence()).isEqualTo(1);
                assertThat(two.claim(TestRequests.hold(request.id()))).isInstanceOf(Busy.class);
            }
        }
        assertThat(directory.resolve("link.db.toolgate")).doesNotExist();
        Files.move(file, directory.resolve("elsewhere.db"));
        assertThatThrownBy(() -> JdbcIdempotencyStore.open("jdbc:sqlite:" + link))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("a symbolic link without a target");
    }

    @Test
    @Rule(1)
    void eightThreadsThatOpenANewFileSeeOneStore() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            CyclicBarrier together = new CyclicBarrier(8);
            Callable<JdbcIdempotencyStore> opener = () -> {
                int unused = together.await();
                return open();
            };
            List<Future<JdbcIdempotencyStore>> opened = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                opened.add(threads.submit(opener));
            }
            ClaimRequest request = TestRequests.hold(TestRequests.freshId());
            int acquired = 0;
            for (Future<JdbcIdempotencyStore> future : opened) {
                try (JdbcIdempotencyStore store = future.get()) {
                    acquired += store.claim(TestRequests.hold(request.id())) instanceof Busy ? 0 : 1;
                }
            }
            assertThat(acquired).isEqualTo(1);
        } finally {
            threads.shutdown();
        }
    }

    /** Race: the first opening after a boot sets the clock while another process writes. */
    @Test
    void theFirstOpeningAfterABootWaitsForAWriter() throws Exception {
        String url = "jdbc:sqlite:" + directory.resolve("booted.db");
        JdbcIdempotencyStore.open(url).close();
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Connection writer = DriverManager.getConnection(url);
                Statement statement = writer.createStatement()) {
            statement.execute("UPDATE tg_store_info SET clock_boot_id = 'an earlier one'");
            statement.execute("BEGIN IMMEDIATE");
            Future<JdbcIdempotencyStore> opening = threads.submit(() -> JdbcIdempotencyStore.open(url));
            // Five times as long as a connection of the store waits by itself.
            assertThatThrownBy(() -> opening.get(500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            statement.execute("COMMIT");
            opening.get(30, TimeUnit.SECONDS).close();
        } finally {
            threads.shutdownNow();
        }
    }

    /** Wherever the interrupt finds it: a thread that is interrupted in file I/O has its channel closed. */
    @Test
    void anInterruptedOpeningIsNoMisconfiguration() throws Exception {
        for (int i = 0; i < 40; i++) {
            String url = "jdbc:sqlite:" + directory.resolve("interrupted-" + i + ".db");
            FutureTask<Void> opening = new FutureTask<>(() -> {
                JdbcIdempotencyStore.open(url).close();
                return null;
            });
            Thread thread = new Thread(opening);
            thread.start();
            LockSupport.parkNanos(i * 500_000L);
            thread.interrupt();
            try {
                opening.get(30, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(StoreException.Unavailable.class);
            }
        }
    }

    @Test
    void anApplicationsDatabaseGetsTheTablesOfAStore() throws Exception {
        SQLiteDataSource mine = new SQLiteDataSource();
        mine.setUrl("jdbc:sqlite:" + file);
        try (var connection = mine.getConnection();
                var statement = connection.createStatement()) {
            int unused = statement.executeUpdate("CREATE TABLE orders (id INTEGER)");
        }
        open().close();
        assertThat(one(file, "SELECT count(*) FROM orders")).isEqualTo("0");
    }

    @Test
    void aBrokenSidecarFileIsReported() throws IOException {
        open().close();
        Files.writeString(sidecar, "something else");
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("does not hold what ToolGate wrote");
    }

    @Test
    void aFileThatIsNoDatabaseIsLeftUnchanged() throws IOException {
        Files.writeString(
                file, "This is the only copy of my thesis, and it is longer than a header of SQLite's would be.");
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("is not a SQLite database");
        assertThat(file).content().startsWith("This is the only copy");
    }

    @Test
    void aNewerSchemaAndAMissingOneWithoutMigrateAreRefused() throws Exception {
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder("jdbc:sqlite:" + file)
                        .migrate(false)
                        .open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("migrate(false) forbids");
        assertThat(directory).isEmptyDirectory();
        open().close();
        SQLiteDataSource mine = new SQLiteDataSource();
        mine.setUrl("jdbc:sqlite:" + file);
        try (var connection = mine.getConnection();
                var statement = connection.createStatement()) {
            int unused = statement.executeUpdate("UPDATE tg_store_info SET schema_version = 3");
        }
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("has version 3");
    }
}
