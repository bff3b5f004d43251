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

    /** The schema with one version more, an upgrade to come. */
    static final Schema NEXT = new Schema(
            List.of(Schema.CURRENT.folders().get(0), "next"),
            List.of(Schema.CURRENT.scripts().get(0), "toolgate_2__next.sql"));

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
                .isEqualTo(new MigrationResult(database(), Action.INSTALLED, 0, 1));

        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Current(1));
        assertThat(Sql.one(dataSource, "SELECT singleton, schema_version FROM tg_store_info"))
                .isEqualTo("1 | 1");
        assertThat(Sql.count(dataSource, "tg_idempotency")).isZero();
    }

    @Test
    void aSecondRunChangesNothing() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        List<String> store = Sql.rows(dataSource, "SELECT * FROM tg_store_info");

        assertThat(ToolGateMigrations.migrate(dataSource))
                .isEqualTo(new MigrationResult(database(), Action.UNCHANGED, 1, 1));

        assertThat(Sql.rows(dataSource, "SELECT * FROM tg_store_info")).isEqualTo(store);
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

        assertThat(Sql.rows(dataSource, "SELECT * FROM flyway_schema_history")).isEqualTo(before);
        assertThat(application.migrate().migrationsExecuted).isZero();
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.UNCHANGED);
        assertThat(Sql.count(dataSource, "app_orders")).isEqualTo(1);
        assertThat(NEXT.migrate(dataSource).action()).isEqualTo(Action.UPGRADED);
        assertThat(Sql.rows(dataSource, "SELECT * FROM flyway_schema_history")).isEqualTo(before);
    }

    @Test
    void anApplicationThatScansTheWholeClassPathFindsNoneOfToolGatesScripts() throws SQLException {
        Flyway application = Flyway.configure()
                .dataSource(dataSource)
                .locations("classpath:app", "classpath:io/toolgate", "classpath:next", "classpath:db")
                .load();
        assertThat(application.migrate().migrationsExecuted).isEqualTo(1);
        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Absent());
    }

    @Test
    void aSchemaThatWasInstalledByHandIsLeftAndUpgradedLikeAnyOther() throws SQLException {
        installByHand(dataSource);
        String store = Sql.one(dataSource, "SELECT store_id FROM tg_store_info");
        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Current(1));

        assertThat(ToolGateMigrations.migrate(dataSource))
                .isEqualTo(new MigrationResult(database(), Action.UNCHANGED, 1, 1));
        assertThat(NEXT.migrate(dataSource)).isEqualTo(new MigrationResult(database(), Action.UPGRADED, 1, 2));

        assertThat(Sql.one(dataSource, "SELECT store_id FROM tg_store_info")).isEqualTo(store);
        assertThat(history()).containsExactly("1 | SQL", "2 | SQL");
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
        assertThat(NEXT.migrate(dataSource).toVersion()).isEqualTo(2);
        if (database() == Database.POSTGRESQL) {
            Sql.run(dataSource, "DELETE FROM tg_schema_history WHERE version = '2'");
        }
        Schema third = new Schema(
                NEXT.folders(), List.of(NEXT.scripts().get(0), NEXT.scripts().get(1), "none"));

        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.UNCHANGED);
        assertThat(third.versionOf(dataSource)).isEqualTo(new SchemaVersion.Older(2));
        assertThat(third.migrate(dataSource).action())
                .as("whose script is still to come")
                .isEqualTo(Action.UNCHANGED);

        assertThat(history()).containsExactly("1 | SQL", "2 | SQL");
    }

    @Test
    void aMigrationThatDiedAfterItCreatedTheHistoryIsRepaired() throws SQLException {
        assertThat(NEXT.migrate(dataSource).toVersion()).isEqualTo(2);
        if (database() == Database.POSTGRESQL) {
            Sql.run(dataSource, "DELETE FROM tg_schema_history", "DROP FUNCTION tg_record_id");
        }
        for (String table : List.of("", "_checkpoint", "_history", "_journal", "_counts", "_next")) {
            Sql.run(dataSource, "DROP TABLE tg_idempotency" + table);
        }
        Sql.run(dataSource, "DROP TABLE tg_store_info");

        assertThat(NEXT.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        assertThat(Sql.count(dataSource, "tg_idempotency_next")).isZero();
    }

    @Test
    void aNewerSchemaIsReportedAndLeftAlone() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        Sql.run(dataSource, "UPDATE tg_store_info SET schema_version = 2");

        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Newer(2));
        assertThat(ToolGateMigrations.migrate(dataSource))
                .isEqualTo(new MigrationResult(database(), Action.UNCHANGED, 2, 2));
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
    void aScriptThatWasChangedIsDetectedByTheNextUpgrade() throws SQLException {
        installByHand(dataSource);
        assertThat(NEXT.migrate(dataSource).action()).isEqualTo(Action.UPGRADED);
        Sql.run(
                dataSource,
                "UPDATE tg_schema_history SET checksum = checksum + 1 WHERE version = '1'",
                "UPDATE tg_store_info SET schema_version = 1");

        assertThatThrownBy(() -> NEXT.migrate(dataSource))
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
    void upgradesWithItsRecordsAsTheyAreToTheSchemaOfAFreshInstallation() throws Exception {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        Sql.run(dataSource, Samples.claim(database(), "k"));
        String columns = "SELECT idempotency_key, claim_token, created_at, version FROM tg_idempotency";
        List<String> records = Sql.rows(dataSource, columns);
        assertThat(NEXT.versionOf(dataSource)).isEqualTo(new SchemaVersion.Older(1));

        assertThat(NEXT.migrate(dataSource)).isEqualTo(new MigrationResult(database(), Action.UPGRADED, 1, 2));

        assertThat(Sql.rows(dataSource, columns)).isEqualTo(records);
        assertThat(history()).containsExactly("1 | SQL", "2 | SQL");
        DataSource fresh = freshDatabase();
        assertThat(NEXT.migrate(fresh)).isEqualTo(new MigrationResult(database(), Action.INSTALLED, 0, 2));
        assertThat(catalog(dataSource)).isEqualTo(catalog(fresh));
    }

    @Test
    void aScriptRunsOnceAndOnlyAfterTheOlder() throws Exception {
        List<MigrationScript> scripts = NEXT.scripts(database());
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
    void aJournalWithoutTablesIsRefused() throws SQLException {
        assertThat(ToolGateMigrations.journalIsOn(dataSource)).isFalse();
        assertThatThrownBy(() -> ToolGateMigrations.switchJournal(dataSource, true))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("holds none of ToolGate's tables")
                .hasMessageContaining("Migrate first");
    }

    static void installByHand(DataSource dataSource) throws SQLException {
        Database database = InstalledSchema.read(dataSource).database();
        for (MigrationScript script : ToolGateMigrations.sql(database)) {
            Sql.runInOneTransaction(dataSource, script.sql());
        }
    }

    List<String> history() throws SQLException {
        return Sql.rows(dataSource, "SELECT version, type FROM tg_schema_history ORDER BY installed_rank");
    }

    /** Starts the same migration on several threads at once; each answer is a result or an exception. */
    static List<Object> migrateAtOnce(int threads, Schema schema, DataSource dataSource) throws Exception {
        CyclicBarrier start = new CyclicBarrier(threads);
        Callable<Object> task = () -> {
            int arrival = start.await();
            assertThat(arrival).isNotNegative();
            try {
                return schema.migrate(dataSource);
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
