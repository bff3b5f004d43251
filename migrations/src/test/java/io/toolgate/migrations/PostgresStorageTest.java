package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A completion is a heap-only (HOT) update. */
class PostgresStorageTest {

    private static final int RECORDS = 400;

    private DataSource dataSource;

    @BeforeEach
    void migrate() throws SQLException {
        dataSource = TestPostgres.freshDatabase();
        assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(ToolGateMigrations.currentVersion());
    }

    @Test
    void completionsAreHeapOnly() throws SQLException {
        assertThat(hotUpdatesOfCompletingAll()).isGreaterThan(RECORDS * 9 / 10);
    }

    @Test
    void anIndexOnStatusEndsHeapOnlyUpdates() throws SQLException {
        Sql.run(dataSource, "CREATE INDEX somebodys_idea ON tg_idempotency (status)");

        assertThat(hotUpdatesOfCompletingAll()).isZero();
    }

    @Test
    void theIndexesAreThePrimaryKeyExpiresAtAndThatOfMissingResults() throws SQLException {
        assertThat(Sql.rows(
                        dataSource, "SELECT indexdef FROM pg_indexes WHERE tablename = 'tg_idempotency' ORDER BY 1"))
                .containsExactly(
                        "CREATE INDEX tg_idempotency_expires_at ON public.tg_idempotency USING btree (expires_at)",
                        "CREATE INDEX tg_idempotency_result_unavailable ON public.tg_idempotency USING btree (action)"
                                + " WHERE result_unavailable",
                        "CREATE UNIQUE INDEX tg_idempotency_pkey ON public.tg_idempotency USING btree (record_id)");
    }

    @Test
    void pagesHaveRoomAndAutovacuumActsEarly() throws SQLException {
        assertThat(Sql.one(dataSource, "SELECT reloptions FROM pg_class WHERE relname = 'tg_idempotency'"))
                .contains("fillfactor=50", "autovacuum_vacuum_scale_factor=0.02");
    }

    @Test
    void thePurgeFindsItsRowsByTheIndexOnExpiresAt() throws Exception {
        claimAll();
        Sql.run(dataSource, "ANALYZE tg_idempotency");

        String purgeOfRecords = Bundle.text("postgresql/purge.sql").split(";\n", 2)[0];
        List<String> plan = Sql.rows(dataSource, "EXPLAIN " + purgeOfRecords);

        assertThat(String.join("\n", plan)).contains("tg_idempotency_expires_at");
    }

    @Test
    void thePurgeDeletesEndedRowsPastTheirTimeAndNoOthers() throws Exception {
        for (String key : List.of("running", "doubtful", "retryable", "rejected", "completed", "late", "young")) {
            Sql.run(dataSource, Samples.claim(Database.POSTGRESQL, key));
        }
        for (String key : List.of("doubtful", "retryable", "rejected")) {
            String status = key.equals("doubtful") ? "IN_DOUBT" : key.toUpperCase(Locale.ROOT);
            Sql.run(
                    dataSource,
                    "UPDATE tg_idempotency SET status = '" + status + "', failure_code = 'why'"
                            + " WHERE idempotency_key = '" + key + "'");
        }
        Sql.run(
                dataSource,
                Samples.complete("completed"),
                Samples.complete("late"),
                Samples.complete("young"),
                "UPDATE tg_idempotency SET created_at = now() - interval '9 days', expires_at = now() - interval '1 s'"
                        + " WHERE idempotency_key <> 'young'",
                "UPDATE tg_idempotency SET updated_at = now() - interval '9 days'"
                        + " WHERE idempotency_key NOT IN ('young', 'late')");

        Sql.run(dataSource, Bundle.text("postgresql/purge.sql"));

        assertThat(Sql.rows(dataSource, "SELECT idempotency_key FROM tg_idempotency ORDER BY 1"))
                .containsExactly("doubtful", "late", "running", "young");
    }

    @Test
    void theMonitoringQueriesRun() throws Exception {
        claimAll();

        Sql.run(dataSource, Bundle.text("postgresql/monitoring.sql").split(";\n"));
    }

    private void claimAll() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            for (int i = 0; i < RECORDS; i++) {
                Sql.run(connection, Samples.claim(Database.POSTGRESQL, "k" + i));
            }
        }
    }

    private int hotUpdatesOfCompletingAll() throws SQLException {
        claimAll();
        int hot = 0;
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < RECORDS; i++) {
                Sql.run(connection, Samples.complete("k" + i));
                hot += Integer.parseInt(Sql.rows(
                                connection,
                                "SELECT n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'tg_idempotency'")
                        .get(0));
                connection.commit();
            }
        }
        return hot;
    }
}
