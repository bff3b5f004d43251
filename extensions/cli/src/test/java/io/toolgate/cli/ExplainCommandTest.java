package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.Failure;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The timelines that {@code explain} prints, with and without a journal. */
class ExplainCommandTest extends CommandTestBase {
    private static final RecordId ID = CliDatabase.id("order-981");
    private static final Duration STEP = Duration.ofSeconds(40);

    private void journal() {
        var unused = database.cli("journal", "on").done();
    }

    /** An owner that renewed, left a step and was killed; a probe that knows nothing; a person who does. */
    private void killedProbedResolved() {
        Lease first = CliDatabase.claim(store, ID, "host-a", OnUnknown.RERUN);
        var unused = store.checkpoint(first, "step:reserve", CliDatabase.text("secret-value"));
        database.advance(Duration.ofSeconds(20));
        var unused2 = store.heartbeat(Set.of(first), CliDatabase.LEASE);
        database.advance(STEP);
        Lease second = CliDatabase.claim(store, ID, "host-b", OnUnknown.RERUN);
        var unused3 = store.checkpoint(second, "toolgate:probe", CliDatabase.text("unknown 3"));
        var unused4 = store.fail(second, Failure.unknown("timeout", "the provider does not answer"));
        database.advance(STEP);
        var unused5 = database.cli(
                        "resolve",
                        "order-981",
                        "--rejected",
                        "declined",
                        "--reason",
                        "the portal says so",
                        "--operator",
                        "ada",
                        "--yes")
                .done();
    }

    private JsonNode explain(String... args) {
        List<String> all = new ArrayList<>(List.of("explain", "--json"));
        all.addAll(List.of(args));
        return database.cli(all.toArray(String[]::new)).done().json();
    }

    private static List<String> events(JsonNode json) {
        List<String> events = new ArrayList<>();
        json.path("events").forEach(event -> events.add(event.path("event").textValue()));
        return events;
    }

    private static List<String> texts(JsonNode json) {
        List<String> texts = new ArrayList<>();
        json.path("events").forEach(event -> texts.add(event.path("text").textValue()));
        return texts;
    }

    private static void inTimeOrder(JsonNode json) {
        List<java.time.Instant> times = new ArrayList<>();
        json.path("events").forEach(event -> {
            if (!event.path("at").isNull()) {
                times.add(java.time.Instant.parse(event.path("at").textValue()));
            }
        });
        assertThat(times).isSorted();
    }

    @Test
    void withAJournalTheWholeHistoryIsShown() {
        journal();
        killedProbedResolved();
        JsonNode json = explain("order-981");
        assertThat(events(json))
                .containsExactly(
                        "claimed", "checkpoint", "renewed", "vanished", "taken over", "probed", "in doubt", "rejected");
        List<String> texts = texts(json);
        assertThat(texts.get(0)).isEqualTo("host-a claimed it: attempt 1, leased for 30.0 s");
        assertThat(texts.get(1)).isEqualTo("step reserve was completed");
        assertThat(texts.get(2)).startsWith("  it renewed its lease, last until ");
        assertThat(texts.get(3)).isEqualTo("the lease of host-a ended without a result");
        assertThat(texts.get(4)).isEqualTo("host-b took it over: attempt 2, leased for 30.0 s");
        assertThat(texts.get(5)).isEqualTo("the probe answered: unknown (3 calls by reconcilers)");
        assertThat(texts.get(6)).isEqualTo("host-b left it in doubt: timeout: the provider does not answer");
        assertThat(texts.get(7)).isEqualTo("ada resolved it as rejected (declined). Reason: the portal says so");
        inTimeOrder(json);
        assertThat(json.path("unknown")).isEmpty();
        assertThat(json.path("journal").textValue()).isEqualTo("on");
        assertThat(json.path("state").textValue()).isEqualTo("REJECTED");
        assertThat(json.path("now").textValue()).startsWith("rejected, for ").contains("declined");
        assertThat(json.path("options").path(0).textValue()).contains("toolgate retire --id " + ID.toUuid());
    }

