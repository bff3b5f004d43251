package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.Failure;
import io.toolgate.cli.CliDatabase.Kind;
import io.toolgate.cli.health.HealthCheck;
import io.toolgate.cli.query.Row;
import io.toolgate.migrations.Database;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code doctor} finds nothing in a store that is well, and finds each fault that is planted, and only that. */
class DoctorCommandTest extends CommandTestBase {
    private static final RecordId DONE = CliDatabase.id("done");

    /** A store with the journal on, that has been through everything. */
    @BeforeEach
    void populate() {
        // The embedded server's default is off, for speed.
        database.setting("synchronous_commit", "on");
        var unused0 = database.cli("journal", "on").done();
        Lease done = CliDatabase.claim(store, DONE);
        var unused = store.checkpoint(done, "step:reserve", CliDatabase.text("1"));
        var unused2 = store.complete(done, CliDatabase.text("receipt"));
        RecordId retired = CliDatabase.id("retired");
        var unused3 = store.complete(CliDatabase.claim(store, retired), CliDatabase.text("receipt"));
        decide(retired, new Verdict.Retire());
        var unused4 = CliDatabase.claim(store, retired);
        RecordId doubtful = CliDatabase.id("doubtful");
        var unused5 = store.fail(CliDatabase.claim(store, doubtful), Failure.unknown("timeout", ""));
        decide(doubtful, new Verdict.Retry());
        RecordId lost = CliDatabase.id("supplied");
        var unused8 = store.complete(CliDatabase.claim(store, lost), CliDatabase.tooLarge());
        decide(lost, new Verdict.Completed(CliDatabase.text("receipt")));
        Lease open = CliDatabase.claim(store, CliDatabase.id("open"));
        var unused6 = store.checkpoint(open, "step:reserve", CliDatabase.text("1"));
    }

    private void decide(RecordId id, Verdict verdict) {
        var record = store.peek(id).orElseThrow();
        var unused = store.resolve(new ResolveRequest(
                id,
                record.fence(),
                record.version(),
                ClaimToken.random(new SecureRandom()),
                verdict,
                "ada",
                "because"));
    }

    private static Set<String> found(CliResult result) {
        Set<String> found = new TreeSet<>();
        result.json().path("checks").forEach(check -> {
            if (check.path("found").longValue() > 0) {
                found.add(check.path("name").textValue());
            }
        });
        return found;
    }

    @Test
    void aHealthyStoreHasNoFindings() {
        CliResult result = database.cli("doctor", "--json").done();
        assertThat(found(result)).isEmpty();
        assertThat(result.json().path("healthy").booleanValue()).isTrue();
        assertThat(result.json().path("checks"))
                .hasSize(HealthCheck.all(Database.SQLITE).size());
        assertThat(database.cli("doctor").done().out())
                .contains("No faults were found.", "journal_gaps")
                .doesNotContain("fault ");
    }

    /** A fault: the check that must find it, and how it is planted, past the schema's own checks. */
    record Planted(String check, String statement) {
        @Override
        public String toString() {
            return check;
        }
    }

