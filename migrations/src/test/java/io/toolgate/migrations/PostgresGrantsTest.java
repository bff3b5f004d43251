package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each role may do its work and nothing else. */
class PostgresGrantsTest {

    private static final List<String> DDL = List.of(
            "ALTER TABLE tg_idempotency ADD COLUMN more text",
            "CREATE INDEX more ON tg_idempotency (status)",
            "DROP TABLE tg_idempotency",
            "TRUNCATE tg_idempotency",
            "DROP FUNCTION tg_record_id");

    private static final String CHECKPOINT = "INSERT INTO tg_idempotency_checkpoint"
            + " SELECT record_id, 'sent', 'text/1', NULL, fence, version, created_at, now(), life"
            + " FROM tg_idempotency WHERE idempotency_key = 'k'";

    private static final String DECISION =
            "INSERT INTO tg_idempotency_history SELECT record_id, version, created_at, 'RETIRED', 'ann', 'because',"
                    + " now(), now() + interval '1 hour', tenant, action, idempotency_key, status, fence, claim_token,"
                    + " owner, lease_until, fingerprint, NULL, NULL, NULL, NULL, updated_at, expires_at, life, attempt,"
                    + " refusals, provider_key_number FROM tg_idempotency WHERE idempotency_key = 'k'";

    private static final String UNINSTALL = "postgresql/uninstall.sql";

    private DataSource dataSource;

    @BeforeEach
    void migrateAndGrant() throws Exception {
        dataSource = TestPostgres.freshDatabase();
        assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(1);
        Sql.runInOneTransaction(dataSource, Bundle.grants());
    }

    @Test
    void theRuntimeClaimsReadsAndCompletes() throws SQLException {
        as(
                "toolgate_runtime",
                Samples.claim(Database.POSTGRESQL, "k"),
                "SELECT * FROM tg_idempotency WHERE record_id = tg_record_id('t', 'charge-card', 'k')",
                Samples.complete("k"),
                "SELECT store_id, schema_version FROM tg_store_info");
    }

    @Test
    void theRuntimeNeitherDeletesNorRunsDdlNorChangesTheStoresIdentity() {
        List<String> forbidden = new ArrayList<>(DDL);
        forbidden.add("DELETE FROM tg_idempotency");
        forbidden.add("UPDATE tg_store_info SET schema_version = 9");
        assertThat(forbidden).allSatisfy(sql -> refused("toolgate_runtime", sql));
    }

    @Test
    void theRuntimeWritesCheckpointsDecisionsAndCounts() throws SQLException {
        as(
                "toolgate_runtime",
                Samples.claim(Database.POSTGRESQL, "k"),
                CHECKPOINT,
                CHECKPOINT + " ON CONFLICT (record_id, name) DO UPDATE SET data = excluded.data",
                DECISION,
                "INSERT INTO tg_idempotency_counts AS c (action, hour, executed) VALUES ('a',"
                        + " date_trunc('hour', now()), 1) ON CONFLICT (action, hour) DO UPDATE"
                        + " SET executed = c.executed + 1",
                "SELECT * FROM tg_idempotency_checkpoint, tg_idempotency_history, tg_idempotency_counts",
                "SELECT * FROM tg_idempotency_journal");
    }

