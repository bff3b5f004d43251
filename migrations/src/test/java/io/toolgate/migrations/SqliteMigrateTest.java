package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.migrations.MigrationResult.Action;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class SqliteMigrateTest extends MigrateScenarios {

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
        List<Object> answers = migrateAtOnce(4, Schema.CURRENT, dataSource);

        assertThat(answers).anyMatch(MigrationResult.class::isInstance);
        assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(1);
        assertThat(Sql.count(dataSource, "tg_store_info")).isEqualTo(1);
        assertThat(Sql.one(dataSource, "PRAGMA integrity_check")).isEqualTo("ok");
    }

    @Test
    void anInstallationNeitherNeedsNorLeavesAHistory() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);

        assertThat(Sql.rows(dataSource, "SELECT name FROM sqlite_schema WHERE name LIKE 'tg_schema%'"))
                .isEmpty();
    }

    @Test
    void aClaimBuildsNoTemporaryTable() throws Exception {
        installByHand(dataSource);
        try (Connection open = dataSource.getConnection()) {
            assertThat(Sql.rows(open, "EXPLAIN " + Samples.claim(database(), "k")))
                    .noneMatch(row -> row.contains("OpenEphemeral"));
        }
    }

    @Test
    void anInstallationBehindAnotherWriterWaitsOrIsRefusedAndTriedAgain() throws Exception {
        SQLiteDataSource impatient = (SQLiteDataSource) freshDatabase();
        impatient.setBusyTimeout(1);
        try (Connection busy = impatient.getConnection()) {
            Sql.run(busy, "PRAGMA journal_mode = WAL", "BEGIN IMMEDIATE", "CREATE TABLE theirs (id INTEGER)");
            assertThatThrownBy(() -> ToolGateMigrations.migrate(impatient))
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("no other process may hold its lock")
                    .hasMessageContaining("SQLITE_BUSY");
            Sql.run(busy, "COMMIT");
        }
        assertThat(ToolGateMigrations.migrate(impatient).action()).isEqualTo(Action.INSTALLED);
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
