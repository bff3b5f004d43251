package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.migrations.MigrationResult.Action;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class PostgresMigrateTest extends MigrateScenarios {

    @Override
    Database database() {
        return Database.POSTGRESQL;
    }

    @Override
    DataSource freshDatabase() throws SQLException {
        return TestPostgres.freshDatabase();
    }

    @Override
    List<String> catalog(DataSource dataSource) throws SQLException {
        List<String> catalog = new ArrayList<>();
        try (Connection connection = dataSource.getConnection()) {
            for (String query : List.of(
                    """
                    SELECT c.relname, c.relkind, c.reloptions, t.reloptions, obj_description(c.oid)
                    FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
                    WHERE c.relname ~ '^tg_' AND c.relname !~ 'schema_history' ORDER BY 1
                    """,
                    """
                    SELECT a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                           a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid),
                           col_description(a.attrelid, a.attnum)
                    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                    WHERE a.attrelid IN (
                        SELECT oid FROM pg_class
                        WHERE relname ~ '^tg_' AND relname !~ 'schema_history' AND relkind = 'r')
                        AND a.attnum > 0
                    ORDER BY a.attrelid::regclass::text, a.attnum
                    """,
                    """
                    SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
                    WHERE conname ~ '^tg_' AND conname !~ 'schema_history' ORDER BY 1, 2
                    """,
                    "SELECT indexdef FROM pg_indexes WHERE indexname ~ '^tg_' AND indexname !~ 'schema_history' ORDER"
                            + " BY 1",
                    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION ALL SELECT"
                            + " proname, '' FROM pg_proc WHERE proname ~ '^tg_' ORDER BY 1",
                    "SELECT pg_get_functiondef('tg_record_id'::regproc), obj_description('tg_record_id'::regproc)")) {
                List<String> rows = Sql.rows(connection, query);
                assertThat(rows).isNotEmpty();
                catalog.addAll(rows);
            }
        }
        return catalog;
    }

    @RepeatedTest(5)
    void processesThatMigrateAtOnceAllSucceed() throws Exception {
        List<Object> answers = migrateAtOnce(6, Schema.CURRENT, dataSource);

        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer).isInstanceOf(MigrationResult.class))
                .filteredOn(new MigrationResult(Database.POSTGRESQL, Action.INSTALLED, 0, 1)::equals)
                .hasSize(1);
        assertThat(history()).containsExactly("1 | SQL");
        assertThat(Sql.count(dataSource, "tg_store_info")).isEqualTo(1);
    }

    @Test
    void processesThatUpgradeAtOnceWhatWasInstalledByHandAllSucceed() throws Exception {
        installByHand(dataSource);

        assertThat(migrateAtOnce(4, NEXT, dataSource))
                .allSatisfy(answer -> assertThat(answer).isInstanceOf(MigrationResult.class));
        assertThat(history()).containsExactly("1 | SQL", "2 | SQL");
    }

    @Test
    void findsTheStoreInALaterSchemaOfTheSearchPathInsteadOfCreatingASecondOne() throws SQLException {
        Sql.run(dataSource, "CREATE SCHEMA app");
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        DataSource other = TestPostgres.withSearchPath(dataSource, "app,public");

        assertThat(ToolGateMigrations.schemaVersion(other)).isEqualTo(new SchemaVersion.Current(1));
        assertThat(ToolGateMigrations.migrate(other).action()).isEqualTo(Action.UNCHANGED);

        assertThat(Sql.rows(dataSource, "SELECT schemaname FROM pg_tables WHERE tablename ~ '^tg_'"))
                .containsOnly("public");
    }

    @Test
    void eachSchemaCanHoldAStoreOfItsOwn() throws SQLException {
        Sql.run(dataSource, "CREATE SCHEMA \"App One\"");
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        DataSource other = TestPostgres.withSearchPath(dataSource, "\"App One\"");

        assertThat(ToolGateMigrations.migrate(other).action()).isEqualTo(Action.INSTALLED);

        assertThat(Sql.count(dataSource, "\"App One\".tg_store_info")).isEqualTo(1);
        assertThat(Sql.count(dataSource, "public.tg_store_info")).isEqualTo(1);
    }

    @Test
    void aSearchPathWithoutASchemaIsRefused() throws SQLException {
        DataSource nowhere = TestPostgres.withSearchPath(dataSource, "missing");

        assertThatThrownBy(() -> ToolGateMigrations.migrate(nowhere))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("nowhere to create");
        assertThatThrownBy(() -> installByHand(nowhere)).isInstanceOf(MigrationException.class);
    }

    @Test
    void aDatabaseThatIsNotUtf8IsRefusedBeforeAnythingIsCreated() throws SQLException {
        DataSource latin = TestPostgres.freshDatabase("TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");

        assertThatThrownBy(() -> ToolGateMigrations.migrate(latin))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("UTF8")
                .hasMessageContaining("LATIN1");

        assertThat(ToolGateMigrations.schemaVersion(latin)).isEqualTo(new SchemaVersion.Absent());
    }

    @Test
    void aRoleThatMayOnlyReadCanAskForTheVersion() throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        Sql.run(
                dataSource,
                "CREATE ROLE reader_" + hashCode() + " LOGIN",
                "GRANT SELECT ON tg_store_info TO reader_" + hashCode());
        DataSource reader = TestPostgres.asUser(dataSource, "reader_" + hashCode());

        assertThat(ToolGateMigrations.schemaVersion(reader)).isEqualTo(new SchemaVersion.Current(1));
        assertThat(ToolGateMigrations.migrate(reader).action()).isEqualTo(Action.UNCHANGED);
        assertThatThrownBy(() -> NEXT.migrate(reader)).isInstanceOf(MigrationException.class);
    }

    @Test
    void aPoolOfTwoIsEnoughAndGetsItsConnectionsBackAsTheyWere() throws Exception {
        Sql.run(dataSource, "CREATE SCHEMA app");
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        // The store is not in the first schema of the path, so the path is changed while the migration runs.
        TinyPool pool = new TinyPool(2, TestPostgres.withSearchPath(dataSource, "app,public"));
        try (pool) {
            assertThat(NEXT.migrate(pool.dataSource()).action()).isEqualTo(Action.UPGRADED);

            assertThat(pool.lent()).isZero();
            for (Connection connection : pool.connections()) {
                assertThat(connection.getAutoCommit()).isTrue();
                assertThat(Sql.rows(connection, "SHOW search_path")).containsExactly("app,public");
            }
        }
    }

    @Test
    void anUpgradeGivesUpBehindALongTransactionAndChangesNothing() throws Exception {
        installByHand(dataSource);
        List<String> before = catalog(dataSource);
        String upgrade = NEXT.scripts(Database.POSTGRESQL).get(1).sql();
        assertThat(upgrade).contains("lock_timeout = '2s'");
        try (Connection busy = dataSource.getConnection()) {
            busy.setAutoCommit(false);
            Sql.run(busy, Samples.claim(Database.POSTGRESQL, "k"));
            assertThatThrownBy(() -> Sql.runInOneTransaction(
                            dataSource, upgrade.replace("lock_timeout = '2s'", "lock_timeout = '20ms'")))
                    .hasMessageContaining("lock timeout");
            busy.rollback();
        }
        assertThat(NEXT.versionOf(dataSource)).isEqualTo(new SchemaVersion.Older(1));
        assertThat(catalog(dataSource)).isEqualTo(before);
    }

    @Test
    void anUpgradeThatGaveUpTriesAgain() throws Exception {
        installByHand(dataSource);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection busy = dataSource.getConnection()) {
            busy.setAutoCommit(false);
            Sql.run(busy, Samples.claim(Database.POSTGRESQL, "k"));
            Future<MigrationResult> migration = executor.submit(() -> NEXT.migrate(dataSource));
            Set<String> attempts = new HashSet<>();
            while (attempts.size() < 2) {
                attempts.addAll(Sql.rows(
                        dataSource,
                        "SELECT a.xact_start FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
                                + " WHERE NOT l.granted AND l.relation = 'tg_idempotency'::regclass"));
                assertThat(migration.isDone()).isFalse();
            }
            busy.commit();
            assertThat(migration.get().toVersion()).isEqualTo(2);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void switchingTheJournalBehindALongTransactionGivesUpAndTriesAgain() throws Exception {
        assertThat(ToolGateMigrations.migrate(dataSource).action()).isEqualTo(Action.INSTALLED);
        try (Connection busy = dataSource.getConnection()) {
            busy.setAutoCommit(false);
            Sql.run(busy, Samples.claim(Database.POSTGRESQL, "k"));
            var refused = assertThatThrownBy(() -> Sql.runInOneTransaction(
                    dataSource, java.nio.file.Files.readString(Bundle.JOURNAL.resolve("postgresql/journal_on.sql"))));
            refused.hasMessageContaining("lock timeout");
            busy.commit();
        }
        ToolGateMigrations.switchJournal(dataSource, true);
        assertThat(ToolGateMigrations.journalIsOn(dataSource)).isTrue();
    }
}
