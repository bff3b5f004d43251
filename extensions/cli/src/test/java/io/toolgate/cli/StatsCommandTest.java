package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.Failure;
import io.toolgate.store.ActionCounts;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.TransitionOutcome;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every figure that {@code stats} shows, in each of its forms. */
class StatsCommandTest extends CommandTestBase {
    private void retire(RecordId id) {
        IdempotencyRecord record = store.peek(id).orElseThrow();
        assertThat(store.resolve(new ResolveRequest(
                        id,
                        record.fence(),
                        record.version(),
                        ClaimToken.random(new SecureRandom()),
                        new Verdict.Retire(),
                        "ada",
                        "refunded")))
                .isInstanceOf(ResolveOutcome.Resolved.class);
    }

    private void complete(Lease lease) {
        var unused = store.complete(lease, CliDatabase.text("receipt"));
    }

    /** One record in each place, and two keys that ran again too soon. */
    private void populate() {
        Lease vanished = CliDatabase.claim(store, CliDatabase.id("vanished"));
        Lease doubtful = CliDatabase.claim(store, CliDatabase.id("doubtful"));
        var unused = store.fail(doubtful, Failure.unknown("timeout", ""));
        database.advance(Duration.ofHours(3));
        Lease hopeless = CliDatabase.claim(store, CliDatabase.id("hopeless"));
        var unused2 = store.fail(
                hopeless, Failure.of(Failure.Kind.UNKNOWN, Failure.Codes.QUARANTINED, "5 attempts are used up"));
        complete(CliDatabase.claim(store, CliDatabase.id("done")));
        var lost = store.complete(CliDatabase.claim(store, CliDatabase.id("lost")), CliDatabase.tooLarge());
        assertThat(lost).isInstanceOf(TransitionOutcome.Applied.class);
        var unused3 = store.fail(CliDatabase.claim(store, CliDatabase.id("refused")), Failure.rejected("declined", ""));
        RecordId again = CliDatabase.id("again");
        var unused4 = store.fail(CliDatabase.claim(store, again), Failure.notExecuted("busy", ""));
        database.advance(ClaimMachine.pauseAfter(1));
        complete(CliDatabase.claim(store, again));
        RecordId retired = CliDatabase.id("retired");
        complete(CliDatabase.claim(store, retired));
        retire(retired);
        assertThat(CliDatabase.claim(store, retired).fence()).isEqualTo(2);
        assertThat(vanished.fence()).isEqualTo(1);
        store.count(List.of(
                new ActionCounts("charge-card", 60, 40, 3, 2, 1, 4, 5, 6),
                new ActionCounts("refund", 1, 99, 0, 0, 0, 0, 0, 0)));
    }

    @Test
    void theFiguresAreThoseOfTheStore() {
        populate();
        JsonNode json = database.cli("stats", "--json").done().json();
        JsonNode charge = json.path("actions").path(0);
        assertThat(charge.path("action").textValue()).isEqualTo("charge-card");
        assertThat(figures(charge))
                .isEqualTo("60 executed, 40 replayed, 3 recovered, 2 rejected, 1 released, 4 doubted, 5 conflicts, 6"
                        + " late_heartbeats; 8 retained, 1 in_progress, 1 expired_leases, 2 in_doubt, 1 quarantined, 1"
                        + " unavailable_results, 2 rapid_reexecutions");
        assertThat(charge.path("reuse_ratio").doubleValue()).isEqualTo(0.4);
        assertThat(charge.path("reuse_below_target").booleanValue()).isTrue();
        assertThat(charge.path("oldest_doubt_ms").longValue())
                .isBetween(
                        Duration.ofHours(3).toMillis(),
                        Duration.ofHours(3).plusMinutes(5).toMillis());
        JsonNode refund = json.path("actions").path(1);
        assertThat(refund.path("reuse_ratio").doubleValue()).isEqualTo(0.99);
        assertThat(refund.path("reuse_below_target").booleanValue()).isFalse();
        assertThat(refund.path("oldest_doubt_ms").isNull()).isTrue();
        JsonNode total = json.path("total");
        assertThat(figures(total)).startsWith("61 executed, 139 replayed").contains("8 retained");
        assertThat(json.path("reuse_target").doubleValue()).isEqualTo(0.95);
        assertThat(json.path("bytes").longValue()).isGreaterThan(8_000);
    }

    private static String figures(JsonNode line) {
        StringBuilder text = new StringBuilder();
        for (String name : List.of(
                "executed",
                "replayed",
                "recovered",
                "rejected",
                "released",
                "doubted",
                "conflicts",
                "late_heartbeats")) {
            text.append(text.length() == 0 ? "" : ", ")
                    .append(line.path(name))
                    .append(' ')
                    .append(name);
        }
        text.append("; ").append(line.path("retained")).append(" retained");
        for (String name : List.of(
                "in_progress",
                "expired_leases",
                "in_doubt",
                "quarantined",
                "unavailable_results",
                "rapid_reexecutions")) {
            text.append(", ").append(line.path(name)).append(' ').append(name);
        }
        return text.toString();
    }

