package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.TestLog;
import io.toolgate.store.ClaimOutcome.Acquired;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What it costs to open a SQLite store that is there and current. */
class SqliteOpeningTest {
    private static final String DRIVER = "org.sqlite.core.NativeDB";

    @TempDir
    Path directory;

    private String url;

    @BeforeEach
    void install() {
        url = TestSqlite.installed(directory.resolve("store.db"));
        // Once in this boot, whose clock is set then.
        JdbcIdempotencyStore.open(url).close();
    }

    /** The statements that this thread prepares or executes in {@code call}, as the driver's own log has them. */
    private static List<String> statementsOf(Callable<JdbcIdempotencyStore> call) throws Exception {
        Logger driver = LoggerFactory.getLogger(DRIVER);
        Field level = driver.getClass().getDeclaredField("currentLogLevel");
        level.setAccessible(true);
        Object levelBefore = level.get(driver);
        FutureTask<JdbcIdempotencyStore> opening = new FutureTask<>(call);
        String log;
        try {
            // Trace.
            level.set(driver, 0);
            log = TestLog.of(opening);
        } finally {
            level.set(driver, levelBefore);
        }
        opening.get().close();
        String mine = "[" + Thread.currentThread().getName() + "] [SQLite EXEC] ";
        return Stream.of(log.split("(?m)^.*" + DRIVER + " - DriverManager ", -1))
                .filter(line -> line.startsWith(mine))
                .map(line -> line.substring(mine.length())
                        .replaceAll("(?m)^--.*$", "")
                        .replaceAll("\\s+", " ")
                        .strip())
                .toList();
    }

    /**
     * Two tell schema and identity: one of the file with its log, one of the file itself. The others ask whether
     * another process has it open, how the connection is set up, and for the clock; one writes, in one commit.
     */
    @Test
    void aCurrentStoreIsOpenedByFewStatements() throws Exception {
        List<String> statements = statementsOf(() -> JdbcIdempotencyStore.open(url));
        assertThat(statements.stream().filter(sql -> !isSetup(sql)))
                .satisfiesExactly(
                        sql -> assertThat(sql).startsWith("SELECT count(*) AS objects FROM main.sqlite_schema"),
                        sql -> assertThat(sql).contains("schema_version", "store_id", "file_generation", "journal"),
                        sql -> assertThat(sql).contains("FROM pragma_journal_mode"),
                        sql -> assertThat(sql).contains("clock_boot_id", "FROM tg_store_info"),
                        sql -> assertThat(sql).endsWith("AS newest"),
                        sql -> assertThat(sql).contains("store_id", "file_generation", "FROM tg_store_info"),
                        sql -> assertThat(sql).startsWith("UPDATE tg_store_info SET file_generation"));
        assertThat(statements.stream().filter("begin;"::equals))
                .as("connections")
                .hasSize(5);
    }

    /** What the driver and the store send to set a connection up. */
    private static boolean isSetup(String sql) {
        return sql.equals("begin;")
                || sql.equals("commit;")
                || sql.toLowerCase(Locale.ROOT).startsWith("pragma ");
    }

    /** Only the generation of the file is written, and that can wait for a claim. */
    @Test
    void anOpeningDoesNotWaitForAnotherWriter() throws Exception {
        try (Connection writer = DriverManager.getConnection(url);
                Statement statement = writer.createStatement()) {
            String before = generation(statement);
            statement.execute("BEGIN IMMEDIATE");
            FutureTask<JdbcIdempotencyStore> opening = new FutureTask<>(() -> JdbcIdempotencyStore.open(url));
            Thread opener = new Thread(opening, "opener");
            opener.start();
            try (JdbcIdempotencyStore store = opening.get(10, TimeUnit.SECONDS)) {
                statement.execute("COMMIT");
                assertThat(generation(statement)).isEqualTo(before);
                // Before the store is closed, which writes one, too. What could not be written is tried again soon.
                Awaitility.await().until(() -> {
                    assertThat(store.claim(TestRequests.hold(TestRequests.freshId())))
                            .isInstanceOf(Acquired.class);
                    return !generation(statement).equals(before);
                });
            }
        }
    }

    private static String generation(Statement statement) throws SQLException {
        try (var row = statement.executeQuery("SELECT file_generation FROM tg_store_info")) {
            row.next();
            return row.getString(1);
        }
    }
}