    @Test
    void withoutAJournalKnownEventsAreShownAndGapsNamed() {
        killedProbedResolved();
        JsonNode json = explain("order-981");
        assertThat(events(json))
                .containsExactly("claimed", "checkpoint", "taken over", "probed", "in doubt", "resolved");
        assertThat(texts(json))
                .contains(
                        "it was claimed for the first time",
                        "attempt 2 followed, by host-b",
                        "the probe answered: unknown (3 calls by reconcilers)",
                        "it was left in doubt: timeout: the provider does not answer",
                        "ada resolved it as rejected. Reason: the portal says so");
        inTimeOrder(json);
        assertThat(json.path("unknown").toString())
                .contains(
                        "whether and when leases were renewed",
                        "owners, times and results of the attempts before the last one",
                        "earlier values of each checkpoint");
        assertThat(json.path("journal").textValue()).isEqualTo("off");
    }

    @Test
    void aRecordWithoutItsResultIsToldWithWhatToDoAndWhoSuppliedIt() {
        for (boolean journal : List.of(false, true)) {
            RecordId id = CliDatabase.id("lost-" + journal);
            if (journal) {
                journal();
            }
            var unused = store.complete(CliDatabase.claim(store, id), CliDatabase.tooLarge());
            JsonNode before = explain("--id", id.toUuid().toString());
            assertThat(before.path("now").textValue()).contains("result unavailable: result-too-large");
            assertThat(before.path("options").path(0).textValue())
                    .contains("without a run", "toolgate resolve --id " + id.toUuid() + " --completed-file FILE");
            assertThat(before.path("options").path(1).textValue())
                    .contains("once more", "toolgate retire --id " + id.toUuid());
            var unused2 = database.cli(
                            "resolve",
                            "--id",
                            id.toUuid().toString(),
                            "--null",
                            "--codec",
                            "text/1",
                            "--reason",
                            "the portal says so",
                            "--operator",
                            "ada",
                            "--yes")
                    .done();
            JsonNode after = explain("--id", id.toUuid().toString());
            assertThat(texts(after)).last().isEqualTo("ada supplied its result. Reason: the portal says so");
            assertThat(after.path("now").textValue()).contains("a null result (text/1)");
        }
    }

    @Test
    void theTextOutputShowsDurationsBetweenEvents() {
        journal();
        killedProbedResolved();
        String out = database.cli("explain", "order-981").done().out();
        assertThat(out)
                .contains("tenant-42", "charge-card", "orde…" + ID.toUuid(), "host-b took it over: attempt 2")
                // The records' clock is the real one, moved by the test: milliseconds of the machine's come on top or
                // go off.
                .containsPattern("\\+(49\\.9|50\\.\\d) s")
                .containsPattern("\\+(9\\.9|10\\.\\d) s")
                .contains("Now: rejected")
                .doesNotContain("order-981")
                .doesNotContain("secret-value")
                .doesNotContain("cannot be known");
        assertThat(database.cli("explain", "order-981", "--show-keys").out()).contains("order-981");
        var unused = database.cli("journal", "off").done();
        database.run("DELETE FROM tg_idempotency_journal");
        assertThat(database.cli("explain", "order-981").done().out())
                .contains("The journal is off, so this cannot be known:");
    }

    @Test
    void aDoubtShowsTheNextCommands() {
        var unused = CliDatabase.claim(store, ID);
        JsonNode running = explain("order-981");
        assertThat(running.path("now").textValue()).startsWith("attempt 1 of owner-1 is running, leased until");
        database.advance(STEP);
        JsonNode expired = explain("order-981");
        assertThat(events(expired)).containsExactly("claimed", "vanished");
        assertThat(expired.path("now").textValue()).contains("it is unknown whether attempt 1 had its effect");
        assertThat(expired.path("options").toString())
                .contains("reconcile", "--completed-file FILE", "--rejected CODE", "--retry", "--id " + ID.toUuid());
        assertThat(store.claim(CliDatabase.request(ID, "host-b", OnUnknown.HOLD)))
                .isInstanceOf(ClaimOutcome.InDoubt.class);
        JsonNode doubtful = explain("order-981");
        assertThat(events(doubtful)).containsExactly("claimed", "vanished", "in doubt");
        assertThat(doubtful.path("now").textValue())
                .startsWith("in doubt, for ")
                .contains("owner-vanished");
    }

