package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.Failure;
import io.toolgate.store.RecordId;
import io.toolgate.store.jdbc.SqlFileParts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which records {@code list} shows, in which order, and what it shows of them; and what {@code purge} deletes. */
class ListCommandTest extends CommandTestBase {
    @BeforeEach
    void populate() {
        doubt("oldest-doubt", Failure.unknown("timeout", "no\nanswer\u001b[2J"));
        var unused = CliDatabase.claim(store, CliDatabase.id("vanished"));
        database.advance(Duration.ofHours(2));
        doubt("doubt", Failure.unknown("timeout", "no answer"));
        database.advance(Duration.ofMillis(20));
        doubt("hopeless", Failure.of(Failure.Kind.UNKNOWN, Failure.Codes.QUARANTINED, "used up"));
        var unused2 = CliDatabase.claim(store, CliDatabase.id("running"));
        var unused3 =
                store.complete(CliDatabase.claim(store, CliDatabase.id("done")), CliDatabase.text("secret-receipt"));
        var unused4 =
                store.fail(CliDatabase.claim(store, CliDatabase.id("declined")), Failure.rejected("declined", "no"));
        var unused5 = store.fail(
                CliDatabase.claim(store, RecordId.of("other", "refund", "released")), Failure.notExecuted("busy", ""));
    }

    private void doubt(String key, Failure failure) {
        var unused = store.fail(CliDatabase.claim(store, CliDatabase.id(key)), failure);
    }

    private List<String> keys(String... args) {
        List<String> all = new ArrayList<>(List.of("list", "--show-keys", "--json", "--state"));
        all.addAll(List.of(args));
        List<String> keys = new ArrayList<>();
        database.cli(all.toArray(String[]::new))
                .done()
                .json()
                .path("records")
                .forEach(record -> keys.add(record.path("key").textValue()));
        return keys;
    }

    @Test
    void eachStateHasItsRecordsOldestFirst() {
        assertThat(keys("in-doubt")).containsExactly("oldest-doubt", "doubt", "hopeless");
        assertThat(keys("quarantined")).containsExactly("hopeless");
        assertThat(keys("expired")).containsExactly("vanished");
        assertThat(keys("in-progress")).containsExactly("vanished", "running");
        assertThat(keys("completed")).containsExactly("done");
        assertThat(keys("rejected")).containsExactly("declined");
        assertThat(keys("retryable")).containsExactly("released");
    }

    @Test
    void recordsWithoutTheirResultAreListedByTheirIndex() {
        for (String key : List.of("first", "second")) {
            var unused = store.complete(CliDatabase.claim(store, CliDatabase.id(key)), CliDatabase.tooLarge());
            database.advance(Duration.ofMinutes(10));
        }
        RecordId refund = RecordId.of("other", "refund", "lost");
        var unused2 = store.complete(CliDatabase.claim(store, refund), CliDatabase.tooLarge());
        assertThat(keys("unavailable")).containsExactly("first", "second", "lost");
        assertThat(keys("completed")).containsExactlyInAnyOrder("done", "first", "second", "lost");
        assertThat(keys("unavailable", "--older-than", "15m")).containsExactly("first");
        assertThat(keys("unavailable", "--tenant", "other", "--action", "refund"))
                .containsExactly("lost");
        assertThat(keys("unavailable", "--limit", "1")).containsExactly("first");
        assertThat(database.cli("list", "--state", "unavailable").done().out())
                .contains("result unavailable: result-too-large: of 2 MiB", "3 records.");
    }

    /** Without this, an operator's question would read ten million rows. */
    @Test
    void onlyRecordsWithoutTheirResultAreRead() throws IOException {
        boolean postgres = kind == CliDatabase.Kind.POSTGRESQL;
        String id = postgres ? "gen_random_uuid()" : "randomblob(16)";
        String numbers = postgres
                ? "SELECT i FROM generate_series(1, 5000) AS i"
                : "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n";
        database.run(
                "INSERT INTO tg_idempotency (record_id, tenant, action, idempotency_key, status, fence, version,"
                        + " claim_token, owner, lease_until, fingerprint, result, result_codec, created_at, updated_at,"
                        + " expires_at) SELECT " + id
                        + ", tenant, action, 'k' || i, status, fence, version, claim_token,"
                        + " owner, lease_until, fingerprint, result, result_codec, created_at, updated_at, expires_at"
                        + " FROM tg_idempotency, (" + numbers + ") AS n WHERE idempotency_key = 'done'",
                "ANALYZE");
        for (String name : List.of("list_unavailable", "doctor/unavailable_results")) {
            Path folder = Path.of(
                    "src/main/resources/io/toolgate/cli/query", kind.name().toLowerCase(Locale.ROOT));
            String sql = SqlFileParts.body(folder.resolve(name + ".sql"))
                    .replaceAll("(?<!:):(tenant|action)\\b", "NULL")
                    .replaceAll("(?<!:):(now|olderThan)\\b", "0")
                    .replace(":limit", "10");
            assertThat(String.join("\n", database.rows((postgres ? "EXPLAIN " : "EXPLAIN QUERY PLAN ") + sql)))
                    .contains("tg_idempotency_result_unavailable")
                    .doesNotContain("Seq Scan");
        }
    }