    @Test
    void onlyTheOwnerChangesTheJournalOrTheHistory() throws SQLException {
        ToolGateMigrations.switchJournal(dataSource, true);
        as("toolgate_runtime", Samples.claim(Database.POSTGRESQL, "k"), Samples.complete("k"), DECISION);
        assertThat(Sql.rows(dataSource, "SELECT from_status, to_status FROM tg_idempotency_journal ORDER BY entry"))
                .as("which the runtime's own transitions wrote")
                .containsExactly("null | IN_PROGRESS", "IN_PROGRESS | COMPLETED");

        List<String> forbidden = new ArrayList<>(List.of(
                "INSERT INTO tg_idempotency_journal (record_id, at, fence, version, to_status, owner)"
                        + " VALUES (gen_random_uuid(), now(), 1, 1, 'COMPLETED', 'o')",
                "UPDATE tg_idempotency_journal SET owner = 'somebody else'",
                "DELETE FROM tg_idempotency_journal",
                "TRUNCATE tg_idempotency_journal",
                "UPDATE tg_idempotency_history SET operator = 'somebody else'",
                "TRUNCATE tg_idempotency_history",
                "ALTER TABLE tg_idempotency DISABLE TRIGGER tg_idempotency_journal_update",
                "DROP TRIGGER tg_idempotency_journal_update ON tg_idempotency",
                "DROP FUNCTION tg_idempotency_journal()",
                "CREATE OR REPLACE FUNCTION tg_idempotency_journal() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'"));
        assertThat(forbidden).allSatisfy(sql -> refused("toolgate_purger", sql));
        forbidden.add("DELETE FROM tg_idempotency_history");
        assertThat(forbidden).allSatisfy(sql -> refused("toolgate_runtime", sql));
    }

    @Test
    void aTemporaryTableOfTheRuntimeIsNotUsedAsTheJournal() throws SQLException {
        ToolGateMigrations.switchJournal(dataSource, true);
        as(
                "toolgate_runtime",
                "CREATE TEMPORARY TABLE tg_idempotency_journal (LIKE public.tg_idempotency_journal)",
                "CREATE TEMPORARY TABLE tg_idempotency_checkpoint (LIKE public.tg_idempotency_checkpoint)",
                Samples.claim(Database.POSTGRESQL, "k"),
                Samples.complete("k"));
        assertThat(Sql.count(dataSource, "public.tg_idempotency_journal")).isEqualTo(2);
    }

    @Test
    void theFunctionHasThePrivilegesOfTheTablesOwnerAndNoMore() throws SQLException {
        String owner = "\"The Owner " + hashCode() + "\"";
        Sql.run(dataSource, "CREATE ROLE " + owner, "GRANT CREATE, USAGE ON SCHEMA public TO " + owner);
        for (String table : List.of("", "_checkpoint", "_history", "_journal", "_counts")) {
            Sql.run(dataSource, "ALTER TABLE tg_idempotency" + table + " OWNER TO " + owner);
        }
        ToolGateMigrations.switchJournal(dataSource, true);
        assertThat(Sql.one(
                        dataSource,
                        "SELECT proowner::regrole, prosecdef, proconfig FROM pg_proc WHERE proname ="
                                + " 'tg_idempotency_journal'"))
                .isEqualTo(owner + " | t | {\"search_path=pg_catalog, pg_temp\"}");
        as("toolgate_runtime", Samples.claim(Database.POSTGRESQL, "k"));
        assertThat(Sql.count(dataSource, "tg_idempotency_journal")).isEqualTo(1);
    }

    @Test
    void aPurgeDeletesWhatBelongsToARecordAndTheJournalKeepsItsDecisions() throws Exception {
        for (String key : List.of("k", "fresh")) {
            Sql.run(dataSource, Samples.claim(Database.POSTGRESQL, key), Samples.complete(key));
        }
        Sql.run(
                dataSource,
                CHECKPOINT,
                DECISION,
                "UPDATE tg_idempotency SET created_at = now() - interval '9 days', updated_at = now() -"
                        + " interval '8 days', expires_at = now() - interval '2 days' WHERE idempotency_key = 'k'",
                "INSERT INTO tg_idempotency_history SELECT gen_random_uuid(), version, created_at, 'RETRY', operator,"
                        + " reason, decided_at, forget_at, tenant, action, idempotency_key, status, fence, claim_token,"
                        + " owner, lease_until, fingerprint, NULL, NULL, NULL, NULL, updated_at, expires_at, life,"
                        + " attempt, refusals, provider_key_number FROM tg_idempotency_history");

        as("toolgate_purger", Bundle.text("postgresql/purge.sql"));
        assertThat(Sql.rows(dataSource, "SELECT idempotency_key FROM tg_idempotency"))
                .containsExactly("fresh");
        assertThat(Sql.count(dataSource, "tg_idempotency_checkpoint")).isZero();
        assertThat(Sql.count(dataSource, "tg_idempotency_history"))
                .as("not to be forgotten yet")
                .isEqualTo(2);

        Sql.run(dataSource, "UPDATE tg_idempotency_history SET forget_at = now()");
        ToolGateMigrations.switchJournal(dataSource, true);
        as("toolgate_purger", Bundle.text("postgresql/purge.sql"));
        assertThat(Sql.count(dataSource, "tg_idempotency_history"))
                .as("kept for good")
                .isEqualTo(2);

        ToolGateMigrations.switchJournal(dataSource, false);
        as("toolgate_purger", Bundle.text("postgresql/purge.sql"));
        assertThat(Sql.count(dataSource, "tg_idempotency_history")).isZero();
    }

