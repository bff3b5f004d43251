package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.migrations.MigrationResult.Action;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What must hold on every database; a subclass names the database and how to read its catalog. */
abstract class MigrateScenarios {

    DataSource dataSource;

    abstract Database database();

    abstract DataSource freshDatabase() throws Exception;

    /** Everything the catalog says about ToolGate's tables, as comparable text. */
    abstract List<String> catalog(DataSource dataSource) throws SQLException;

    @BeforeEach
    void openDatabase() throws Exception {
        dataSource = freshDatabase();
    }

    @Test
    void installsTheSchemaInAnEmptyDatabase() throws SQLException {
        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Absent());

        assertThat(ToolGateMigrations.migrate(dataSource))
                .isEqualTo(new MigrationResult(database(), Action.INSTALLED, 0, 3));

        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Current(3));
        assertThat(Sql.one(dataSource, "SELECT singleton, schema_version FROM tg_store_info"))
                .isEqualTo("1 | 3");
        assertThat(Sql.count(dataSource, "tg_idempotency")).isZero();
    }

    @Test
    void aSecondRunChangesNothing() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        List<String> store = Sql.rows(dataSource, "SELECT * FROM tg_store_info");
        List<String> history = history();

        assertThat(ToolGateMigrations.migrate(dataSource))
                .isEqualTo(new MigrationResult(database(), Action.UNCHANGED, 3, 3));

        assertThat(Sql.rows(dataSource, "SELECT * FROM tg_store_info")).isEqualTo(store);
        assertThat(history()).isEqualTo(history);
    }

    @Test
    void twoStoresHaveTwoIdentities() throws Exception {
        DataSource other = freshDatabase();
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        assertThat(ToolGateMigrations.migrate(other).action()).isEqualTo(Action.INSTALLED);

        String query = "SELECT store_id FROM tg_store_info";
        assertThat(Sql.one(dataSource, query)).isNotEqualTo(Sql.one(other, query));
    }

    @Test
    void livesBesideAnApplicationsOwnFlyway() throws SQLException {
        Flyway application = Flyway.configure()
                .dataSource(dataSource)
                .locations("classpath:app")
                .load();
        assertThat(application.migrate().migrationsExecuted).isEqualTo(1);
        List<String> before = Sql.rows(dataSource, "SELECT * FROM flyway_schema_history");

        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);

        assertThat(history()).containsExactly("1 | SQL", "2 | SQL", "3 | SQL");
        assertThat(Sql.rows(dataSource, "SELECT * FROM flyway_schema_history")).isEqualTo(before);
        assertThat(application.migrate().migrationsExecuted).isZero();
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.UNCHANGED);
        assertThat(Sql.count(dataSource, "app_orders")).isEqualTo(1);
    }

    @Test
    void adoptsASchemaThatWasInstalledByHand() throws SQLException {
        installByHand(dataSource);
        String store = Sql.one(dataSource, "SELECT store_id FROM tg_store_info");
        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Current(3));

        assertThat(ToolGateMigrations.migrate(dataSource))
                .isEqualTo(new MigrationResult(database(), Action.ADOPTED, 3, 3));

        assertThat(Sql.one(dataSource, "SELECT store_id FROM tg_store_info")).isEqualTo(store);
        assertThat(history()).containsExactly("1 | SQL", "2 | SQL", "3 | SQL");
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.UNCHANGED);
    }

    @Test
    void aSchemaInstalledByHandEqualsOneInstalledByTheLibrary() throws Exception {
        DataSource byHand = freshDatabase();
        installByHand(byHand);
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);

        assertThat(catalog(dataSource)).isNotEmpty().isEqualTo(catalog(byHand));
    }

    @Test
    void aSecondRunByHandFailsAndChangesNothing() throws SQLException {
        installByHand(dataSource);
        List<String> store = Sql.rows(dataSource, "SELECT * FROM tg_store_info");
        List<String> catalog = catalog(dataSource);

        assertThatThrownBy(() -> installByHand(dataSource)).isInstanceOf(SQLException.class);

        assertThat(Sql.rows(dataSource, "SELECT * FROM tg_store_info")).isEqualTo(store);
        assertThat(catalog(dataSource)).isEqualTo(catalog);
    }

    @Test
    void aMigrationThatDiedBeforeItWroteTheHistoryIsRepaired() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        Sql.run(dataSource, "DELETE FROM tg_schema_history WHERE version = '3'");
        String store = Sql.one(dataSource, "SELECT store_id FROM tg_store_info");

        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.ADOPTED);

        assertThat(Sql.one(dataSource, "SELECT store_id FROM tg_store_info")).isEqualTo(store);
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.UNCHANGED);
    }

    @Test
    void aMigrationThatDiedAfterItCreatedTheHistoryIsRepaired() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        Sql.run(dataSource, "DELETE FROM tg_schema_history", "DROP TABLE tg_idempotency", "DROP TABLE tg_store_info");
        for (String table : List.of("checkpoint", "history", "journal", "counts")) {
            Sql.run(dataSource, "DROP TABLE tg_idempotency_" + table);
        }
        if (database() == Database.POSTGRESQL) {
            Sql.run(dataSource, "DROP FUNCTION tg_record_id");
        }

        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
    }

    @Test
    void aNewerSchemaIsReportedAndLeftAlone() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        Sql.run(dataSource, "UPDATE tg_store_info SET schema_version = 4");

        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Newer(4));
        assertThat(ToolGateMigrations.migrate(dataSource))
                .isEqualTo(new MigrationResult(database(), Action.UNCHANGED, 4, 4));
    }

    @Test
    void anIncompleteSchemaIsRefusedAndNamed() throws SQLException {
        Sql.run(dataSource, "CREATE TABLE tg_idempotency (id integer)");

        assertThatThrownBy(() -> ToolGateMigrations.migrate(dataSource))
                .isInstanceOf(IncompleteSchemaException.class)
                .hasMessageContaining("tg_idempotency but not tg_store_info");
        assertThatThrownBy(() -> ToolGateMigrations.schemaVersion(dataSource))
                .isInstanceOf(IncompleteSchemaException.class);
    }

    @Test
    void aStoreWithoutItsRowIsRefused() throws SQLException {
        installByHand(dataSource);
        Sql.run(dataSource, "DELETE FROM tg_store_info");

        assertThatThrownBy(() -> ToolGateMigrations.schemaVersion(dataSource))
                .isInstanceOf(IncompleteSchemaException.class)
                .hasMessageContaining("has no row");
    }

    @Test
    void aScriptThatWasChangedIsDetected() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        Sql.run(dataSource, "UPDATE tg_schema_history SET checksum = checksum + 1 WHERE version = '1'");

        assertThatThrownBy(() -> ToolGateMigrations.migrate(dataSource))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("checksum mismatch");
    }

    @Test
    void theStoreHasExactlyOneRow() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);

        for (int singleton : new int[] {0, 1, 2}) {
            assertThatThrownBy(() -> Sql.run(
                            dataSource,
                            "INSERT INTO tg_store_info (singleton, schema_version) VALUES (" + singleton + ", 1)"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void upgradesVersion1WithItsRecordsAsTheyAre() throws Exception {
        installByHand(dataSource, 1);
        Sql.run(dataSource, Samples.claim(database(), "k"));
        List<String> records = Sql.rows(dataSource, "SELECT * FROM tg_idempotency");
        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Older(1));

        assertThat(ToolGateMigrations.migrate(dataSource))
                .isEqualTo(new MigrationResult(database(), Action.UPGRADED, 1, 3));

        assertThat(Sql.rows(dataSource, "SELECT * FROM tg_idempotency")).isEqualTo(records);
        assertThat(history()).containsExactly("1 | SQL", "2 | SQL", "3 | SQL");
        DataSource fresh = freshDatabase();
        assertThat(ToolGateMigrations.migrate(fresh).action()).isEqualTo(Action.INSTALLED);
        assertThat(catalog(dataSource)).isEqualTo(catalog(fresh));
    }

    @Test
    void upgradesVersion2ToTheSchemaOfAFreshInstallation() throws Exception {
        installByHand(dataSource, 2);
        Sql.run(dataSource, Samples.claim(database(), "k"));
        List<String> records = Sql.rows(dataSource, "SELECT * FROM tg_idempotency");

        assertThat(ToolGateMigrations.migrate(dataSource))
                .isEqualTo(new MigrationResult(database(), Action.UPGRADED, 2, 3));

        assertThat(Sql.rows(dataSource, "SELECT * FROM tg_idempotency")).isEqualTo(records);
        DataSource fresh = freshDatabase();
        installByHand(fresh);
        assertThat(catalog(dataSource)).isEqualTo(catalog(fresh));
    }

    @Test
    void aNewerScriptRunsOnceAndOnlyAfterTheOlder() throws Exception {
        List<MigrationScript> scripts = ToolGateMigrations.sql(database());
        for (MigrationScript script : scripts) {
            for (MigrationScript later : scripts.subList(script.version(), scripts.size())) {
                refusedAndNothingChanged(later);
            }
            Sql.runInOneTransaction(dataSource, script.sql());
            for (MigrationScript done : scripts.subList(0, script.version())) {
                refusedAndNothingChanged(done);
            }
        }
    }

    private void refusedAndNothingChanged(MigrationScript script) throws SQLException {
        SchemaVersion version = ToolGateMigrations.schemaVersion(dataSource);
        boolean absent = version.equals(new SchemaVersion.Absent());
        List<String> before = absent ? List.of() : catalog(dataSource);
        assertThatThrownBy(() -> Sql.runInOneTransaction(dataSource, script.sql()))
                .as("%s on %s", script.fileName(), version)
                .isInstanceOf(SQLException.class);
        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(version);
        assertThat(absent ? List.of() : catalog(dataSource)).isEqualTo(before);
    }

    @Test
    void theJournalIsSwitchedOnAndOffAndOnAgain() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        assertThat(ToolGateMigrations.journalIsOn(dataSource)).isFalse();
        Sql.run(dataSource, Samples.claim(database(), "before"));
        List<String> without = catalog(dataSource);

        ToolGateMigrations.switchJournal(dataSource, true);
        ToolGateMigrations.switchJournal(dataSource, true);
        assertThat(ToolGateMigrations.journalIsOn(dataSource)).isTrue();
        Sql.run(dataSource, Samples.claim(database(), "while"));
        assertThat(Sql.rows(dataSource, "SELECT fence, version, from_status, to_status FROM tg_idempotency_journal"))
                .containsExactly("1 | 1 | null | IN_PROGRESS");

        ToolGateMigrations.switchJournal(dataSource, false);
        ToolGateMigrations.switchJournal(dataSource, false);
        assertThat(ToolGateMigrations.journalIsOn(dataSource)).isFalse();
        assertThat(catalog(dataSource)).isEqualTo(without);
        Sql.run(dataSource, Samples.claim(database(), "after"));
        assertThat(Sql.count(dataSource, "tg_idempotency_journal")).as("kept").isEqualTo(1);

        ToolGateMigrations.switchJournal(dataSource, true);
        Sql.run(dataSource, Samples.claim(database(), "again"));
        assertThat(Sql.count(dataSource, "tg_idempotency_journal")).isEqualTo(2);
    }

    @Test
    void theJournalOfVersion1IsRefused() throws SQLException {
        installByHand(dataSource, 1);

        assertThat(ToolGateMigrations.journalIsOn(dataSource)).isFalse();
        assertThatThrownBy(() -> ToolGateMigrations.switchJournal(dataSource, true))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("needs version 2")
                .hasMessageContaining("has version 1")
                .hasMessageContaining("Migrate first");
    }

    static void installByHand(DataSource dataSource) throws SQLException {
        installByHand(dataSource, ToolGateMigrations.currentVersion());
    }

    static void installByHand(DataSource dataSource, int version) throws SQLException {
        Database database = InstalledSchema.read(dataSource).database();
        for (MigrationScript script : ToolGateMigrations.sql(database).subList(0, version)) {
            Sql.runInOneTransaction(dataSource, script.sql());
        }
    }

    List<String> history() throws SQLException {
        return Sql.rows(dataSource, "SELECT version, type FROM tg_schema_history ORDER BY installed_rank");
    }

    /** Starts the same migration on several threads at once; each answer is a result or an exception. */
    static List<Object> migrateAtOnce(int threads, DataSource dataSource) throws Exception {
        CyclicBarrier start = new CyclicBarrier(threads);
        Callable<Object> task = () -> {
            int arrival = start.await();
            assertThat(arrival).isNotNegative();
            try {
                return ToolGateMigrations.migrate(dataSource);
            } catch (MigrationException e) {
                return e;
            }
        };
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Object>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(executor.submit(task));
            }
            List<Object> answers = new ArrayList<>();
            for (Future<Object> future : futures) {
                answers.add(future.get());
            }
            return answers;
        } finally {
            executor.shutdownNow();
        }
    }
}