    @Test
    void aLateResultOfADoubtIsShownWithAJournal() {
        journal();
        Lease lease = CliDatabase.claim(store, ID);
        database.advance(STEP);
        assertThat(store.claim(CliDatabase.request(ID, "host-b", OnUnknown.HOLD)))
                .isInstanceOf(ClaimOutcome.InDoubt.class);
        var unused = store.complete(lease, CliDatabase.text("receipt"));
        JsonNode json = explain("order-981");
        assertThat(events(json)).containsExactly("claimed", "vanished", "in doubt", "completed");
        assertThat(texts(json).get(3)).isEqualTo("a late result from owner-1 ended the doubt: completed");
        assertThat(json.path("now").textValue())
                .contains("a result of 7 bytes (text/1)")
                .contains("Retained at least until");
    }

    @Test
    void anExpiredOwnerIsShownWithAJournalToo() {
        journal();
        Lease lease = CliDatabase.claim(store, ID, "host-a", OnUnknown.RERUN);
        database.advance(Duration.ofSeconds(20));
        var unused = store.heartbeat(Set.of(lease), CliDatabase.LEASE);
        assertThat(events(explain("order-981"))).containsExactly("claimed");
        database.advance(STEP);
        JsonNode json = explain("order-981");
        assertThat(events(json)).containsExactly("claimed", "renewed", "vanished");
        assertThat(texts(json).get(2)).isEqualTo("the lease of host-a ended without a result");
        inTimeOrder(json);
        assertThat(json.path("unknown")).isEmpty();
    }

    @Test
    void aJournalThatStartsWithARetirementNumbersAttemptsFromIt() {
        var unused = store.complete(CliDatabase.claim(store, ID), CliDatabase.text("receipt"));
        database.advance(STEP);
        journal();
        var unused2 = database.cli("retire", "order-981", "--reason", "refunded", "--yes")
                .done();
        JsonNode json = explain("order-981");
        assertThat(events(json)).containsExactly("created", "retired");
        assertThat(json.path("events").path(0).path("fence").longValue()).isEqualTo(1);
    }

    @Test
    void aKeyThatAFailureQuotesIsMaskedThereToo() {
        var unused = store.fail(CliDatabase.claim(store, ID), Failure.unknown("timeout", "order-981 timed out"));
        for (boolean journal : new boolean[] {false, true}) {
            if (journal) {
                journal();
            }
            String shown = database.cli("explain", "order-981").done().out();
            assertThat(shown).doesNotContain("order-981").contains("orde…" + ID.toUuid() + " timed out");
            assertThat(database.cli("explain", "order-981", "--json").done().out())
                    .doesNotContain("order-981");
            assertThat(database.cli("list", "--state", "in-doubt").done().out()).doesNotContain("order-981");
            assertThat(database.cli("list", "--state", "in-doubt", "--json")
                            .done()
                            .out())
                    .doesNotContain("order-981");
            assertThat(database.cli("explain", "order-981", "--show-keys")
                            .done()
                            .out())
                    .contains("order-981 timed out");
        }
    }

    @Test
    void aQuarantinedKeyIsShownAsNotProbed() {
        Lease lease = CliDatabase.claim(store, ID);
        var unused = store.fail(
                lease, Failure.of(Failure.Kind.UNKNOWN, Failure.Codes.QUARANTINED, "all 5 attempts are used up"));
        JsonNode json = explain("order-981");
        assertThat(events(json)).containsExactly("claimed", "quarantined");
        assertThat(json.path("now").textValue()).startsWith("quarantined, for ").contains("all 5 attempts");
        assertThat(json.path("options").toString()).doesNotContain("reconcile").contains("--retry");
    }