    @Test
    void ageTenantAndActionFilterTheList() {
        assertThat(keys("in-doubt", "--older-than", "90m")).containsExactly("oldest-doubt");
        assertThat(keys("in-doubt", "--older-than", "3h")).isEmpty();
        assertThat(keys("expired", "--older-than", "119m")).containsExactly("vanished");
        assertThat(keys("expired", "--older-than", "2h")).isEmpty();
        assertThat(keys("retryable", "--tenant", "tenant-42")).isEmpty();
        assertThat(keys("retryable", "--tenant", "other", "--action", "refund")).containsExactly("released");
        assertThat(keys("retryable", "--action", "charge-card")).isEmpty();
    }

    @Test
    void itSaysWhenThereAreMore() {
        JsonNode json = database.cli("list", "--state", "in-doubt", "--limit", "2", "--json")
                .json();
        assertThat(json.path("records")).hasSize(2);
        assertThat(json.path("more").booleanValue()).isTrue();
        assertThat(database.cli("list", "--state", "in-doubt", "--limit", "2").out())
                .contains("The oldest 2 are shown; there are more");
        JsonNode all = database.cli("list", "--state", "in-doubt", "--limit", "3", "--json")
                .json();
        assertThat(all.path("more").booleanValue()).isFalse();
        assertThat(database.cli("list", "--state", "in-doubt", "--limit", "3").out())
                .contains("3 records.");
    }

    @Test
    void keysAreMaskedAndResultsNeverShown() {
        String masked = "do…" + CliDatabase.id("done").toUuid();
        CliResult table = database.cli("list", "--state", "completed").done();
        assertThat(table.out())
                .contains(masked, "a result of 14 bytes (text/1)")
                .doesNotContain("done")
                .doesNotContain("secret");
        JsonNode record = database.cli("list", "--state", "completed", "--json")
                .done()
                .json()
                .path("records")
                .path(0);
        assertThat(record.path("key").textValue()).isEqualTo(masked);
        assertThat(record.path("result_bytes").intValue()).isEqualTo(14);
        assertThat(record.path("record_id").textValue())
                .isEqualTo(CliDatabase.id("done").toUuid().toString());
        assertThat(record.toString()).doesNotContain("secret");
        assertThat(database.cli("list", "--state", "completed", "--show-keys").out())
                .contains("done");
    }

    @Test
    void controlCharactersAreEscaped() {
        CliResult result = database.cli("list", "--state", "in-doubt").done();
        assertThat(result.out()).contains("timeout: no answer?[2J").doesNotContain("\u001b");
        assertThat(result.out().lines()).hasSize(5);
    }

    @Test
    void wrongOptionsAreRefused() {
        database.cli("list", "--state", "lost").refused("--state must be one of in-doubt", "'lost'");
        database.cli("list").refused("--state");
        database.cli("list", "--state", "expired", "--older-than", "ten").refused("--older-than must be", "'ten'");
        database.cli("list", "--state", "expired", "--older-than", "999999999d").refused("at most 36500d");
        database.cli("list", "--state", "expired", "--limit", "0").refused("--limit must be 1");
    }

    @Test
    void purgeDeletesOnlyRecordsPastTheirRetention() {
        assertThat(database.cli("purge", "--json").done().json().path("deleted").longValue())
                .isZero();
        database.advance(Duration.ofHours(2));
        database.cli("purge", "--limit", "0").refused("--limit must be at least 1");
        assertThat(database.cli("purge", "--limit", "1").done().out()).isEqualTo("1 record deleted." + nl());
        assertThat(database.cli("purge", "--json").done().json().path("deleted").longValue())
                .isEqualTo(2);
        assertThat(database.rows("SELECT count(*) FROM tg_idempotency WHERE status IN ('IN_DOUBT', 'IN_PROGRESS')"))
                .containsExactly("5");
        assertThat(database.rows("SELECT count(*) FROM tg_idempotency")).containsExactly("5");
    }

    private static String nl() {
        return System.lineSeparator();
    }
}