    @Test
    void thePurgerDeletes() throws Exception {
        as("toolgate_purger", Bundle.text("postgresql/purge.sql"), "SELECT schema_version FROM tg_store_info");
    }

    @Test
    void thePurgerNeitherWritesRowsNorRunsDdl() {
        List<String> forbidden = new ArrayList<>(DDL);
        forbidden.add(Samples.claim(Database.POSTGRESQL, "k"));
        forbidden.add(Samples.complete("k"));
        forbidden.add("DELETE FROM tg_store_info");
        assertThat(forbidden).allSatisfy(sql -> refused("toolgate_purger", sql));
    }

    @Test
    void theGrantsCanBeRunAgain() throws Exception {
        Sql.runInOneTransaction(dataSource, Bundle.grants());

        assertThat(Sql.rows(dataSource, "SELECT rolcanlogin FROM pg_roles WHERE rolname ~ '^toolgate_'"))
                .containsExactly("f", "f");
    }

    @Test
    void theUninstallationDropsEverything() throws Exception {
        ToolGateMigrations.switchJournal(dataSource, true);
        Sql.run(dataSource, Samples.claim(Database.POSTGRESQL, "k"), Samples.complete("k"), CHECKPOINT, DECISION);
        Sql.run(dataSource, Bundle.text(UNINSTALL));

        assertThat(Sql.rows(dataSource, "SELECT relname FROM pg_class WHERE relname ~ '^tg_'"))
                .isEmpty();
        assertThat(Sql.rows(dataSource, "SELECT proname FROM pg_proc WHERE proname ~ '^tg_'"))
                .isEmpty();
        assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(1);
    }

    @Test
    void theUninstallationFindsTheTablesWhereTheyAre() throws Exception {
        Sql.run(dataSource, "CREATE SCHEMA app");
        DataSource other = TestPostgres.withSearchPath(dataSource, "app,public");
        Sql.run(other, Bundle.text(UNINSTALL));
        assertThat(ToolGateMigrations.schemaVersion(dataSource)).isEqualTo(new SchemaVersion.Absent());
        assertThatThrownBy(() -> Sql.run(dataSource, Bundle.text(UNINSTALL)))
                .hasMessageContaining("holds tg_store_info");
    }

    @Test
    void theUninstallationRefusesWhileARecordIsUnfinished() throws Exception {
        Sql.run(dataSource, Samples.claim(Database.POSTGRESQL, "k"));

        assertThatThrownBy(() -> Sql.run(dataSource, Bundle.text(UNINSTALL)))
                .hasMessageContaining("1 records are in progress or in doubt");

        assertThat(Sql.count(dataSource, "tg_idempotency")).isEqualTo(1);
    }

    private void refused(String role, String sql) {
        assertThatThrownBy(() -> as(role, sql))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
    }

    private void as(String role, String... statements) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            Sql.run(connection, "SET ROLE " + role);
            Sql.run(connection, statements);
        }
    }
}
