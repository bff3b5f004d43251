package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.migrations.MigrationResult.Action;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class SqliteMigrateTest extends MigrateScenarios {

    private static final String LISTED = "status IN ('IN_PROGRESS', 'COMPLETED', 'REJECTED', 'RETRYABLE', 'IN_DOUBT')";

    private static final String COMPARED = "(status = 'IN_PROGRESS' OR status = 'COMPLETED' OR status = 'REJECTED'"
            + " OR status = 'RETRYABLE' OR status = 'IN_DOUBT')";

    private final AtomicInteger files = new AtomicInteger();

    @TempDir
    Path directory;

    @Override
    Database database() {
        return Database.SQLITE;
    }

    @Override
    DataSource freshDatabase() {
        SQLiteDataSource file = new SQLiteDataSource();
        file.setUrl("jdbc:sqlite:" + directory.resolve("store-" + files.incrementAndGet() + ".db"));
        return file;
    }

    @Override
    List<String> catalog(DataSource dataSource) throws SQLException {
        return Sql.rows(
                dataSource,
                "SELECT type, name, sql FROM sqlite_schema WHERE (tbl_name LIKE 'tg_idempotency%' OR tbl_name ="
                        + " 'tg_store_info') ORDER BY name");
    }

    @RepeatedTest(5)
    void migrationsOfOneFileAtOnceLeaveOneWholeSchema() throws Exception {
        List<Object> answers = migrateAtOnce(4, dataSource);

        assertThat(answers).anyMatch(MigrationResult.class::isInstance);
        assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(3);
        assertThat(Sql.count(dataSource, "tg_store_info")).isEqualTo(1);
        assertThat(Sql.rows(dataSource, "SELECT version FROM tg_schema_history WHERE version IN ('1', '2', '3')"))
                .hasSize(3);
        assertThat(Sql.one(dataSource, "PRAGMA integrity_check")).isEqualTo("ok");
    }

    @Test
    void version3RewritesOneCheckAndNothingElse() throws Exception {
        installByHand(dataSource, 2);
        ToolGateMigrations.switchJournal(dataSource, true);
        List<String> before = catalog(dataSource);
        try (Connection open = dataSource.getConnection()) {
            Sql.run(open, Samples.claim(database(), "before"));
            assertThat(tablesInMemory(open)).as("what a claim costs before").isPositive();

            assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.UPGRADED);

            assertThat(catalog(dataSource))
                    .isEqualTo(before.stream()
                            .map(row ->
                                    row.startsWith("table | tg_idempotency |") ? row.replace(LISTED, COMPARED) : row)
                            .toList())
                    .isNotEqualTo(before);
            Sql.run(open, Samples.claim(database(), "open meanwhile"));
            assertThat(tablesInMemory(open)).as("the new text is in use").isZero();
        }
        Sql.run(dataSource, Samples.claim(database(), "after"));
        assertThat(Sql.count(dataSource, "tg_idempotency_journal")).isEqualTo(3);
        for (String status : List.of("'DONE'", "'completed'", "''", "'IN_PROGRESS '")) {
            assertThatThrownBy(() -> Sql.run(dataSource, "UPDATE tg_idempotency SET status = " + status))
                    .as(status)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("tg_idempotency_status_");
        }
        assertThatThrownBy(() -> Sql.run(dataSource, "UPDATE tg_idempotency SET failure_code = 'c', status = 'DONE'"))
                .hasMessageContaining("tg_idempotency_status_known");
        assertThat(Sql.one(dataSource, "PRAGMA integrity_check")).isEqualTo("ok");
    }

    /** Number of temporary tables that SQLite builds for a claim. */
    private long tablesInMemory(Connection connection) throws SQLException {
        return Sql.rows(connection, "EXPLAIN " + Samples.claim(database(), "k")).stream()
                .filter(row -> row.contains("OpenEphemeral"))
                .count();
    }

    @Test
    void aTableWithAnotherTextIsUpgradedAndKeepsIt() throws Exception {
        List<MigrationScript> scripts = ToolGateMigrations.sql(database());
        String another = scripts.get(0).sql().replace("status IN ('IN_PROGRESS', ", "status IN ('IN_PROGRESS',");
        Sql.runInOneTransaction(dataSource, another);
        Sql.runInOneTransaction(dataSource, scripts.get(1).sql());
        List<String> before = catalog(dataSource);

        assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(3);

        assertThat(catalog(dataSource)).isEqualTo(before);
        Sql.run(dataSource, Samples.claim(database(), "k"));
    }

    @Test
    void aCheckThatAUserAddedKeepsItsMeaning() throws Exception {
        List<MigrationScript> scripts = ToolGateMigrations.sql(database());
        String own = "    CONSTRAINT own CHECK (length(tenant) > 3 AND " + LISTED + "),\n";
        String script = scripts.get(0).sql();
        int place = script.indexOf("    CONSTRAINT tg_idempotency_fence_positive");
        Sql.runInOneTransaction(dataSource, script.substring(0, place) + own + script.substring(place));
        Sql.runInOneTransaction(dataSource, scripts.get(1).sql());

        assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(3);

        for (String status : List.of("IN_PROGRESS", "RETRYABLE")) {
            String code = status.equals("IN_PROGRESS") ? "NULL" : "'code'";
            String row = Samples.claim(database(), "k")
                    .replace("IN_PROGRESS", status)
                    .replace("NULL, NULL, NULL, NULL", "NULL, NULL, " + code + ", NULL");
            assertThatThrownBy(() -> Sql.run(dataSource, row))
                    .as(status)
                    .hasMessageContaining("constraint failed: own)");
        }
    }

    @Test
    void aScriptThatFailsWhileItWritesTheSchemaLeavesItProtected() throws Exception {
        try (Connection only = dataSource.getConnection()) {
            DataSource pool = poolOf(only);
            Flyway failing = ToolGateMigrations.flyway(pool, InstalledSchema.read(pool))
                    .locations("classpath:schema_left_writable")
                    .load();

            assertThatThrownBy(failing::migrate).hasMessageContaining("no such table: nowhere");

            assertThat(Sql.one(pool, "PRAGMA writable_schema")).isEqualTo("0");
        }
    }

    /** A pool of one connection, which closing gives back. */
    private static DataSource poolOf(Connection only) {
        ClassLoader loader = SqliteMigrateTest.class.getClassLoader();
        Object lent = Proxy.newProxyInstance(
                loader,
                new Class<?>[] {Connection.class},
                (proxy, method, args) -> method.getName().equals("close") ? null : invoke(method, only, args));
        return (DataSource)
                Proxy.newProxyInstance(loader, new Class<?>[] {DataSource.class}, (proxy, method, args) -> lent);
    }

    private static Object invoke(Method method, Object target, Object[] args) throws Throwable {
        try {
            return method.invoke(target, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Test
    void theStoresClockIsUnsetUntilAStoreIsOpened() throws SQLException {
        installByHand(dataSource);

        assertThat(Sql.one(dataSource, "SELECT clock_boot_id, clock_offset_millis FROM tg_store_info"))
                .isEqualTo("null | null");
        Sql.run(dataSource, "UPDATE tg_store_info SET clock_boot_id = 'b', clock_offset_millis = 1792000000000");
    }

    @Test
    void theInstallationTimeIsInMillisecondsOfUtc() throws SQLException {
        long before = System.currentTimeMillis();
        installByHand(dataSource);

        assertThat(Long.parseLong(Sql.one(dataSource, "SELECT created_at FROM tg_store_info")))
                .isBetween(before - 1000, System.currentTimeMillis() + 1000);
    }
}