    @Test
    void theTextOutputIsATableWithNextCommands() {
        populate();
        String out = database.cli("stats").done().out();
        assertThat(out.lines().map(line -> line.replaceAll(" +", " ")))
                .contains(
                        "calls executed replayed recovered rejected released doubted conflicts reuse",
                        "charge-card 60 40 3 2 1 4 5 40.0 %",
                        "refund 1 99 0 0 0 0 0 99.0 %",
                        "(all) 61 139 3 2 1 4 5 69.5 %",
                        "charge-card 8 1 1 2 1 3 h 1 2");
        assertThat(out)
                .contains("Store size: ", "Reuse is 69.5 %, below the target of 95.0 %", "2 keys ran again within 60 s")
                .contains("6 leases were not renewed for half of their length")
                .contains("It is unknown for 3 records whether the effect happened")
                .contains("1 record was completed without a result", "toolgate list --state unavailable");
    }

    @Test
    void anEmptyStoreHasNoFigures() {
        String out = database.cli("stats").done().out();
        assertThat(out).doesNotContain("below").doesNotContain("unknown").contains("(all)");
        JsonNode json = database.cli("stats", "--json").done().json();
        assertThat(json.path("actions")).isEmpty();
        assertThat(json.path("total").path("reuse_ratio").isNull()).isTrue();
    }

    @Test
    void aKeyThatRanAgainLaterIsNotRapid() {
        RecordId id = CliDatabase.id("slow");
        var unused = store.fail(CliDatabase.claim(store, id), Failure.notExecuted("busy", ""));
        database.advance(Duration.ofSeconds(61));
        complete(CliDatabase.claim(store, id));
        RecordId retired = CliDatabase.id("retired");
        complete(CliDatabase.claim(store, retired));
        retire(retired);
        database.advance(Duration.ofSeconds(61));
        complete(CliDatabase.claim(store, retired));
        assertThat(database.cli("stats", "--json")
                        .done()
                        .json()
                        .path("total")
                        .path("rapid_reexecutions")
                        .longValue())
                .isZero();
    }

    @Test
    void callsCountFromTheGivenHour() {
        store.count(List.of(new ActionCounts("charge-card", 1, 0, 0, 0, 0, 0, 0, 0)));
        database.run("UPDATE tg_idempotency_counts SET hour = " + database.ago(Duration.ofHours(30)));
        store.count(List.of(new ActionCounts("charge-card", 2, 0, 0, 0, 0, 0, 0, 0)));
        assertThat(executed("--since", "24h")).isEqualTo(2);
        assertThat(executed("--since", "2d")).isEqualTo(3);
        assertThat(executed("--since", "2020-01-31T12:00:00Z")).isEqualTo(3);
        assertThat(executed()).isEqualTo(3);
        database.cli("stats", "--since", "yesterday").refused("--since must be a duration", "'yesterday'");
    }

    private long executed(String... options) {
        String[] args = new String[options.length + 2];
        args[0] = "stats";
        args[1] = "--json";
        System.arraycopy(options, 0, args, 2, options.length);
        return database.cli(args).done().json().path("total").path("executed").longValue();
    }

    @Test
    void thePrometheusFormatIsValid() {
        populate();
        String out = database.cli("stats", "--prometheus").done().out();
        assertThat(out.lines())
                .allMatch(line -> line.matches("# (HELP|TYPE) toolgate_\\w+ .+")
                        || line.matches("toolgate_\\w+(\\{\\w+=\"[^\"]*\"(,\\w+=\"[^\"]*\")*})? [0-9.E]+"));
        assertThat(out.lines())
                .contains(
                        "# TYPE toolgate_calls_total counter",
                        "toolgate_calls_total{action=\"refund\",outcome=\"replayed\"} 99",
                        "toolgate_records{action=\"charge-card\",state=\"in_doubt\"} 2",
                        "toolgate_records{action=\"charge-card\",state=\"expired\"} 1",
                        "toolgate_quarantined_records{action=\"charge-card\"} 1",
                        "toolgate_unavailable_results{action=\"charge-card\"} 1",
                        "toolgate_rapid_reexecutions{action=\"charge-card\"} 2",
                        "toolgate_oldest_doubt_seconds{action=\"refund\"} 0");
        database.cli("stats", "--prometheus", "--json").refused("--prometheus goes with neither");
        database.cli("stats", "--prometheus", "--since", "1h").refused("--prometheus goes with neither");
    }

    @Test
    void longWorkReportsProgressOnATerminalOnly() {
        database.progressDelay(Duration.ZERO);
        database.answering("yes");
        CliResult result = database.cli("stats", "--json");
        assertThat(result.err()).contains("\r");
        assertThat(result.json().path("actions")).isEmpty();
    }
}
