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
    void theRollbackTakesEverythingAway() throws Exception {
        Sql.runInOneTransaction(dataSource, Bundle.text("postgresql/rollback/U1__idempotency.sql"));

        assertThat(Sql.rows(dataSource, "SELECT relname FROM pg_class WHERE relname ~ '^tg_'"))
                .isEmpty();
        assertThat(Sql.rows(dataSource, "SELECT proname FROM pg_proc WHERE proname ~ '^tg_'"))
                .isEmpty();
        assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(1);
    }

    @Test
    void theRollbackRefusesWhileARecordIsInProgress() throws Exception {
        Sql.run(dataSource, Samples.claim(Database.POSTGRESQL, "k"));

        assertThatThrownBy(() ->
                        Sql.runInOneTransaction(dataSource, Bundle.text("postgresql/rollback/U1__idempotency.sql")))
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