    static List<Planted> faults() {
        String done = " WHERE idempotency_key = 'done'";
        return List.of(
                new Planted("identities", "UPDATE tg_idempotency SET tenant = 'another'" + done),
                new Planted("identities", "UPDATE tg_idempotency_history SET idempotency_key = 'other'"),
                new Planted("status_columns", "UPDATE tg_idempotency SET failure_code = 'x'" + done),
                new Planted("status_columns", "UPDATE tg_idempotency SET status = 'completed'" + done),
                new Planted(
                        "status_columns",
                        "UPDATE tg_idempotency SET failure_message = 'x' WHERE idempotency_key = 'open'"),
                new Planted("lengths", "UPDATE tg_idempotency SET owner = '" + "o".repeat(256) + "'" + done),
                new Planted(
                        "reserved_codes",
                        "UPDATE tg_idempotency SET failure_code = 'toolgate:quarantined'"
                                + " WHERE idempotency_key = 'doubtful'"),
                new Planted("versions", "UPDATE tg_idempotency SET fence = 9" + done),
                new Planted(
                        "history", "UPDATE tg_idempotency_history SET version = version + 7 WHERE decision = 'RETRY'"),
                new Planted(
                        "history", "UPDATE tg_idempotency_history SET status = 'IN_DOUBT' WHERE decision = 'RETIRED'"),
                new Planted("checkpoints", "UPDATE tg_idempotency_checkpoint SET version = version + 7"),
                new Planted(
                        "journal_gaps", "DELETE FROM tg_idempotency_journal WHERE version = 2 AND checkpoint IS NULL"),
                new Planted(
                        "journal_gaps",
                        "UPDATE tg_idempotency_journal SET from_status = 'REJECTED' WHERE to_status = 'RETRYABLE'"),
                new Planted(
                        "journal_agrees",
                        "UPDATE tg_idempotency_journal SET to_status = 'REJECTED' WHERE to_status = 'COMPLETED'"
                                + " AND version = 3"),
                new Planted(
                        "history", "UPDATE tg_idempotency_history SET decision = 'RETRY' WHERE decision = 'COMPLETED'"),
                new Planted("hot_indexes", "CREATE INDEX hot ON tg_idempotency (status)"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void eachPlantedFaultIsFound(Planted planted) {
        database.runUnchecked(planted.statement());
        CliResult result = database.cli("doctor", "--json");
        assertThat(result.status()).as("%s", result).isEqualTo(1);
        assertThat(result.json().path("healthy").booleanValue()).isFalse();
        Set<String> expected = new TreeSet<>(Set.of(planted.check()));
        if (planted.statement().contains("fence = 9") || planted.statement().contains("status = 'completed'")) {
            // Another fence, and another status, than the journal's.
            expected.add("journal_agrees");
        }
        if (kind == Kind.SQLITE && Set.of("status_columns", "lengths").contains(planted.check())) {
            // SQLite's own check looks at constraints, too.
            expected.add("integrity");
        }
        assertThat(found(result)).isEqualTo(expected);
        CliResult table = database.cli("doctor");
        assertThat(table.status()).isEqualTo(1);
        assertThat(table.out().lines().filter(line -> line.startsWith(planted.check() + " ")))
                .singleElement()
                .asString()
                .contains("fault");
        assertThat(table.out()).contains("Faults were found");
    }

    @Test
    void everyLengthIsChecked() {
        List<String> spoilt = new ArrayList<>(List.of(
                "tenant = ''",
                "action = '" + "a".repeat(256) + "'",
                "idempotency_key = '" + "ü".repeat(128) + "'",
                "owner = '" + "o".repeat(256) + "'",
                "fingerprint = substr(fingerprint, 1, 31)",
                "result_codec = '" + "c".repeat(256) + "'",
                "failure_code = '" + "c".repeat(101) + "'",
                "failure_message = '" + "ü".repeat(2001) + "'"));
        if (kind == Kind.SQLITE) {
            spoilt.addAll(List.of("record_id = x'00'", "claim_token = x'00'"));
        }
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < spoilt.size(); i++) {
            var unused = CliDatabase.claim(store, CliDatabase.id("long" + i));
            statements.add("UPDATE tg_idempotency SET " + spoilt.get(i) + " WHERE idempotency_key = 'long" + i + "'");
        }
        database.runUnchecked(statements.toArray(String[]::new));
        CliResult result = database.cli("doctor", "--json");
        assertThat(result.status()).isEqualTo(1);
        JsonNode check = result.json().path("checks").get(4);
        assertThat(check.path("name").textValue()).isEqualTo("lengths");
        assertThat(check.path("found").intValue()).isEqualTo(spoilt.size());
    }

    /** The upgrade of a large table leaves one so, and another check looks at each row itself. */
    @Test
    void aCheckThatIsNotValidIsAFaultUnlessItIsTheOneOfTheSchema() {
        if (kind == Kind.POSTGRESQL) {
            for (String name : List.of("tg_idempotency_status_columns", "somebodys_own")) {
                database.runUnchecked(
                        "ALTER TABLE tg_idempotency ADD CONSTRAINT " + name + " CHECK (status <> 'DONE') NOT VALID");
                assertThat(found(database.cli("doctor", "--json")))
                        .isEqualTo(name.startsWith("tg_") ? Set.of() : Set.of("integrity"));
            }
        }
    }

    @Test
    void twoRecordsOfOneIdentityAreFound() {
        String copy = kind == Kind.SQLITE ? "randomblob(16)" : "gen_random_uuid()";
        database.run("INSERT INTO tg_idempotency (record_id, tenant, action, idempotency_key, status, fence, version,"
                + " claim_token, owner, lease_until, fingerprint, result, result_codec, created_at, updated_at,"
                + " expires_at)"
                + " SELECT " + copy + ", tenant, action, idempotency_key, status, fence, version, claim_token, owner,"
                + " lease_until, fingerprint, result, result_codec, created_at, updated_at, expires_at"
                + " FROM tg_idempotency WHERE idempotency_key = 'done'");
        CliResult result = database.cli("doctor", "--json");
        assertThat(result.status()).isEqualTo(1);
        assertThat(found(result)).contains("duplicates", "identities");
    }

    @Test
    void leasesThatEndedLongAgoAreAFault() {
        database.advance(Duration.ofMinutes(59));
        assertThat(found(database.cli("doctor", "--json"))).isEmpty();
        database.advance(Duration.ofMinutes(2));
        CliResult result = database.cli("doctor", "--json");
        assertThat(result.status()).isEqualTo(1);
        assertThat(found(result)).containsExactly("expired_leases");
        JsonNode check = result.json().path("checks").get(11);
        assertThat(check.path("name").textValue()).isEqualTo("expired_leases");
        assertThat(check.path("found").longValue()).isEqualTo(2);
        assertThat(Row.uuid(check.path("example").textValue()))
                .isIn(CliDatabase.id("open").toUuid(), CliDatabase.id("retired").toUuid());
    }

    @Test
    void warningsDoNotFail() {
        for (String key : List.of("a", "b")) {
            var unused = store.fail(CliDatabase.claim(store, CliDatabase.id(key)), Failure.unknown("timeout", ""));
        }
        var unused0 = store.complete(CliDatabase.claim(store, CliDatabase.id("lost")), CliDatabase.tooLarge());
        List<Lease> live = List.of(CliDatabase.claim(store, CliDatabase.id("c")));
        database.advance(Duration.ofDays(8));
        for (String key : List.of("open", "retired", "c")) {
            var lease = store.peek(CliDatabase.id(key)).orElseThrow().lease();
            var unused = store.complete(lease, CliDatabase.text("late"));
        }
        assertThat(live).hasSize(1);
        database.run(
                "UPDATE tg_idempotency SET failure_code = 'toolgate:quarantined' WHERE idempotency_key = 'a'",
                "DELETE FROM tg_idempotency_journal WHERE record_id IN (SELECT record_id FROM tg_idempotency"
                        + " WHERE idempotency_key = 'done')",
                "DELETE FROM tg_idempotency WHERE idempotency_key = 'open'",
                "UPDATE tg_idempotency SET updated_at = " + database.ago(Duration.ofDays(-1))
                        + " WHERE idempotency_key = 'c'");
        CliResult result = database.cli("doctor", "--json");
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(found(result))
                .containsExactlyInAnyOrder(
                        "old_doubts", "quarantined", "unavailable_results", "orphans", "retention_backlog", "times");
        assertThat(database.cli("doctor").out()).contains("warning");
    }

    @Test
    void commitsThatTheServerMayForgetAreAWarning() {
        database.setting("synchronous_commit", "off");
        CliResult result = database.cli("doctor", "--json");
        assertThat(result.status()).isZero();
        assertThat(found(result)).isEqualTo(kind == Kind.POSTGRESQL ? Set.of("commit_safety") : Set.of());
    }

    @Test
    void aJournalThatWasOffIsJudgedFromWhenItWasOnAgain() {
        var unused = database.cli("journal", "off").done();
        CliResult off = database.cli("doctor");
        assertThat(off.out()).contains("The journal is off").doesNotContain("journal_gaps");
        RecordId id = CliDatabase.id("open");
        var unused2 = store.complete(store.peek(id).orElseThrow().lease(), CliDatabase.text("x"));
        database.advance(Duration.ofHours(1));
        var unused3 = database.cli("journal", "on").done();
        assertThat(found(database.cli("doctor", "--json"))).contains("journal_agrees");
        CliResult since = database.cli("doctor", "--json", "--journal-since", "30m");
        assertThat(found(since)).doesNotContain("journal_agrees", "journal_gaps");
        database.cli("doctor", "--journal-since", "then").refused("--journal-since");
    }

    @Test
    void allFilesOfTheDoctorAreUsed() {
        List<String> names = new ArrayList<>();
        HealthCheck.all(Database.POSTGRESQL).forEach(check -> names.add(check.name() + ".sql"));
        Path folder = Path.of("src/main/resources/io/toolgate/cli/query/postgresql/doctor");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrderElementsOf(names);
    }
}
