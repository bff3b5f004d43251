package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/**
 * The CHECKs of the tables beside the records let through the longest that is allowed and refuse more, on both
 * databases alike.
 */
class HistoryChecksTest {

    @TempDir
    Path directory;

    private List<DataSource> databases;

    @BeforeEach
    void migrate() throws SQLException {
        SQLiteDataSource file = new SQLiteDataSource();
        file.setUrl("jdbc:sqlite:" + directory.resolve("checks.db"));
        databases = List.of(TestPostgres.freshDatabase(), file);
        for (DataSource dataSource : databases) {
            assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(1);
            Sql.run(dataSource, Samples.claim(InstalledSchema.read(dataSource).database(), "k"));
        }
    }

    private static String checkpoint(String name, String codec, int fence) {
        return "INSERT INTO tg_idempotency_checkpoint SELECT record_id, '" + name + "', '" + codec + "', NULL, " + fence
                + ", 2, created_at, updated_at, life FROM tg_idempotency";
    }

    private static String decision(int version, String decision, String operator, String reason) {
        return "INSERT INTO tg_idempotency_history SELECT record_id, " + version + ", created_at, '" + decision + "', '"
                + operator + "', '" + reason
                + "', updated_at, expires_at, tenant, action, idempotency_key, status, fence,"
                + " claim_token, owner, lease_until, fingerprint, NULL, NULL, NULL, NULL, updated_at, expires_at,"
                + " life, attempt, refusals, provider_key_number, stores_rows FROM tg_idempotency";
    }

    private void accepts(String sql) throws SQLException {
        for (DataSource dataSource : databases) {
            Sql.run(dataSource, sql);
        }
    }

    private void refuses(String sql, String constraint) {
        for (DataSource dataSource : databases) {
            assertThatThrownBy(() -> Sql.run(dataSource, sql))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining(constraint);
        }
    }

    @Test
    void aCheckpointHasANameACodecAndALifetimeOfItsKey() throws SQLException {
        accepts(checkpoint("n".repeat(255), "c".repeat(255), 2));
        refuses(checkpoint("", "c", 1), "tg_idempotency_checkpoint_name_length");
        refuses(checkpoint("ü".repeat(128), "c", 1), "tg_idempotency_checkpoint_name_length");
        refuses(checkpoint("n", "", 1), "tg_idempotency_checkpoint_codec_length");
        refuses(checkpoint("n", "c".repeat(256), 1), "tg_idempotency_checkpoint_codec_length");
        refuses(checkpoint("n", "c", 0), "tg_idempotency_checkpoint_fence_positive");
        refuses(checkpoint("n", "c", 3), "tg_idempotency_checkpoint_fence_positive");
        refuses(checkpoint("n".repeat(255), "c", 1), "tg_idempotency_checkpoint");
    }

    @Test
    void aDecisionIsKnownAndHasAnOperatorAndAReason() throws SQLException {
        List<String> known = List.of("RETIRED", "COMPLETED", "REJECTED", "RETRY");
        for (int i = 0; i < known.size(); i++) {
            accepts(decision(i + 1, known.get(i), "o".repeat(255), "😀".repeat(1000)));
        }
        refuses(decision(9, "GUESSED", "o", "r"), "tg_idempotency_history_decision_known");
        refuses(decision(9, "RETRY", "", "r"), "tg_idempotency_history_operator_length");
        refuses(decision(9, "RETRY", "o".repeat(256), "r"), "tg_idempotency_history_operator_length");
        refuses(decision(9, "RETRY", "o", ""), "tg_idempotency_history_reason_length");
        refuses(decision(9, "RETRY", "o", "r".repeat(4001)), "tg_idempotency_history_reason_length");
        refuses(decision(1, "RETRY", "o", "twice"), "tg_idempotency_history");
    }
}