    @Test
    void theAttemptsOfARetiredKeyAreCountedOnLikeThoseThatLogsAndListenersName() {
        for (boolean journal : new boolean[] {false, true}) {
            RecordId id = CliDatabase.id("again-" + journal);
            if (journal) {
                journal();
            }
            var unused = store.complete(CliDatabase.claim(store, id), CliDatabase.text("receipt"));
            database.advance(STEP);
            var unused2 = database.cli("retire", id.key(), "--reason", "refunded", "--yes")
                    .done();
            assertThat(explain(id.key()).path("now").textValue())
                    .startsWith("retired; the next call begins a new record");
            database.advance(STEP);
            var unused3 = CliDatabase.claim(store, id, "host-b", OnUnknown.HOLD);
            JsonNode json = explain(id.key());
            assertThat(events(json)).containsExactly("claimed", "completed", "retired", "claimed");
            assertThat(texts(json).get(2)).contains("on-call retired it").contains("refunded");
            assertThat(texts(json).get(3)).contains("host-b").contains("attempt 2");
            assertThat(json.path("now").textValue()).startsWith("attempt 2 of host-b is running");
        }
    }

    @Test
    void aJournalThatWasOffMeanwhileSaysSo() {
        var unused = CliDatabase.claim(store, ID);
        database.advance(STEP);
        journal();
        Lease second = CliDatabase.claim(store, ID, "host-b", OnUnknown.RERUN);
        var unused2 = database.cli("journal", "off").done();
        var unused3 = store.fail(second, Failure.unknown("timeout", ""));
        database.advance(STEP);
        var unused4 = database.cli("resolve", "order-981", "--retry", "--reason", "not there", "--yes")
                .done();
        JsonNode json = explain("order-981");
        assertThat(texts(json))
                .contains("host-b took it over: attempt 2, leased for 30.0 s")
                .anyMatch(text -> text.contains("on-call resolved it as not executed"));
        assertThat(json.path("unknown").toString()).contains("what happened before", "what happened after");
        inTimeOrder(json);
    }

    @Test
    void aKeyIsFoundByItsIdAndAmongTenantsByName() {
        RecordId other = RecordId.of("tenant-43", "charge-card", "order-981");
        var unused = CliDatabase.claim(store, ID);
        var unused2 = CliDatabase.claim(store, other);
        CliResult both = database.cli("explain", "order-981");
        both.refused(
                "several tenants or actions have this key",
                "tenant-42/charge-card",
                "tenant-43/charge-card",
                other.toUuid().toString());
        assertThat(explain("order-981", "--tenant", "tenant-43")
                        .path("record_id")
                        .textValue())
                .isEqualTo(other.toUuid().toString());
        assertThat(explain("order-981", "--tenant", "tenant-43", "--action", "charge-card")
                        .path("tenant")
                        .textValue())
                .isEqualTo("tenant-43");
        assertThat(explain("--id", ID.toUuid().toString()).path("tenant").textValue())
                .isEqualTo("tenant-42");
        database.cli("explain", "--id", "12").refused("32 hexadecimal digits");
        database.cli("explain", "order-981", "--id", ID.toUuid().toString()).refused("not both");
        database.cli("explain", "--id", ID.toUuid().toString(), "--tenant", "x")
                .refused("--id names the record already");
        database.cli("explain", "nobodys").refused("no record and no history entry has this key");
        database.cli("explain", "order-981", "--tenant", "x").refused("with this tenant or action");
        database.cli("explain", "nobodys", "--tenant", "x", "--action", "y")
                .refused("the store has nothing about this key");
        database.cli("explain", "\ud800", "--tenant", "x", "--action", "y").refused("surrogate");
    }

    @Test
    void theRemainingHistoryOfAPurgedKeyIsShown() {
        journal();
        var unused = store.complete(CliDatabase.claim(store, ID), CliDatabase.text("receipt"));
        database.advance(Duration.ofHours(3));
        assertThat(store.purge(10)).isEqualTo(1);
        JsonNode json = explain("--id", ID.toUuid().toString());
        assertThat(events(json)).containsExactly("claimed", "completed");
        assertThat(json.path("tenant").isNull()).isTrue();
        assertThat(json.path("now").textValue()).startsWith("there is no record any more");
    }
}
